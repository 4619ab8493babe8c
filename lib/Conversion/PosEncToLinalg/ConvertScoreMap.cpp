//===- ConvertScoreMap.cpp - score_map to linalg --------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LinalgBuilders.h"

#include "posenc/Dialect/PosEnc/Utils/RegionInlining.h"

#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::reference;

namespace {
struct ConvertScoreMap : OpRewritePattern<ScoreMapOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ScoreMapOp op, PatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op.getOutput().getType());
    if (!type)
      return rewriter.notifyMatchFailure(op, "on memrefs");
    PositionSource positions = PositionSource::get(op);
    Value result = buildForEach(
        rewriter, op.getLoc(), {}, op.getOutput(), [&](OpBuilder &b, Location loc, ValueRange) {
          SmallVector<Value> at = buildIndices(b, loc, 4);
          ScorePoint point{buildF32(b, loc, 0.0f), at[0], at[1], at[2], at[3]};
          Value score = inlineScoreRegion(b, loc, op.getScore(), point, positions);
          return buildConvert(b, loc, score, type.getElementType());
        });
    rewriter.replaceOp(op, result);
    return success();
  }
};
} // namespace

void reference::populateScoreMapPatterns(RewritePatternSet &patterns) {
  patterns.add<ConvertScoreMap>(patterns.getContext());
}
