//===- CanonicalizeTensors.cpp - Exact simplifications on tensors ---------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionOps.h"
#include "RowOps.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

#include <cmath>
#include <limits>
#include <optional>

using namespace mlir;
using namespace mlir::posenc;

//===----------------------------------------------------------------------===//
// Regions of attention
//===----------------------------------------------------------------------===//

namespace {
/// A region that yields its first argument -> no region.
struct DropIdentityRegions final : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AttentionOp op, PatternRewriter &rewriter) const override {
    bool changed = false;
    for (Region &region : op->getRegions()) {
      if (region.empty())
        continue;
      Block &block = region.front();
      auto yield = cast<YieldOp>(block.getTerminator());
      if (yield.getValue() != block.getArgument(0))
        continue;
      rewriter.modifyOpInPlace(op, [&] {
        region.dropAllReferences();
        rewriter.eraseBlock(&block);
      });
      changed = true;
    }
    return success(changed);
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Scale
//===----------------------------------------------------------------------===//

/// The constant of `value`: a scalar, or an input of the generic that is a
/// splat.
static std::optional<APFloat> getScalarConstant(linalg::GenericOp op, Value value) {
  FloatAttr scalar;
  if (matchPattern(value, m_Constant(&scalar)))
    return scalar.getValue();
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != op.getBody())
    return std::nullopt;
  DenseFPElementsAttr splat;
  Value input = op->getOperand(argument.getArgNumber());
  if (op.isDpsInit(&op->getOpOperand(argument.getArgNumber())) ||
      !matchPattern(input, m_Constant(&splat)) || !splat.isSplat())
    return std::nullopt;
  return splat.getSplatValue<APFloat>();
}

/// A value that is a tensor times a power of two.
struct ScaledTensor {
  Value source;
  double factor;
};

/// Matches an element-wise x · c or x / c, c a power of two. Such a factor
/// changes the exponent only, so it commutes with the rounding of sums.
static std::optional<ScaledTensor> matchScaled(Value value) {
  auto op = value.getDefiningOp<linalg::GenericOp>();
  if (!op || !op.hasPureTensorSemantics() || op.getNumDpsInits() != 1 ||
      op.getNumParallelLoops() != op.getNumLoops())
    return std::nullopt;
  auto yield = cast<linalg::YieldOp>(op.getBody()->getTerminator());
  Operation *scaling = yield.getOperand(0).getDefiningOp();
  if (!isa_and_nonnull<arith::MulFOp, arith::DivFOp>(scaling) ||
      scaling->getBlock() != op.getBody())
    return std::nullopt;
  for (int side : {0, 1}) {
    if (side == 1 && isa<arith::DivFOp>(scaling))
      break;
    auto x = dyn_cast<BlockArgument>(scaling->getOperand(side));
    std::optional<APFloat> c = getScalarConstant(op, scaling->getOperand(1 - side));
    if (!x || x.getOwner() != op.getBody() || !c ||
        c->getExactLog2Abs() == std::numeric_limits<int>::min())
      continue;
    OpOperand &source = op->getOpOperand(x.getArgNumber());
    if (op.isDpsInit(&source) || source.get().getType() != value.getType() ||
        op.getMatchingIndexingMap(&source) !=
            op.getMatchingIndexingMap(op.getDpsInitOperand(0)))
      continue;
    double factor = c->convertToDouble();
    return ScaledTensor{source.get(), isa<arith::DivFOp>(scaling) ? 1 / factor : factor};
  }
  return std::nullopt;
}

namespace {
/// attention(q · c, k) -> attention(q, k) with scale · c, c a power of two; the
/// same for k.
struct FoldScale final : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AttentionOp op, PatternRewriter &rewriter) const override {
    // In f16 the scaled tensor may overflow or lose bits below 2^-14.
    if (!op.hasPureTensor() || op.getElementType().isF16())
      return failure();
    return success(fold(op, op.getQMutable(), op.getQRows(), rewriter) ||
                   fold(op, op.getKMutable(), op.getKRows(), rewriter));
  }

  static bool fold(AttentionOp op, OpOperand &operand, Region &rows,
                   PatternRewriter &rewriter) {
    std::optional<ScaledTensor> scaled = matchScaled(operand.get());
    if (!scaled || !rowops::isLinearRowRegion(rows))
      return false;
    APFloat scale = op.getScale();
    APFloat factor(scaled->factor);
    bool lossy;
    factor.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven, &lossy);
    if (lossy || scale.multiply(factor, APFloat::rmNearestTiesToEven) != APFloat::opOK ||
        scale.isDenormal())
      return false;
    rewriter.modifyOpInPlace(op, [&] {
      op.setScaleAttr(FloatAttr::get(rewriter.getF32Type(), scale));
      operand.set(scaled->source);
    });
    return true;
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

/// The offset of positions that count up; an empty value for none, failure if
/// these are no such positions.
static FailureOr<Value> getCountingOffset(Value positions) {
  auto producer = positions ? positions.getDefiningOp<PositionsOp>() : PositionsOp();
  // bottom_right becomes an offset of its own accord.
  if (!producer || producer.getBottomRight())
    return failure();
  // i32 positions may wrap, f32 ones are of another type than an index.
  Type element = producer.getType().getElementType();
  if (!isa<IndexType>(element) && !element.isInteger(64))
    return failure();
  return producer.getOffset();
}

