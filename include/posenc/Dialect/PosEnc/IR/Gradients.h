//===- Gradients.h - Where derivatives go -----------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_IR_GRADIENTS_H
#define POSENC_DIALECT_POSENC_IR_GRADIENTS_H

#include "mlir/IR/ValueRange.h"

namespace mlir::posenc {

/// Takes the contributions of one op to the gradients of what it reads. What
/// nobody asks for is dropped.
class GradientSink {
public:
  virtual ~GradientSink() = default;
  /// Adds to the gradient of a scalar, or of a tensor as a whole: f32 (f64 for
  /// f64).
  virtual void add(Value value, Value gradient) = 0;
  /// Adds a scalar to the gradient of one element of a tensor.
  virtual void addElement(Value tensor, ValueRange indices, Value gradient) = 0;
};

} // namespace mlir::posenc

#endif // POSENC_DIALECT_POSENC_IR_GRADIENTS_H
