//===- Layout.cpp - Operands and results as strides of stored tensors -----===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/STLExtras.h"

#include <numeric>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;

namespace {
/// How one dimension of a stored tensor is made of axes: offset + the axes in
/// row-major order, outermost first.
struct StoredDim {
  SmallVector<unsigned, 4> axes;
  int64_t offset = 0;
  bool sliced = false;
};
} // namespace

static Expr productOf(ExprContext &cx, ArrayRef<unsigned> axes, const OperandView &view) {
  Expr product = cx.intConst(1);
  for (unsigned a : axes)
    product = cx.mul(product, view.axes[a].extent);
  return product;
}

/// Explains `index` as a row-major index of some axes, in some order.
static std::optional<StoredDim> explain(ExprContext &cx, PullBack &pull, Expr index,
                                        Expr extent, const OperandView &view) {
  SmallVector<unsigned, 4> used;
  for (unsigned a = 0; a < 4; ++a)
    if (index->vars & view.axes[a].index->vars)
      used.push_back(a);
  do {
    Expr flat = cx.intConst(0);
    for (unsigned a : used)
      flat = cx.add(cx.mul(flat, view.axes[a].extent), view.axes[a].index);
    Expr offset = cx.sub(index, flat);
    if (offset->kind != Kind::IntConst || offset->num < 0)
      continue;
    Expr covered = productOf(cx, used, view);
    bool whole = pull.sameExtent(covered, extent) && offset->num == 0;
    return StoredDim{used, offset->num, !whole};
  } while (std::next_permutation(used.begin(), used.end()));
  return std::nullopt;
}

static int64_t staticOr(Expr e) {
  return e->kind == Kind::IntConst ? e->num : ShapedType::kDynamic;
}

/// Cuts out what the operand reads, where that is not all.
static Value sliceDims(ExprContext &cx, Emitter &emitter, Location loc, Value tensor,
                       ArrayRef<StoredDim> dims, const OperandView &view) {
  if (llvm::none_of(dims, [](const StoredDim &d) { return d.sliced; }))
    return tensor;
  OpBuilder &builder = emitter.getBuilder();
  SmallVector<OpFoldResult> offsets, sizes;
  SmallVector<OpFoldResult> strides(dims.size(), builder.getIndexAttr(1));
  for (auto [i, dim] : llvm::enumerate(dims)) {
    offsets.push_back(builder.getIndexAttr(dim.offset));
    sizes.push_back(emitter.fold(productOf(cx, dim.axes, view)));
  }
  return tensor::ExtractSliceOp::create(builder, loc, tensor, offsets, sizes, strides);
}

/// Merges dimensions that no axis runs along into a neighbour.
static Value dropUnitDims(OpBuilder &builder, Location loc, Value tensor,
                          SmallVectorImpl<StoredDim> &dims) {
  SmallVector<ReassociationIndices> groups;
  SmallVector<StoredDim> kept;
  ReassociationIndices pending;
  for (auto [i, dim] : llvm::enumerate(dims)) {
    if (dim.axes.empty() && !groups.empty()) {
      groups.back().push_back(i);
      continue;
    }
    pending.push_back(i);
    if (dim.axes.empty())
      continue;
    groups.push_back(pending);
    kept.push_back(dim);
    pending.clear();
  }
  if (groups.empty() || kept.size() == dims.size())
    return tensor;
  dims = kept;
  return tensor::CollapseShapeOp::create(builder, loc, tensor, groups);
}

/// Axes of extent 1 that no dimension names go in front.
static void addMissingAxes(SmallVectorImpl<StoredDim> &dims) {
  SmallVector<bool, 4> present(4, false);
  for (StoredDim &dim : dims)
    for (unsigned a : dim.axes)
      present[a] = true;
  for (int a = 3; a >= 0; --a)
    if (!present[a])
      dims.front().axes.insert(dims.front().axes.begin(), a);
}

/// Splits each dimension into its axes.
static Value expandDims(Emitter &emitter, Location loc, Value tensor, ArrayRef<StoredDim> dims,
                        const OperandView &view) {
  OpBuilder &builder = emitter.getBuilder();
  if (llvm::all_of(dims, [](const StoredDim &d) { return d.axes.size() == 1; }))
    return tensor;
  SmallVector<ReassociationIndices> groups;
  SmallVector<OpFoldResult> sizes;
  SmallVector<int64_t> shape;
  for (const StoredDim &dim : dims) {
    ReassociationIndices &group = groups.emplace_back();
    for (unsigned a : dim.axes) {
      group.push_back(shape.size());
      shape.push_back(staticOr(view.axes[a].extent));
      sizes.push_back(emitter.fold(view.axes[a].extent));
    }
  }
  auto type = cast<RankedTensorType>(tensor.getType()).clone(shape);
  return tensor::ExpandShapeOp::create(builder, loc, type, tensor, groups, sizes);
}

