//===- FoldCasts.cpp - Shapes known outside attention move in -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// The tensor dialect canonicalizes a cast into any destination-style op, by a
// clone that cannot cope with an empty region, and attention has optional
// regions. The patterns here do the same with a higher benefit, so that the
// generic one never finds a cast to fold.
//===----------------------------------------------------------------------===//

#include "RegionOps.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::posenc;

/// The source of a cast that forgets extents, else the value itself.
static Value lookThroughCast(Value value) {
  auto cast = value.getDefiningOp<tensor::CastOp>();
  return cast && tensor::canFoldIntoConsumerOp(cast) ? cast.getSource() : value;
}

namespace {
template <typename OpTy> struct FoldCasts : OpRewritePattern<OpTy> {
  explicit FoldCasts(MLIRContext *ctx) : OpRewritePattern<OpTy>(ctx, /*benefit=*/10) {}

  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &rewriter) const override {
    SmallVector<Value> operands = llvm::map_to_vector(op->getOperands(), lookThroughCast);
    if (llvm::equal(operands, op->getOperands()))
      return rewriter.notifyMatchFailure(op, "no cast that forgets an extent");
    // Results are the types of the last operands, the outs.
    ValueRange outs = ArrayRef<Value>(operands).take_back(op->getNumResults());
    OperationState state(op.getLoc(), op->getName(), operands, outs.getTypes(), op->getAttrs());
    for (unsigned i = 0; i < op->getNumRegions(); ++i)
      state.addRegion();
    Operation *folded = rewriter.create(state);
    for (auto [from, to] : llvm::zip_equal(op->getRegions(), folded->getRegions()))
      rewriter.inlineRegionBefore(from, to, to.end());
    SmallVector<Value> results;
    for (auto [before, after] : llvm::zip_equal(op->getResults(), folded->getResults())) {
      Value result = after;
      if (after.getType() != before.getType())
        result = tensor::CastOp::create(rewriter, op.getLoc(), before.getType(), after);
      results.push_back(result);
    }
    rewriter.replaceOp(op, results);
    return success();
  }
};
} // namespace

void regionops::addCastFolding(RewritePatternSet &patterns) {
  patterns.add<FoldCasts<AttentionOp>, FoldCasts<ScoreMapOp>>(patterns.getContext());
}