/// Replaces positions that count up by their offset, for attention and
/// score_map alike.
template <typename OpTy>
static LogicalResult usePositionOffset(OpTy op, PatternRewriter &rewriter) {
  // Each range is asked for anew: it keeps the segment sizes of its birth.
  FailureOr<Value> q = getCountingOffset(op.getQPositions());
  FailureOr<Value> k = getCountingOffset(op.getKPositions());
  if (failed(q) && failed(k))
    return failure();
  rewriter.modifyOpInPlace(op, [&] {
    if (succeeded(q)) {
      op.getQPositionsMutable().clear();
      if (*q)
        op.getQOffsetMutable().assign(*q);
    }
    if (succeeded(k)) {
      op.getKPositionsMutable().clear();
      if (*k)
        op.getKOffsetMutable().assign(*k);
    }
  });
  return success();
}

namespace {
template <typename OpTy> struct UsePositionOffset final : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &rewriter) const override {
    return usePositionOffset(op, rewriter);
  }
};

/// bottom_right(n) -> offset(n − T), which the others know.
struct BottomRightIsOffset final : OpRewritePattern<PositionsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(PositionsOp op, PatternRewriter &rewriter) const override {
    if (!op.getBottomRight())
      return failure();
    Value offset = op.buildOffset(rewriter);
    rewriter.modifyOpInPlace(op, [&] {
      op.getBottomRightMutable().clear();
      op.getOffsetMutable().assign(offset);
    });
    return success();
  }
};

/// The positions that are multiplied by one power of two, as f32 tensors, and that
/// factor: p · c or p / c.
static std::optional<ScaledTensor> matchInterpolation(Value positions) {
  Operation *op = positions.getDefiningOp();
  DenseFPElementsAttr splat;
  if (isa_and_nonnull<arith::MulFOp, arith::DivFOp>(op) &&
      matchPattern(op->getOperand(1), m_Constant(&splat)) && splat.isSplat()) {
    APFloat c = splat.getSplatValue<APFloat>();
    if (c.getExactLog2Abs() == std::numeric_limits<int>::min())
      return std::nullopt;
    double factor = c.convertToDouble();
    return ScaledTensor{op->getOperand(0), isa<arith::DivFOp>(op) ? 1 / factor : factor};
  }
  return matchScaled(positions);
}

/// angles(p · c) by(w) -> angles(p) by(w · c), position interpolation as linear
/// scaling of the frequencies, for c a power of two: both round alike. Integer
/// positions are read as such.
struct InterpolateFrequencies final : OpRewritePattern<AnglesOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AnglesOp op, PatternRewriter &rewriter) const override {
    std::optional<ScaledTensor> scaled = matchInterpolation(op.getPositions());
    auto type = dyn_cast<RankedTensorType>(op.getInvFreq().getType());
    // Neither very small frequencies nor their low parts may become denormal.
    if (!scaled || !type || !type.hasStaticShape() || std::abs(scaled->factor) < 0x1p-16 ||
        std::abs(scaled->factor) > 0x1p16)
      return failure();
    Value factor = arith::ConstantOp::create(
        rewriter, op.getLoc(), DenseElementsAttr::get(type, float(scaled->factor)));
    Value freq = arith::MulFOp::create(rewriter, op.getLoc(), op.getInvFreq(), factor);
    Value positions = scaled->source;
    if (auto cast = positions.getDefiningOp<arith::SIToFPOp>())
      if (Type element = getElementTypeOrSelf(cast.getIn());
          element.isInteger(32) || element.isInteger(64))
        positions = cast.getIn();
    rewriter.modifyOpInPlace(op, [&] {
      op.getPositionsMutable().set(positions);
      op.getInvFreqMutable().set(freq);
    });
    return success();
  }
};

/// lookup of 0, 1, … -> the table's first rows.
struct LookupOfIota final : OpRewritePattern<LookupOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(LookupOp op, PatternRewriter &rewriter) const override {
    auto positions = op.getPositions().getDefiningOp<PositionsOp>();
    auto table = cast<RankedTensorType>(op.getTable().getType());
    auto result = cast<RankedTensorType>(op.getType());
    if (!positions || positions.getOffset() || positions.getBottomRight() ||
        positions.getSize() || !table.hasStaticShape() || !result.hasStaticShape() ||
        result.getDimSize(0) > table.getDimSize(0))
      return failure();
    SmallVector<OpFoldResult> offsets(2, rewriter.getIndexAttr(0));
    SmallVector<OpFoldResult> strides(2, rewriter.getIndexAttr(1));
    SmallVector<OpFoldResult> sizes =
        getAsIndexOpFoldResult(rewriter.getContext(), result.getShape());
    rewriter.replaceOpWithNewOp<tensor::ExtractSliceOp>(op, result, op.getTable(), offsets,
                                                        sizes, strides);
    return success();
  }
};
} // namespace

void AttentionOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *ctx) {
  patterns.add<DropIdentityRegions, FoldScale, UsePositionOffset<AttentionOp>>(ctx);
  rowops::addAttentionPatterns(patterns);
  regionops::addCastFolding(patterns);
}

void ScoreMapOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *ctx) {
  patterns.add<UsePositionOffset<ScoreMapOp>>(ctx);
}

void AnglesOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *ctx) {
  patterns.add<InterpolateFrequencies>(ctx);
}

void PositionsOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *ctx) {
  patterns.add<BottomRightIsOffset>(ctx);
}

void LookupOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *ctx) {
  patterns.add<LookupOfIota>(ctx);
}
