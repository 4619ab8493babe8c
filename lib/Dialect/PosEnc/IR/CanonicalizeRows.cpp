//===- CanonicalizeRows.cpp - Exact simplifications of row transforms -----===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RowOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::posenc;

static bool isSplat(Attribute attr, double value) {
  auto elements = dyn_cast_or_null<DenseFPElementsAttr>(attr);
  return elements && elements.isSplat() &&
         elements.getSplatValue<APFloat>().convertToDouble() == value;
}

bool rowops::isLinearRowRegion(Region &region) {
  return region.empty() || llvm::all_of(region.front(), [](Operation &op) {
           auto transform = dyn_cast<RowTransformOpInterface>(op);
           return transform ? transform.isLinear() : isPure(&op);
         });
}

//===----------------------------------------------------------------------===//
// rotate
//===----------------------------------------------------------------------===//

OpFoldResult RotateOp::fold(FoldAdaptor adaptor) {
  // A rotation by 0: cos 0 = 1, sin 0 = 0.
  ArrayRef<Attribute> angles = adaptor.getAngles();
  bool zero = angles.size() == 1 ? isSplat(angles[0], 0.0)
                                 : isSplat(angles[0], 1.0) && isSplat(angles[1], 0.0);
  if (zero && !getMagnitude() && getResultLayout() == getLayout())
    return getX();
  // The inverse of what was just done.
  auto inner = getX().getDefiningOp<RotateOp>();
  if (inner && isSamePlane(inner) && getInverse() != inner.getInverse() &&
      getAngles() == inner.getAngles())
    return inner.getX();
  return {};
}

/// Moves before what a table is computed from for all rows at once: the op itself, or
/// the attention whose row region it stands in. False if a table is not a tensor from
/// outside.
static bool moveBeforeRows(PatternRewriter &rewriter, Operation *op, bool isRow,
                           ValueRange tables) {
  bool outside = llvm::all_of(tables, [&](Value table) {
    return isa<TensorType>(table.getType()) &&
           (!isRow || !op->getParentRegion()->isAncestor(table.getParentRegion()));
  });
  if (outside)
    rewriter.setInsertionPoint(isRow ? op->getParentOp() : op);
  return outside;
}

namespace {
/// rotate b (rotate a (x)) -> rotate a + b (x), or b − a if one is an inverse.
struct AddAngles final : OpRewritePattern<RotateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RotateOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getX().getDefiningOp<RotateOp>();
    if (!inner || !inner->hasOneUse() || !op.isSamePlane(inner))
      return failure();
    Value a = inner.getAngles().front(), b = op.getAngles().front();
    OpBuilder::InsertionGuard guard(rewriter);
    if (!moveBeforeRows(rewriter, op, op.isRow(), {a, b}))
      return failure();
    Value sum;
    if (op.getInverse() == inner.getInverse())
      sum = arith::AddFOp::create(rewriter, op.getLoc(), b, a);
    else
      sum = arith::SubFOp::create(rewriter, op.getLoc(), b, a);
    rewriter.modifyOpInPlace(op, [&] {
      op.getXMutable().set(inner.getX());
      op.getAnglesMutable().assign(sum);
    });
    return success();
  }
};

/// Trailing channels of a known tensor -> channels from an offset on.
struct TrailingIsOffset final : OpRewritePattern<RotateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RotateOp op, PatternRewriter &rewriter) const override {
    int64_t channels = op.getNumChannels(), pairs = op.getNumPairs();
    if (!op.getTrailing() || ShapedType::isDynamic(channels) || ShapedType::isDynamic(pairs))
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      op.setTrailing(false);
      op.setChannelOffset(channels - 2 * pairs);
    });
    return success();
  }
};
} // namespace

void RotateOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *ctx) {
  patterns.add<AddAngles, TrailingIsOffset>(ctx);
  rowops::addRotationLayoutPatterns(patterns);
}

//===----------------------------------------------------------------------===//
// row_scale
//===----------------------------------------------------------------------===//

OpFoldResult RowScaleOp::fold(FoldAdaptor adaptor) {
  return isSplat(adaptor.getFactor(), 1.0) ? getX() : Value();
}

namespace {
/// row_scale g (row_scale f (x)) -> row_scale f · g (x).
struct MultiplyFactors final : OpRewritePattern<RowScaleOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RowScaleOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getX().getDefiningOp<RowScaleOp>();
    if (!inner || !inner->hasOneUse() || inner.getAt() != op.getAt() ||
        inner->getAttrDictionary() != op->getAttrDictionary() ||
        inner.getFactor().getType() != op.getFactor().getType())
      return failure();
    OpBuilder::InsertionGuard guard(rewriter);
    if (!moveBeforeRows(rewriter, op, op.isRow(), {inner.getFactor(), op.getFactor()}))
      return failure();
    Value product =
        arith::MulFOp::create(rewriter, op.getLoc(), inner.getFactor(), op.getFactor());
    rewriter.modifyOpInPlace(op, [&] {
      op.getXMutable().set(inner.getX());
      op.getFactorMutable().set(product);
    });
    return success();
  }
};
} // namespace

void RowScaleOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *ctx) {
  patterns.add<MultiplyFactors>(ctx);
}

//===----------------------------------------------------------------------===//
// Row regions of attention
//===----------------------------------------------------------------------===//

namespace {
/// A constant magnitude of all channels of q or k -> a factor of the scale. Not
/// where some channels do not rotate: those have no magnitude.
struct MagnitudeIntoScale final : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AttentionOp op, PatternRewriter &rewriter) const override {
    int64_t channels = op.getQueryExtent(AttentionOp::Channel);
    return success(fold(op, op.getQRows(), channels, rewriter) ||
                   fold(op, op.getKRows(), channels, rewriter));
  }

  static bool fold(AttentionOp op, Region &region, int64_t channels,
                   PatternRewriter &rewriter) {
    if (region.empty() || !rowops::isLinearRowRegion(region))
      return false;
    auto yield = cast<YieldOp>(region.front().getTerminator());
    auto step = yield.getValue().getDefiningOp<RowTransformOpInterface>();
    for (; step; step = step.getRowMutable().get().getDefiningOp<RowTransformOpInterface>()) {
      auto rotate = dyn_cast<RotateOp>(*step);
      if (!rotate)
        continue;
      FloatAttr magnitude;
      int64_t pairs = rotate.getNumPairs();
      if (!rotate.getMagnitude() || rotate.getRounded() || ShapedType::isDynamic(pairs) ||
          2 * pairs != channels || !matchPattern(rotate.getMagnitude(), m_Constant(&magnitude)))
        continue;
      APFloat scale = op.getScale();
      APFloat::opStatus status =
          scale.multiply(magnitude.getValue(), APFloat::rmNearestTiesToEven);
      if ((status & ~APFloat::opInexact) != 0 || !scale.isNormal())
        continue;
      rewriter.modifyOpInPlace(op, [&] {
        op.setScaleAttr(FloatAttr::get(rewriter.getF32Type(), scale));
        rotate.getMagnitudeMutable().clear();
      });
      return true;
    }
    return false;
  }
};
} // namespace

void rowops::addAttentionPatterns(RewritePatternSet &patterns) {
  patterns.add<MagnitudeIntoScale>(patterns.getContext());
  addCommonLayoutPatterns(patterns);
}
