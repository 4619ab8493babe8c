//===- ProductTensors.cpp - Rows and tables as tensors --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Product.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;

namespace {
/// A dimension of the tensor once merged axes are apart, and where it is read.
struct Piece {
  Expr index, extent;
  Expr known; ///< the extent, as far as it is known where loops run
};

/// What is done to a stored tensor to read it along the channel.
struct Plan {
  SmallVector<Piece> pieces;
  SmallVector<ReassociationIndices> groups; ///< of pieces, by stored dimension
  int64_t channel = -1, row = -1;           ///< pieces
  int64_t channelOffset = 0;

  bool isNamed(int64_t piece) const { return piece == channel || piece == row; }
};
} // namespace

static bool isPosition(const Attention &attention, Expr e) {
  return e->vars & (attention.query.index->vars | attention.key.index->vars);
}

/// Splits a merged index: whatever axis it counts innermost comes off.
static SmallVector<Piece> split(ExprContext &cx, Piece whole, ArrayRef<Axis> axes) {
  SmallVector<Piece> inner;
  for (bool changed = true; changed;) {
    changed = false;
    for (const Axis &axis : axes) {
      if (axis.index->kind != Kind::Var || !(whole.index->vars & axis.index->vars) ||
          whole.index == axis.index)
        continue;
      Expr left = cx.sub(whole.index, axis.index);
      Expr outer = cx.floorDiv(left, axis.extent);
      Expr outerKnown = cx.floorDiv(whole.known, axis.extent);
      if ((left->vars & axis.index->vars) || cx.mul(outer, axis.extent) != left ||
          cx.mul(outerKnown, axis.extent) != whole.known)
        continue;
      inner.push_back({axis.index, axis.extent, axis.extent});
      whole = {outer, cx.floorDiv(whole.extent, axis.extent), outerKnown};
      changed = true;
    }
  }
  inner.push_back(whole);
  return SmallVector<Piece>(llvm::reverse(inner));
}

static std::optional<Plan> makePlan(ExprContext &cx, PullBack &pull, const Attention &attention,
                                    const Axis &channel, Expr read, bool isTable) {
  const Axis axes[] = {channel, attention.head, attention.batch, attention.query,
                       attention.key};
  Plan plan;
  for (auto [dim, index] : llvm::enumerate(read->ops)) {
    Piece whole{index, pull.extent(read->value, dim), pull.extentFormula(read->value, dim)};
    SmallVector<Piece> pieces = split(cx, whole, axes);
    ReassociationIndices &group = plan.groups.emplace_back();
    for (const Piece &piece : pieces) {
      int64_t number = plan.pieces.size();
      group.push_back(number);
      plan.pieces.push_back(piece);
      if (piece.index->vars & channel.index->vars) {
        Expr offset = cx.sub(piece.index, channel.index);
        if (plan.channel >= 0 || offset->kind != Kind::IntConst || offset->num < 0)
          return std::nullopt;
        plan.channel = number;
        plan.channelOffset = offset->num;
      } else if (isTable && isPosition(attention, piece.index)) {
        if (plan.row >= 0)
          return std::nullopt;
        plan.row = number;
      }
    }
  }
  bool found = plan.channel >= 0 && (!isTable || plan.row >= 0);
  return found ? std::optional<Plan>(plan) : std::nullopt;
}

static int64_t staticOr(Expr e) {
  return e->kind == Kind::IntConst ? e->num : ShapedType::kDynamic;
}

static Value expand(Emitter &emitter, Location loc, Value tensor, const Plan &plan) {
  if (plan.pieces.size() == plan.groups.size())
    return tensor;
  SmallVector<int64_t> shape;
  SmallVector<OpFoldResult> sizes;
  for (const Piece &piece : plan.pieces) {
    shape.push_back(staticOr(piece.extent));
    sizes.push_back(emitter.fold(piece.extent));
  }
  auto type = cast<RankedTensorType>(tensor.getType()).clone(shape);
  return tensor::ExpandShapeOp::create(emitter.getBuilder(), loc, type, tensor, plan.groups,
                                       sizes);
}

