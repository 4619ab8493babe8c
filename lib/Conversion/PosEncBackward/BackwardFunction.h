//===- BackwardFunction.h - Build one backward function ---------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CONVERSION_POSENCBACKWARD_BACKWARDFUNCTION_H
#define POSENC_LIB_CONVERSION_POSENCBACKWARD_BACKWARDFUNCTION_H

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Rewrite/FrozenRewritePatternSet.h"

namespace mlir::posenc::backward {

/// A function whose body is the forward, as far as the backward has to compute it
/// again: (inputs, saved results, gradients of results) -> gradients of inputs.
struct BackwardFunction {
  BackwardFunction(func::FuncOp function, unsigned numInputs)
      : function(function), numInputs(numInputs) {}

  func::FuncOp function;
  /// How many arguments are inputs.
  unsigned numInputs;
  /// Per result of the forward its gradient; null where it has none.
  SmallVector<Value> resultGradients;
  /// The saved lse of attention ops that have one.
  llvm::DenseMap<Operation *, Value> savedLse;
};

/// The forward of one attention op: its operands and what its regions read, each
/// once, but for constants, are the inputs. Creates the function at `builder`.
FailureOr<BackwardFunction> buildForward(OpBuilder &builder, AttentionOp op, StringRef name,
                                         bool lseGradient);
/// The forward of a whole function.
FailureOr<BackwardFunction> buildForward(OpBuilder &builder, func::FuncOp function,
                                         StringRef name, bool lseGradient);

/// Turns the forward into the backward. `patterns` lower posenc's ops but attention.
LogicalResult buildBackward(BackwardFunction &backward,
                            const FrozenRewritePatternSet &patterns);

} // namespace mlir::posenc::backward

#endif // POSENC_LIB_CONVERSION_POSENCBACKWARD_BACKWARDFUNCTION_H
