//===- ConvertPositions.cpp - Producers of positions to linalg ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LinalgBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::reference;

/// An index as an element of positions.
static Value castPosition(OpBuilder &b, Location loc, Value position, Type type) {
  if (type.isIndex())
    return position;
  if (!isa<FloatType>(type))
    return arith::IndexCastOp::create(b, loc, type, position);
  // sitofp does not take an index.
  Value wide = arith::IndexCastOp::create(b, loc, b.getI64Type(), position);
  return arith::SIToFPOp::create(b, loc, type, wide);
}

static Value buildIndex(OpBuilder &b, Location loc, int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}

namespace {
struct ConvertPositions : OpRewritePattern<PositionsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(PositionsOp op, PatternRewriter &rewriter) const override {
    Type type = getElementTypeOrSelf(op.getType());
    Value init = buildResultInit(rewriter, op), offset = op.buildOffset(rewriter);
    Value result = buildForEach(rewriter, op.getLoc(), {}, init,
                                [&](OpBuilder &b, Location loc, ValueRange) {
                                  Value position = linalg::IndexOp::create(b, loc, 0);
                                  if (offset)
                                    position = arith::AddIOp::create(b, loc, position, offset);
                                  return castPosition(b, loc, position, type);
                                });
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// The count of a token is a sum over all of its row, quadratic in the length:
/// what the formula says, and parallel.
struct ConvertMaskPositions : OpRewritePattern<MaskPositionsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MaskPositionsOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Type type = getElementTypeOrSelf(op.getType());
    auto maskType = cast<RankedTensorType>(op.getMask().getType());
    Value count = buildCount(rewriter, op);
    Value init = buildResultInit(rewriter, op);
    unsigned rank = maskType.getRank();
    auto loops = llvm::to_vector(llvm::seq<unsigned>(0, rank));
    Operand inputs[] = {{op.getMask(), loops}, {count, loops}};
    Value result = buildForEach(
        rewriter, loc, inputs, init, [&](OpBuilder &b, Location l, ValueRange elements) {
          Value seen = buildIndex(b, l, op.getOffset() - 1);
          seen = arith::AddIOp::create(b, l, elements[1], seen);
          Value padding = buildIndex(b, l, op.getPaddingPosition());
          Value isToken = buildIsToken(b, l, elements[0]);
          Value position = arith::SelectOp::create(b, l, isToken, seen, padding);
          return castPosition(b, l, position, type);
        });
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  static Value buildIsToken(OpBuilder &b, Location loc, Value element) {
    Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(element.getType()));
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, element, zero);
  }

  /// Tokens at or before each place, as index.
  static Value buildCount(OpBuilder &builder, MaskPositionsOp op) {
    Location loc = op.getLoc();
    unsigned rank = cast<RankedTensorType>(op.getMask().getType()).getRank();
    Value empty =
        tensor::EmptyOp::create(builder, loc, tensor::getMixedSizes(builder, loc, op.getMask()),
                                builder.getIndexType());
    Value init =
        linalg::FillOp::create(builder, loc, buildIndex(builder, loc, 0), empty).getResult(0);
    // Loops […, t, s]; the mask is read at […, s].
    auto own = llvm::to_vector(llvm::seq<unsigned>(0, rank)), other = own;
    other.back() = rank;
    return buildGeneric(
        builder, loc, rank + 1, {{op.getMask(), other}}, {init, own},
        [&](OpBuilder &b, Location l, ValueRange elements) -> Value {
          SmallVector<Value> at = buildIndices(b, l, rank + 1);
          Value before =
              arith::CmpIOp::create(b, l, arith::CmpIPredicate::sle, at[rank], at[rank - 1]);
          Value counts = arith::AndIOp::create(b, l, before, buildIsToken(b, l, elements[0]));
          Value step =
              arith::SelectOp::create(b, l, counts, buildIndex(b, l, 1), buildIndex(b, l, 0));
          return arith::AddIOp::create(b, l, elements[1], step);
        });
  }
};

struct ConvertGridPositions : OpRewritePattern<GridPositionsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(GridPositionsOp op, PatternRewriter &rewriter) const override {
    Type type = getElementTypeOrSelf(op.getType());
    Value init = buildResultInit(rewriter, op);
    Value result = buildForEach(
        rewriter, op.getLoc(), {}, init, [&](OpBuilder &b, Location loc, ValueRange) {
          SmallVector<Value> at = buildIndices(b, loc, 2);
          auto [coordinate, size] = buildCoordinate(b, loc, op.getSizes(), at[0], at[1]);
          if (op.getCentered())
            return buildCentered(b, loc, coordinate, size);
          if (op.getOffset())
            coordinate = arith::AddIOp::create(b, loc, coordinate, op.getOffset());
          return castPosition(b, loc, coordinate, type);
        });
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  /// Coordinate of token t on the axis and the axis' size. An empty axis has
  /// no token; where the type claims some, it counts as one cell.
  static std::pair<Value, Value> buildCoordinate(OpBuilder &b, Location loc, ValueRange sizes,
                                                 Value axis, Value t) {
    Value one = buildIndex(b, loc, 1), coordinate = t, extent = one;
    for (int64_t a = int64_t(sizes.size()) - 1; a >= 0; --a) {
      Value size = arith::MaxSIOp::create(b, loc, sizes[a], one);
      Value own = arith::RemSIOp::create(b, loc, t, size);
      Value here =
          arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, axis, buildIndex(b, loc, a));
      coordinate = arith::SelectOp::create(b, loc, here, own, coordinate);
      extent = arith::SelectOp::create(b, loc, here, size, extent);
      t = arith::DivSIOp::create(b, loc, t, size);
    }
    return {coordinate, extent};
  }

  /// (2 x + 1) / N − 1.
  static Value buildCentered(OpBuilder &b, Location loc, Value x, Value size) {
    Value twice = arith::MulIOp::create(b, loc, x, buildIndex(b, loc, 2));
    Value odd = arith::AddIOp::create(b, loc, twice, buildIndex(b, loc, 1));
    Value quotient = arith::DivFOp::create(b, loc, castPosition(b, loc, odd, b.getF32Type()),
                                           castPosition(b, loc, size, b.getF32Type()));
    return arith::SubFOp::create(b, loc, quotient, buildF32(b, loc, 1.0f));
  }
};
} // namespace

void reference::populatePositionPatterns(RewritePatternSet &patterns) {
  patterns.add<ConvertPositions, ConvertMaskPositions, ConvertGridPositions>(
      patterns.getContext());
}
