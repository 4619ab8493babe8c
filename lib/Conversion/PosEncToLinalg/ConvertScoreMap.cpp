//===- ConvertScoreMap.cpp - score_map to linalg --------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScoreStages.h"

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
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(rewriter, op.getLoc(), op.getOutput());
    ScoreStages stages(op.getScore(), PositionSource::get(op), sizes);
    stages.build(rewriter, op.getLoc(), /*products=*/Value(), /*scale=*/FloatAttr());
    Value result = buildForEach(
        rewriter, op.getLoc(), {}, op.getOutput(), [&](OpBuilder &b, Location loc, ValueRange) {
          SmallVector<Value> at = buildIndices(b, loc, 4);
          Value score = stages.buildYielded(b, loc, buildF32(b, loc, 0.0f), at);
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
