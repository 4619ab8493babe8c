//===- WidenLowRank.cpp - Factors of a low rank as channels of q and k ----===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Transforms/Passes.h"

#include "ScoreSlice.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

#include <cmath>

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCWIDENLOWRANK
#include "posenc/Dialect/PosEnc/Transforms/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;

namespace {
/// Works on one attention and its bias.
class Widener {
public:
  Widener(IRRewriter &rewriter, AttentionOp op, BiasLowRankOp bias)
      : rewriter(rewriter), op(op), bias(bias), block(op.getScore().front()),
        loc(bias.getLoc()) {}

  /// Why the bias stays; empty if it can be widened. Finds the rest.
  StringRef findObstacle();
  void widen();

private:
  bool hasExactFactor();
  Value buildWider(Value rows, DimsAttr dims, Value factor, ValueRange at, double times,
                   bool isQuery);

  IRRewriter &rewriter;
  AttentionOp op;
  BiasLowRankOp bias;
  Block &block;
  Location loc;
  int64_t rank = 0;
  double ratio = 1.0; ///< w / scale
};
} // namespace

/// w / scale as a power of two, so that a product with it is exact.
bool Widener::hasExactFactor() {
  double weight = 1.0, scale = op.getScale().convertToDouble();
  if (bias.getWeight()) {
    APFloat value(0.0f);
    if (!matchPattern(bias.getWeight(), m_ConstantFloat(&value)))
      return false;
    weight = value.convertToDouble();
  }
  ratio = weight / scale;
  int exponent;
  return std::isfinite(ratio) && std::abs(std::frexp(ratio, &exponent)) == 0.5 &&
         std::abs(exponent) < 64;
}

/// Rotations of rows name their channels; nothing else is known to leave more
/// channels alone.
static bool isOfRotations(Region &region) {
  return region.empty() || llvm::all_of(region.front().without_terminator(), [](Operation &op) {
           return isa<RotateOp>(op) || !isa<RowTransformOpInterface>(op);
         });
}

StringRef Widener::findObstacle() {
  if (bias.getScore() != block.getArgument(0) || !block.getArgument(0).hasOneUse())
    return "it does not change the raw score, or something else reads that";
  if (!hasExactFactor())
    return "its weight over the scale is no known power of two";
  if (op.getElementType().isF16() && std::abs(ratio) != 1.0)
    return "f16 may not hold its factor times the weight over the scale";
  auto u = cast<ShapedType>(bias.getU().getType()), v = cast<ShapedType>(bias.getV().getType());
  rank = ShapedType::isDynamic(u.getShape().back()) ? v.getShape().back() : u.getShape().back();
  if (ShapedType::isDynamic(rank) || rank == 0)
    return "its rank is not known";
  if (u.getElementType() != op.getElementType() || v.getElementType() != op.getElementType())
    return "its factors have another element type than q";
  using L = AttentionOp::Logical;
  if (ShapedType::isDynamic(op.getQueryExtent(L::Channel)) &&
      ShapedType::isDynamic(op.getKeyExtent(L::Channel)))
    return "the head size is not known";
  int64_t heads = op.getQueryExtent(L::Head), keyHeads = op.getKeyExtent(L::Head);
  bool grouped = heads != keyHeads || ShapedType::isDynamic(heads);
  auto only = [&](ValueRange values, ArrayRef<unsigned> arguments) {
    return llvm::all_of(values, [&](Value v) { return dependsOnlyOn(v, block, arguments); });
  };
  // Arguments: score, b, h, m, n.
  bool separable = only(bias.getUAt(), {1, 2, 3}) &&
                   (grouped ? only(bias.getVAt(), {1, 4}) : only(bias.getVAt(), {1, 2, 4}));
  auto inside = [&](Value tensor) {
    return op.getScore().isAncestor(tensor.getParentRegion());
  };
  if (!separable || inside(bias.getU()) || inside(bias.getV()))
    return "its factors are not one of the query and one of the key and key head";
  if (!isOfRotations(op.getQRows()) || !isOfRotations(op.getKRows()))
    return "q or k pass through rows that are no rotations";
  return "";
}

