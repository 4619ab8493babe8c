//===- ConvertScalar.h - Scalar operations as expressions -------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_ANALYSIS_CONVERTSCALAR_H
#define POSENC_DIALECT_POSENC_ANALYSIS_CONVERTSCALAR_H

#include "posenc/Dialect/PosEnc/Analysis/ScalarExpr.h"

namespace mlir::posenc::scalar {

/// An integer, index or float of at most 64 bits.
bool isScalarType(Type type);

/// What the only result of an arith or math operation is, from what its
/// operands are. Null if that cannot be said.
Expr convertScalarOp(ExprContext &cx, Operation *op, ArrayRef<Expr> operands);

} // namespace mlir::posenc::scalar

#endif // POSENC_DIALECT_POSENC_ANALYSIS_CONVERTSCALAR_H