/// The operand as a new tensor of order b h t d, element by element.
static StoredView materialise(ExprContext &cx, PullBack &pull, OpBuilder &builder, Location loc,
                              const OperandView &view) {
  Emitter outer(cx, pull, builder, loc);
  SmallVector<OpFoldResult> sizes;
  for (const Axis &axis : view.axes)
    sizes.push_back(outer.fold(axis.extent));
  Type element = cast<RankedTensorType>(view.read->value.getType()).getElementType();
  Value init = tensor::EmptyOp::create(builder, loc, sizes, element);
  SmallVector<utils::IteratorType> loops(4, utils::IteratorType::parallel);
  AffineMap map = builder.getMultiDimIdentityMap(4);
  auto generic = linalg::GenericOp::create(
      builder, loc, init.getType(), ValueRange(), init, map, loops,
      [&](OpBuilder &b, Location l, ValueRange) {
        Emitter emitter(cx, pull, b, l);
        for (auto [i, axis] : llvm::enumerate(view.axes))
          if (axis.index->kind != Kind::IntConst)
            emitter.bind(axis.index, linalg::IndexOp::create(b, l, i));
        linalg::YieldOp::create(b, l, emitter.emit(view.read));
      });
  return {generic.getResult(0), DimsAttr::getDefault(builder.getContext())};
}

/// Explains each index; none if an axis is missing, unless it has extent 1.
static std::optional<SmallVector<StoredDim>> explainAll(ExprContext &cx, PullBack &pull,
                                                        ArrayRef<Expr> indices,
                                                        ArrayRef<Expr> extents,
                                                        const OperandView &view) {
  SmallVector<StoredDim> dims;
  unsigned count[4] = {};
  for (auto [index, extent] : llvm::zip(indices, extents)) {
    std::optional<StoredDim> dim = explain(cx, pull, index, extent, view);
    if (!dim)
      return std::nullopt;
    for (unsigned a : dim->axes)
      ++count[a];
    dims.push_back(*dim);
  }
  for (unsigned a = 0; a < 4; ++a)
    if (count[a] != 1 && !(count[a] == 0 && view.axes[a].extent->isConst(1)))
      return std::nullopt;
  return dims;
}

static DimsAttr dimsOf(MLIRContext *ctx, ArrayRef<StoredDim> dims) {
  SmallVector<int64_t> perm(4);
  int64_t position = 0;
  for (const StoredDim &dim : dims)
    for (unsigned a : dim.axes)
      perm[a] = position++;
  return DimsAttr::get(ctx, perm);
}