/// [rows, times · factor] along the channels.
Value Widener::buildWider(Value rows, DimsAttr dims, Value factor, ValueRange at, double times,
                          bool isQuery) {
  auto type = cast<RankedTensorType>(rows.getType());
  int64_t channelDim = dims.dimOf(AttentionOp::Channel);
  int64_t channels = op.getQueryExtent(AttentionOp::Channel);
  if (ShapedType::isDynamic(channels))
    channels = op.getKeyExtent(AttentionOp::Channel);
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, loc, rows);
  sizes[channelDim] = rewriter.getIndexAttr(channels + rank);
  Value init = tensor::EmptyOp::create(rewriter, loc, sizes, type.getElementType());
  SmallVector<utils::IteratorType> loops(4, utils::IteratorType::parallel);
  auto body = [&](OpBuilder &b, Location l, ValueRange) {
    SmallVector<Value> stored;
    for (unsigned loop = 0; loop < 4; ++loop)
      stored.push_back(linalg::IndexOp::create(b, l, loop));
    auto logical = [&](AttentionOp::Logical which) { return stored[dims.dimOf(which)]; };
    auto index = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(b, l, value);
    };
    Value d = stored[channelDim], zero = index(0), end = index(channels);
    Value isRow = arith::CmpIOp::create(b, l, arith::CmpIPredicate::slt, d, end);
    SmallVector<Value> indices(stored);
    indices[channelDim] = arith::SelectOp::create(b, l, isRow, d, zero);
    Value row = tensor::ExtractOp::create(b, l, rows, indices);
    Value t = logical(AttentionOp::Seq);
    ScorePoint point{Value(), logical(AttentionOp::Batch), logical(AttentionOp::Head),
                     isQuery ? t : zero, isQuery ? zero : t};
    point.score = arith::ConstantOp::create(b, l, b.getF32FloatAttr(0.0f));
    SmallVector<Value> source;
    for (Value value : at)
      source.push_back(buildScoreSlice(b, l, op, value, Value(), point));
    Value r = arith::SubIOp::create(b, l, d, end);
    source.push_back(arith::SelectOp::create(b, l, isRow, zero, r));
    Value part = tensor::ExtractOp::create(b, l, factor, source);
    if (times != 1.0) {
      Value by = arith::ConstantOp::create(b, l, b.getFloatAttr(type.getElementType(), times));
      part = arith::MulFOp::create(b, l, part, by);
    }
    linalg::YieldOp::create(b, l, arith::SelectOp::create(b, l, isRow, row, part).getResult());
  };
  auto wider = linalg::GenericOp::create(rewriter, loc, init.getType(), ValueRange{}, init,
                                         rewriter.getMultiDimIdentityMap(4), loops, body);
  return wider.getResult(0);
}

void Widener::widen() {
  rewriter.setInsertionPoint(op);
  Value q = buildWider(op.getQ(), op.getQDims(), bias.getU(), bias.getUAt(), ratio, true);
  Value k = buildWider(op.getK(), op.getKDims(), bias.getV(), bias.getVAt(), 1.0, false);
  rewriter.modifyOpInPlace(op, [&] {
    op.getQMutable().assign(q);
    op.getKMutable().assign(k);
  });
  rewriter.replaceOp(bias, bias.getScore());
  eraseDeadOps(rewriter, block);
}

namespace {
struct WidenLowRank final : posenc::impl::PosEncWidenLowRankBase<WidenLowRank> {
  using Base::Base;

  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<std::pair<AttentionOp, BiasLowRankOp>> found;
    getOperation()->walk([&](AttentionOp op) {
      if (op.hasScore() && op.hasPureTensor())
        for (auto bias : op.getScore().front().getOps<BiasLowRankOp>())
          found.push_back({op, bias});
    });
    for (auto [op, bias] : found) {
      Widener widener(rewriter, op, bias);
      StringRef obstacle = widener.findObstacle();
      if (obstacle.empty())
        widener.widen();
      else
        missed(op, bias, obstacle);
    }
  }

  static void missed(AttentionOp op, BiasLowRankOp bias, StringRef obstacle) {
    auto function = op->getParentOfType<FunctionOpInterface>();
    remark::missed(bias.getLoc(), remark::RemarkOpts::name("low-rank")
                                      .category("posenc-widen-lowrank")
                                      .function(function ? function.getName() : StringRef()))
        << remark::reason("{0}", "q and k are not widened: " + obstacle.str());
  }
};
} // namespace
