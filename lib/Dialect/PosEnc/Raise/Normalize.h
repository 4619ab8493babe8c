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

namespace mlir::posenc::raise {

/// Whether the function holds an exponential at all.
bool mayHoldSoftmax(func::FuncOp function);

/// linalg.softmax as the operations that it stands for.
void decomposeSoftmax(func::FuncOp function);

/// tosa.scatter as a search for the index that writes an element.
void lowerScatters(func::FuncOp function);

/// Takes what is computed in the bodies of contractions out of them.
void splitContractions(func::FuncOp function);

/// For this function: TOSA, if there is any, to linalg, tensor and arith, then
/// canonical.
OpPassManager buildNormalizePipeline(func::FuncOp function);

/// On a function: removes what raising left dead.
OpPassManager buildCleanupPipeline();

} // namespace mlir::posenc::raise

#endif // POSENC_LIB_RAISE_NORMALIZE_H
