//===- PosEncToLinalg.cpp - --convert-posenc-to-linalg --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LinalgBuilders.h"

#include "posenc/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_CONVERTPOSENCTOLINALG
#include "posenc/Conversion/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;

void posenc::populatePosEncToLinalgPatterns(RewritePatternSet &patterns, bool keepAttention) {
  reference::populateProducerPatterns(patterns);
  reference::populateDecayGatePatterns(patterns);
  reference::populatePositionPatterns(patterns);
  reference::populateAnglePatterns(patterns);
  reference::populateRowPatterns(patterns);
  reference::populateScoreMapPatterns(patterns);
  reference::populateAttentionPatterns(patterns, /*keepFused=*/keepAttention);
}

/// Attention and score_map are the only ops of the dialect that stand on their
/// own on memrefs.
static LogicalResult verifyOnTensors(Operation *root, bool keepAttention) {
  WalkResult result = root->walk([&](Operation *op) {
    bool convert = isa<ScoreMapOp>(op) || (isa<AttentionOp>(op) && !keepAttention);
    if (!convert || op->getNumResults() > 0)
      return WalkResult::advance();
    op->emitOpError() << "expected tensors but got memrefs; convert to linalg before "
                         "bufferization";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

namespace {
struct ConvertPosEncToLinalgPass final
    : posenc::impl::ConvertPosEncToLinalgBase<ConvertPosEncToLinalgPass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *ctx) override {
    RewritePatternSet set(ctx);
    populatePosEncToLinalgPatterns(set, keepAttention);
    patterns = FrozenRewritePatternSet(std::move(set));
    return success();
  }

  void runOnOperation() override {
    if (failed(verifyOnTensors(getOperation(), keepAttention)))
      return signalPassFailure();
    walkAndApplyPatterns(getOperation(), patterns);
  }

  FrozenRewritePatternSet patterns;
};
} // namespace
