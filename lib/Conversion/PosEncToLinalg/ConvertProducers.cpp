//===- ConvertProducers.cpp - slopes, lookup and rotate to linalg ---------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LinalgBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::reference;

namespace {
//===----------------------------------------------------------------------===//
// alibi_slopes
//===----------------------------------------------------------------------===//

struct ConvertAlibiSlopes : OpRewritePattern<AlibiSlopesOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AlibiSlopesOp op, PatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, op.getSlopes());
    return success();
  }
};

//===----------------------------------------------------------------------===//
// lookup
//===----------------------------------------------------------------------===//

struct ConvertLookup : OpRewritePattern<LookupOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(LookupOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    unsigned rank = cast<RankedTensorType>(op.getPositions().getType()).getRank();
    Value init = buildResultInit(rewriter, op);
    Value rows = tensor::DimOp::create(rewriter, loc, op.getTable(), 0);
    Value result = buildForEach(
        rewriter, loc, {}, init, [&](OpBuilder &b, Location l, ValueRange) -> Value {
          SmallVector<Value> at = buildIndices(b, l, rank + 1);
          Value position = tensor::ExtractOp::create(b, l, op.getPositions(),
                                                     ArrayRef<Value>(at).drop_back());
          Value row = buildRow(b, l, position, rows, op.getOob());
          return tensor::ExtractOp::create(b, l, op.getTable(), ValueRange{row, at.back()});
        });
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  static Value buildRow(OpBuilder &b, Location loc, Value position, Value rows,
                        OutOfBounds oob) {
    if (!position.getType().isIndex())
      position = arith::IndexCastOp::create(b, loc, b.getIndexType(), position);
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    Value one = arith::ConstantIndexOp::create(b, loc, 1);
    if (oob == OutOfBounds::Assert) {
      // Unsigned, so that a negative position is a huge one.
      Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, position, rows);
      cf::AssertOp::create(b, loc, inside, "posenc.lookup: position outside the table");
    }
    // Clamped after an assertion too: a device records the failure and goes on,
    // and must not read outside the table meanwhile.
    Value last = arith::SubIOp::create(b, loc, rows, one);
    Value upper = arith::MinSIOp::create(b, loc, position, last);
    return arith::MaxSIOp::create(b, loc, upper, zero);
  }
};
} // namespace

void reference::populateProducerPatterns(RewritePatternSet &patterns) {
  patterns.add<ConvertAlibiSlopes, ConvertLookup>(patterns.getContext());
}
