//===- Activation.h - Functions between layers ------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_DIALECT_POSENC_IR_ACTIVATION_H
#define POSENC_LIB_DIALECT_POSENC_IR_ACTIVATION_H

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

namespace mlir::posenc::regionops {

/// activation(x) of an f32.
Value buildActivation(OpBuilder &b, Location loc, Activation activation, Value x);
/// 1 / (1 + e^−x), which is 0 where e^−x overflows.
Value buildSigmoid(OpBuilder &b, Location loc, Value x);

} // namespace mlir::posenc::regionops

#endif // POSENC_LIB_DIALECT_POSENC_IR_ACTIVATION_H