/// Cuts out the channels, and leaves out dimensions of extent 1.
static Value cut(Emitter &emitter, Location loc, Value tensor, const Plan &plan,
                 ArrayRef<bool> dropped, Expr channels) {
  bool whole = plan.channelOffset == 0 && plan.pieces[plan.channel].extent == channels;
  if (whole && llvm::none_of(dropped, [](bool d) { return d; }))
    return tensor;
  OpBuilder &builder = emitter.getBuilder();
  SmallVector<OpFoldResult> sizes, offsets(plan.pieces.size(), builder.getIndexAttr(0)),
      strides(plan.pieces.size(), builder.getIndexAttr(1));
  SmallVector<int64_t> shape;
  offsets[plan.channel] = builder.getIndexAttr(plan.channelOffset);
  for (auto [i, piece] : llvm::enumerate(plan.pieces)) {
    Expr size = int64_t(i) == plan.channel ? channels : piece.extent;
    sizes.push_back(emitter.fold(size));
    if (!dropped[i])
      shape.push_back(staticOr(size));
  }
  auto type = cast<RankedTensorType>(tensor.getType()).clone(shape);
  return tensor::ExtractSliceOp::create(builder, loc, type, tensor, offsets, sizes, strides);
}

/// The row first and the channel last; the rest keeps its order.
static Value transpose(OpBuilder &builder, Location loc, Value tensor, ArrayRef<int64_t> order) {
  if (llvm::is_sorted(order))
    return tensor;
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, tensor);
  SmallVector<OpFoldResult> permuted;
  for (int64_t i : order)
    permuted.push_back(sizes[i]);
  Type element = cast<RankedTensorType>(tensor.getType()).getElementType();
  Value init = tensor::EmptyOp::create(builder, loc, permuted, element);
  return linalg::TransposeOp::create(builder, loc, tensor, init, order)->getResult(0);
}

bool mlir::posenc::raise::canBuildProductTensor(ExprContext &cx, PullBack &pull,
                                                const Attention &attention,
                                                const Axis &channel, Expr read, bool isTable) {
  return makePlan(cx, pull, attention, channel, read, isTable).has_value();
}

ProductTensor mlir::posenc::raise::buildProductTensor(ExprContext &cx, PullBack &pull,
                                                      const Attention &attention,
                                                      const Axis &channel, Expr read,
                                                      bool isTable, OpBuilder &outside,
                                                      Location loc) {
  Plan plan = *makePlan(cx, pull, attention, channel, read, isTable);
  SmallVector<bool> dropped;
  for (auto [i, piece] : llvm::enumerate(plan.pieces))
    dropped.push_back(!plan.isNamed(i) && piece.extent->isConst(1));
  auto positionOf = [&](int64_t piece) {
    return piece - llvm::count(ArrayRef(dropped).take_front(piece), true);
  };
  SmallVector<int64_t> order;
  ProductTensor result;
  if (plan.row >= 0) {
    order.push_back(positionOf(plan.row));
    result.indices.push_back(plan.pieces[plan.row].index);
    result.rowExtent = plan.pieces[plan.row].extent;
  }
  for (auto [i, piece] : llvm::enumerate(plan.pieces)) {
    if (dropped[i] || plan.isNamed(i))
      continue;
    order.push_back(positionOf(i));
    result.indices.push_back(piece.index);
  }
  order.push_back(positionOf(plan.channel));
  Emitter emitter(cx, pull, outside, loc);
  result.tensor = expand(emitter, loc, read->value, plan);
  result.tensor = cut(emitter, loc, result.tensor, plan, dropped, channel.extent);
  result.tensor = transpose(outside, loc, result.tensor, order);
  return result;
}
