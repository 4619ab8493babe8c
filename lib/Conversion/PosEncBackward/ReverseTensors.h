//===- ReverseTensors.h - Reverse mode on ops on tensors --------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Differentiates a block of ops on tensors and scalars: linalg.generic, whatever
// its body computes, views and casts. Gradients of tensors are tensors of the same
// shape, in f32 (f64 of f64).
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CONVERSION_POSENCBACKWARD_REVERSETENSORS_H
#define POSENC_LIB_CONVERSION_POSENCBACKWARD_REVERSETENSORS_H

#include "ReverseScalars.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <functional>

namespace mlir::posenc::backward {

/// A linalg.generic and the gradients of its results (null for none).
struct GenericGradient {
  linalg::GenericOp op;
  SmallVector<Value> gradients;
};

class ReverseTensors {
public:
  explicit ReverseTensors(OpBuilder &builder) : builder(builder) {}

  /// Asks for the gradient of a value that the block reads.
  void addSource(Value value) { active.insert(value); }
  /// The value counts as a constant, whatever it was computed from.
  void addConstant(Value value) { constants.insert(value); }

  /// States the derivative of an op that is not looked into: it gets the gradient
  /// of the op's result.
  void addStated(Value result, std::function<void(Value gradient)> reverse) {
    stated[result] = std::move(reverse);
  }

  void findActive(ArrayRef<Operation *> ops);
  /// Adds to the gradient of `value`.
  void add(Location loc, Value value, Value gradient);
  LogicalResult reverse(ArrayRef<Operation *> ops);
  Value getGradientOrZero(Location loc, Value value);

private:
  bool isActive(Value value) const { return active.contains(value); }
  LogicalResult reverseOp(Operation *op);
  LogicalResult reverseScalar(Operation *op);
  void reverseStated(DifferentiableOpInterface op);
  LogicalResult reverseGeneric(linalg::GenericOp op);
  /// Passes the gradient to one of the op's sources in parallel, or says that it
  /// has to be scattered.
  LogicalResult gather(const GenericGradient &generic, Value source, bool captured,
                       SmallVectorImpl<Value> &scattered);
  /// Views and casts; failure without a message for other ops.
  LogicalResult reverseView(Operation *op, Value gradient);

  OpBuilder &builder;
  llvm::DenseSet<Value> active, constants;
  llvm::DenseMap<Value, Value> gradients;
  llvm::DenseMap<Value, std::function<void(Value)>> stated;
};

/// Zeros of the shape of `tensor`, of its gradient's type.
Value buildZeros(OpBuilder &b, Location loc, Value tensor);
/// `tensor` in another float type, element by element.
Value buildTensorCast(OpBuilder &b, Location loc, Value tensor, Type element);

/// Adds to `gradient`, that of one operand, what the op passes back to it. The
/// operand's indexing map has to be a permutation of some of the loops: the result
/// is one linalg.generic, parallel over these loops.
FailureOr<Value> gatherOperand(OpBuilder &b, const GenericGradient &generic, OpOperand &operand,
                               Value gradient);
/// The same for a tensor that the body reads. Null where its indices are not
/// all loops that run over the whole tensor.
FailureOr<Value> gatherCapture(OpBuilder &b, const GenericGradient &generic, Value tensor,
                               Value gradient);
/// The same for any tensors and scalars: sequential loops in the op's order.
LogicalResult scatter(OpBuilder &b, const GenericGradient &generic, ArrayRef<Value> sources,
                      SmallVectorImpl<Value> &gradients);

} // namespace mlir::posenc::backward

#endif // POSENC_LIB_CONVERSION_POSENCBACKWARD_REVERSETENSORS_H
