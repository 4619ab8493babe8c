//===- ConvertDecayGate.cpp - Sums of gates to linalg ---------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A prefix sum is one generic with the sequence as its reduction: a running sum
// is carried in one result and stored in the other. The dimension is a
// reduction, which every lowering here runs in order, once, in one thread per
// row: linear work, and the same bits on every run.
//
//===----------------------------------------------------------------------===//

#include "LinalgBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::reference;

/// ln σ(x) = min(x, 0) − ln(1 + e^(−|x|)), which neither overflows nor cancels.
static Value buildLogSigmoid(OpBuilder &b, Location loc, Value x) {
  Value zero = buildF32(b, loc, 0.0f);
  Value least = arith::MinimumFOp::create(b, loc, x, zero);
  Value size = math::AbsFOp::create(b, loc, x);
  Value minus = arith::NegFOp::create(b, loc, size);
  Value power = math::ExpOp::create(b, loc, minus);
  Value log = math::Log1pOp::create(b, loc, power);
  return arith::SubFOp::create(b, loc, least, log);
}

namespace {
struct ConvertDecayGate : OpRewritePattern<DecayGateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(DecayGateOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    unsigned rank = cast<RankedTensorType>(op.getType()).getRank();
    unsigned axis = op.getSequenceAxis();
    SmallVector<OpFoldResult> rows = tensor::getMixedSizes(rewriter, loc, op.getGates());
    rows.erase(rows.begin() + axis);
    Value running = buildFilled(rewriter, loc, rows, 0.0f);
    Value result = buildResultInit(rewriter, op);

    AffineMap all = rewriter.getMultiDimIdentityMap(rank);
    SmallVector<AffineMap> maps{all, all.dropResult(axis), all};
    SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
    iterators[axis] = utils::IteratorType::reduction;
    auto sum =
        linalg::GenericOp::create(rewriter, loc, TypeRange{running.getType(), result.getType()},
                                  op.getGates(), ValueRange{running, result}, maps, iterators,
                                  [&](OpBuilder &b, Location l, ValueRange elements) {
                                    Value gate = buildGate(b, l, op, elements[0], axis);
                                    Value next = arith::AddFOp::create(b, l, elements[1], gate);
                                    linalg::YieldOp::create(b, l, ValueRange{next, next});
                                  });
    rewriter.replaceOp(op, sum.getResult(1));
    return success();
  }

private:
  static Value buildGate(OpBuilder &b, Location loc, DecayGateOp op, Value element,
                         unsigned axis) {
    Value gate = buildConvert(b, loc, element, b.getF32Type());
    if (op.getLogsigmoid())
      gate = buildLogSigmoid(b, loc, gate);
    if (!op.getStart())
      return gate;
    Value row = linalg::IndexOp::create(b, loc, 0), t = linalg::IndexOp::create(b, loc, axis);
    Value start = tensor::ExtractOp::create(b, loc, op.getStart(), row);
    if (!start.getType().isIndex())
      start = arith::IndexCastOp::create(b, loc, b.getIndexType(), start);
    Value counts = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, t, start);
    return arith::SelectOp::create(b, loc, counts, gate, buildF32(b, loc, 0.0f));
  }
};
} // namespace

void reference::populateDecayGatePatterns(RewritePatternSet &patterns) {
  patterns.add<ConvertDecayGate>(patterns.getContext());
}
