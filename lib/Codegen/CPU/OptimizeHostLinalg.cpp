//===- OptimizeHostLinalg.cpp - Fusion and loop order for processors --------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/CPU/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCOPTIMIZEHOSTLINALG
#include "posenc/Codegen/CPU/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using linalg::GenericOp;

/// True if fusing the producer of `operand` computes nothing twice.
static bool readsEachElementOnce(OpOperand *operand) {
  Operation *producer = operand->get().getDefiningOp();
  auto consumer = dyn_cast<GenericOp>(operand->getOwner());
  if (!producer || !producer->hasOneUse())
    return false;
  // Reshapes are not asked about here; they cost nothing.
  if (!consumer || !isa<GenericOp>(producer))
    return true;
  AffineMap map = consumer.getMatchingIndexingMap(operand);
  return map.isPermutation();
}

/// The loop that runs over the result's contiguous dimension, if every operand
/// that depends on it is contiguous in it.
static std::optional<unsigned> getContiguousLoop(GenericOp op) {
  if (op.getNumDpsInits() != 1 || op.getNumReductionLoops() == 0)
    return std::nullopt;
  AffineMap result = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (result.getNumResults() == 0)
    return std::nullopt;
  auto last = dyn_cast<AffineDimExpr>(result.getResults().back());
  if (!last)
    return std::nullopt;
  unsigned loop = last.getPosition();
  for (OpOperand &operand : op->getOpOperands()) {
    ArrayRef<AffineExpr> exprs = op.getMatchingIndexingMap(&operand).getResults();
    bool elsewhere = llvm::any_of(exprs.empty() ? exprs : exprs.drop_back(),
                                  [&](AffineExpr e) { return e.isFunctionOfDim(loop); });
    bool strided = !exprs.empty() && exprs.back().isFunctionOfDim(loop) &&
                   !isa<AffineDimExpr>(exprs.back());
    if (elsewhere || strided)
      return std::nullopt;
  }
  return loop;
}

static void moveContiguousLoopLast(RewriterBase &rewriter, GenericOp op) {
  std::optional<unsigned> loop = getContiguousLoop(op);
  if (!loop || *loop + 1 == op.getNumLoops())
    return;
  SmallVector<unsigned> order;
  for (unsigned i = 0, e = op.getNumLoops(); i < e; ++i)
    if (i != *loop)
      order.push_back(i);
  order.push_back(*loop);
  rewriter.setInsertionPoint(op);
  (void)linalg::interchangeGenericOp(rewriter, op, order);
}

namespace {
struct OptimizeHostLinalgPass final
    : posenc::impl::PosEncOptimizeHostLinalgBase<OptimizeHostLinalgPass> {
  void runOnOperation() override {
    Operation *root = getOperation();
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, readsEachElementOnce);
    linalg::populateFoldReshapeOpsByExpansionPatterns(patterns, readsEachElementOnce);
    GenericOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    getContext().getLoadedDialect<linalg::LinalgDialect>()->getCanonicalizationPatterns(
        patterns);
    GreedyRewriteConfig config;
    config.setUseTopDownTraversal(true);
    if (failed(applyPatternsGreedily(root, std::move(patterns), config)))
      return signalPassFailure();

    SmallVector<GenericOp> generics;
    root->walk([&](GenericOp op) { generics.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (GenericOp op : generics)
      moveContiguousLoopLast(rewriter, op);
  }
};
} // namespace
