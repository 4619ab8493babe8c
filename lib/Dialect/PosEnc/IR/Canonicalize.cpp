//===- Canonicalize.cpp - Exact simplifications ---------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::posenc;

void AttentionOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *) {
  (void)patterns;
}

void BiasTableOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *) {
  (void)patterns;
}