StoredView mlir::posenc::raise::buildOperand(ExprContext &cx, PullBack &pull,
                                             OpBuilder &builder, Location loc,
                                             const OperandView &view) {
  Value stored = view.read->value;
  SmallVector<Expr> extents;
  for (size_t i = 0; i < view.read->ops.size(); ++i)
    extents.push_back(pull.extent(stored, i));
  auto dims = explainAll(cx, pull, view.read->ops, extents, view);
  if (!dims)
    return materialise(cx, pull, builder, loc, view);
  Emitter emitter(cx, pull, builder, loc);
  Value tensor = sliceDims(cx, emitter, loc, stored, *dims, view);
  tensor = dropUnitDims(builder, loc, tensor, *dims);
  addMissingAxes(*dims);
  tensor = expandDims(emitter, loc, tensor, *dims, view);
  return {tensor, dimsOf(builder.getContext(), *dims)};
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

/// The only operation that reads v, looking out of bodies; null if several do.
static Operation *singleReader(Value v) {
  Operation *reader = nullptr;
  for (Operation *user : v.getUsers()) {
    Operation *outer = user;
    if (auto generic = user->getParentOfType<linalg::GenericOp>())
      outer = generic;
    if (isa<tensor::DimOp>(user))
      continue;
    if (reader && reader != outer)
      return nullptr;
    reader = outer;
  }
  return reader;
}

/// The axes of the result, and its element by them.
static OperandView resultView(ExprContext &cx, const Attention &attention) {
  linalg::LinalgOp op = attention.contraction;
  SmallVector<Expr> indices;
  for (AffineExpr e : op.getMatchingIndexingMap(op.getDpsInitOperand(0)).getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(e);
    indices.push_back(dim ? attention.loops[dim.getPosition()] : cx.intConst(0));
  }
  return {cx.read(op->getResult(0), indices),
          {attention.batch, attention.head, attention.query, attention.valueChannel}};
}

/// The logical order that `v` stores the contraction's result in.
static DimsAttr orderOf(ExprContext &cx, PullBack &pull, const Attention &attention, Value v) {
  OperandView view = resultView(cx, attention);
  SmallVector<int64_t> order(4);
  std::iota(order.begin(), order.end(), 0);
  do { // order[dimension] = axis
    SmallVector<Expr> indices;
    bool fits = true;
    for (auto [dim, axis] : llvm::enumerate(order)) {
      indices.push_back(view.axes[axis].index);
      fits &= pull.sameExtent(pull.extent(v, dim), view.axes[axis].extent);
    }
    if (!fits || pull.element(v, indices, Depth::Layout) != view.read)
      continue;
    SmallVector<int64_t> perm(4);
    for (auto [dim, axis] : llvm::enumerate(order))
      perm[axis] = dim;
    return DimsAttr::get(v.getContext(), perm);
  } while (std::next_permutation(order.begin(), order.end()));
  return nullptr;
}

StoredView mlir::posenc::raise::findResult(ExprContext &cx, PullBack &pull,
                                           const Attention &attention) {
  StoredView found;
  Value v = attention.contraction->getResult(0);
  for (int steps = 0; steps < 8; ++steps) {
    auto type = cast<RankedTensorType>(v.getType());
    if (type.getRank() == 4)
      if (DimsAttr dims = orderOf(cx, pull, attention, v))
        found = {v, dims};
    Operation *next = singleReader(v);
    if (!next || next->getNumResults() != 1 ||
        next->getBlock() != attention.contraction->getBlock() ||
        !isa<RankedTensorType>(next->getResult(0).getType()))
      break;
    auto generic = dyn_cast<linalg::LinalgOp>(next);
    if (!(generic && generic.getNumReductionLoops() == 0) &&
        !isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::ReshapeOp, tensor::CastOp>(
            next))
      break;
    v = next->getResult(0);
  }
  return found;
}

StoredView mlir::posenc::raise::collapsedResult(ExprContext &cx, PullBack &pull,
                                                const Attention &attention,
                                                SmallVectorImpl<ReassociationIndices> &groups) {
  Value result = attention.contraction->getResult(0);
  OperandView view = resultView(cx, attention);
  SmallVector<Expr> extents;
  for (size_t i = 0; i < view.read->ops.size(); ++i)
    extents.push_back(pull.extent(result, i));
  auto dims = explainAll(cx, pull, view.read->ops, extents, view);
  if (!dims || dims->empty() ||
      llvm::any_of(*dims, [](const StoredDim &d) { return d.sliced || d.axes.empty(); }))
    return {};
  addMissingAxes(*dims);
  int64_t next = 0;
  for (const StoredDim &dim : *dims) {
    ReassociationIndices &group = groups.emplace_back();
    for (size_t i = 0; i < dim.axes.size(); ++i)
      group.push_back(next++);
  }
  return {result, dimsOf(result.getContext(), *dims)};
}

Value mlir::posenc::raise::buildContractionResult(ExprContext &cx, PullBack &pull,
                                                  OpBuilder &builder,
                                                  const Attention &attention, Value result) {
  linalg::LinalgOp op = attention.contraction;
  Location loc = op->getLoc();
  Emitter outer(cx, pull, builder, loc);
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  SmallVector<OpFoldResult> sizes;
  SmallVector<Expr> extents = pull.loopExtents(op);
  for (auto [i, e] : llvm::enumerate(map.getResults())) {
    auto dim = dyn_cast<AffineDimExpr>(e);
    sizes.push_back(outer.fold(dim ? extents[dim.getPosition()] : cx.intConst(1)));
  }
  Value init = tensor::EmptyOp::create(builder, loc, sizes, type.getElementType());
  SmallVector<utils::IteratorType> loops(type.getRank(), utils::IteratorType::parallel);
  auto generic =
      linalg::GenericOp::create(builder, loc, init.getType(), ValueRange(), init,
                                builder.getMultiDimIdentityMap(type.getRank()), loops,
                                [&](OpBuilder &b, Location l, ValueRange) {
                                  Emitter emitter(cx, pull, b, l);
                                  for (auto [i, e] : llvm::enumerate(map.getResults()))
                                    if (auto dim = dyn_cast<AffineDimExpr>(e)) {
                                      Expr own = attention.ownLoops[dim.getPosition()];
                                      if (own->kind == Kind::Var)
                                        emitter.bind(own, linalg::IndexOp::create(b, l, i));
                                    }
                                  SmallVector<Value> position;
                                  for (Expr axis : attention.byOwnLoops)
                                    position.push_back(emitter.emitIndex(axis));
                                  Value element =
                                      tensor::ExtractOp::create(b, l, result, position);
                                  linalg::YieldOp::create(b, l, element);
                                });
  Value value = generic.getResult(0);
  if (value.getType() != type)
    value = tensor::CastOp::create(builder, loc, type, value);
  return value;
}
