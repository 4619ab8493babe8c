//===- Normalize.h - A small set of operations ------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RAISE_NORMALIZE_H
#define POSENC_LIB_RAISE_NORMALIZE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Rewrite/FrozenRewritePatternSet.h"

#include <optional>

namespace mlir::posenc::raise {

/// Whether the function holds an exponential at all.
bool mayHoldSoftmax(func::FuncOp function);

/// linalg.softmax as the operations that it stands for.
void decomposeSoftmax(func::FuncOp function);

/// tosa.scatter as a search for the index that writes an element.
void lowerScatters(func::FuncOp function);

/// Takes what is computed in the bodies of contractions out of them.
void splitContractions(func::FuncOp function);

/// TOSA, if this function has any, to linalg, tensor and arith.
std::optional<OpPassManager> buildTosaPipeline(func::FuncOp function);

/// What -canonicalize and -cse do, without a pass manager, which would verify
/// the function after each, and with the patterns collected once.
class Simplifier {
public:
  explicit Simplifier(MLIRContext *context);

  /// Canonicalization, then common subexpressions.
  void normalise(func::FuncOp function) const;
  /// Removes what raising left dead.
  void clean(func::FuncOp function) const;

private:
  void canonicalise(func::FuncOp function) const;
  static void shareExpressions(func::FuncOp function);

  FrozenRewritePatternSet patterns;
};

} // namespace mlir::posenc::raise

#endif // POSENC_LIB_RAISE_NORMALIZE_H
