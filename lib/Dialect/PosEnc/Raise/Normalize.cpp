//===- Normalize.cpp - A small set of operations --------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Normalize.h"

#include "mlir/Conversion/TosaToArith/TosaToArith.h"
#include "mlir/Conversion/TosaToLinalg/TosaToLinalg.h"
#include "mlir/Conversion/TosaToTensor/TosaToTensor.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace mlir::posenc::raise;

bool mlir::posenc::raise::mayHoldSoftmax(func::FuncOp function) {
  return function
      .walk([](Operation *op) {
        return isa<math::ExpOp, math::Exp2Op, tosa::ExpOp, linalg::SoftmaxOp>(op)
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

void mlir::posenc::raise::decomposeSoftmax(func::FuncOp function) {
  IRRewriter rewriter(function.getContext());
  function.walk([&](linalg::SoftmaxOp softmax) {
    rewriter.setInsertionPoint(softmax);
    FailureOr<SmallVector<Value>> values = softmax.decomposeOperation(rewriter);
    if (succeeded(values))
      rewriter.replaceOp(softmax, *values);
  });
}

std::optional<OpPassManager> mlir::posenc::raise::buildTosaPipeline(func::FuncOp function) {
  bool hasTosa = function
                     .walk([](Operation *op) {
                       return isa_and_present<tosa::TosaDialect>(op->getDialect())
                                  ? WalkResult::interrupt()
                                  : WalkResult::advance();
                     })
                     .wasInterrupted();
  if (!hasTosa)
    return std::nullopt;
  OpPassManager pm(func::FuncOp::getOperationName());
  pm.addPass(tosa::createTosaToLinalgNamed());
  pm.addPass(tosa::createTosaToLinalg());
  pm.addPass(createTosaToArithPass());
  pm.addPass(createTosaToTensorPass());
  return pm;
}

Simplifier::Simplifier(MLIRContext *context) {
  RewritePatternSet all(context);
  for (Dialect *dialect : context->getLoadedDialects())
    dialect->getCanonicalizationPatterns(all);
  for (RegisteredOperationName op : context->getRegisteredOperations())
    op.getCanonicalizationPatterns(all, context);
  patterns = std::move(all);
}

void Simplifier::canonicalise(func::FuncOp function) const {
  // As the pass: what has not converged after its ten rounds is canonical enough.
  GreedyRewriteConfig config;
  (void)applyPatternsGreedily(function, patterns, config);
}

void Simplifier::shareExpressions(func::FuncOp function) {
  IRRewriter rewriter(function.getContext());
  DominanceInfo dominance(function);
  eliminateCommonSubExpressions(rewriter, dominance, function);
}

void Simplifier::normalise(func::FuncOp function) const {
  canonicalise(function);
  shareExpressions(function);
}

void Simplifier::clean(func::FuncOp function) const {
  normalise(function);
  // Asserts that stand alone keep their operands; nothing else does.
  canonicalise(function);
}
