//===- RowProduct.h - The product of two rows, as a loop --------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_IR_ROWPRODUCT_H
#define POSENC_DIALECT_POSENC_IR_ROWPRODUCT_H

#include "posenc/Dialect/PosEnc/IR/ScoreModForm.h"

#include "mlir/IR/Builders.h"

namespace mlir::posenc {

/// Builds Σ_d (x[…, d] + u[…, d]) · t[row, …, d] in f32, a loop over d: what
/// buildScalar of a modifier of the form `Product` gives to buildFromProduct.
/// `operands` stand for the op's operands, in order.
Value buildRowProduct(OpBuilder &builder, Location loc, const ScoreProduct &product,
                      ValueRange operands, Value row);

} // namespace mlir::posenc

#endif // POSENC_DIALECT_POSENC_IR_ROWPRODUCT_H
