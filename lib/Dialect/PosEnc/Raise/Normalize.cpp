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
#include "mlir/Transforms/Passes.h"

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

OpPassManager mlir::posenc::raise::buildNormalizePipeline(func::FuncOp function) {
  OpPassManager pm(func::FuncOp::getOperationName());
  bool hasTosa = function
                     .walk([](Operation *op) {
                       return isa_and_present<tosa::TosaDialect>(op->getDialect())
                                  ? WalkResult::interrupt()
                                  : WalkResult::advance();
                     })
                     .wasInterrupted();
  if (hasTosa) {
    pm.addPass(tosa::createTosaToLinalgNamed());
    pm.addPass(tosa::createTosaToLinalg());
    pm.addPass(createTosaToArithPass());
    pm.addPass(createTosaToTensorPass());
  }
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  return pm;
}

OpPassManager mlir::posenc::raise::buildCleanupPipeline() {
  OpPassManager pm(func::FuncOp::getOperationName());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  // Asserts that stand alone keep their operands; nothing else does.
  pm.addPass(createCanonicalizerPass());
  return pm;
}
