//===- ReverseScalars.h - Reverse mode on scalar code -----------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Differentiates straight-line scalar code with loops and branches: arith, math,
// scf.for, scf.if and reads of tensors. The code itself stays as it is; what is
// built behind it computes, from the last op to the first, the adjoint of every
// scalar that depends on something whose gradient is asked for.
//
// A read of a tensor whose gradient is asked for becomes an addition to one
// element of an accumulator, in the order of the reversed code: the same bits
// every time. Accumulators are SSA values that pass through the loops built here.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CONVERSION_POSENCBACKWARD_REVERSESCALARS_H
#define POSENC_LIB_CONVERSION_POSENCBACKWARD_REVERSESCALARS_H

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::posenc::backward {

/// Gradients are f32, of f64 values f64.
Type getGradientType(Type type);
/// Whether values of the type can have a gradient: floats and shapes of them.
bool isFloatLike(Type type);
/// What the regions of `op` read from outside. As getUsedValuesDefinedAbove, but
/// for ops in a body that is being built, too, which has no op around it yet.
SetVector<Value> getRegionReads(Operation *op);
/// 0 of a gradient's type.
Value buildZero(OpBuilder &b, Location loc, Type type);
/// One gradient's type to another float type.
Value buildFloatCast(OpBuilder &b, Location loc, Value value, Type type);

class ReverseScalars {
public:
  explicit ReverseScalars(OpBuilder &builder) : builder(builder) {}

  /// Asks for the adjoint of a scalar that the code reads. `gradient`, where
  /// given, is what it starts from.
  void addLeaf(Value scalar, Value gradient = {});
  /// Asks for the gradient of a tensor that the code reads element by element.
  void addTensor(Value tensor, Value accumulator);

  /// Finds what depends on leaves and tensors. Before `seed`.
  LogicalResult findActive(ArrayRef<Operation *> ops);
  /// Adds to the adjoint of a scalar.
  void seed(Location loc, Value scalar, Value gradient);
  /// Builds the reverse of `ops` at the builder.
  LogicalResult reverse(ArrayRef<Operation *> ops);

  /// The adjoint, null where it is 0.
  Value getAdjoint(Value scalar) const { return adjoints.lookup(scalar); }
  Value getAdjointOrZero(Location loc, Value scalar);
  Value getAccumulator(Value tensor) const { return accumulators.lookup(tensor); }

  //===--------------------------------------------------------------------===//
  // For rules
  //===--------------------------------------------------------------------===//

  OpBuilder &getBuilder() { return builder; }
  bool isActive(Value value) const { return active.contains(value); }
  /// Adds what `build` builds to the adjoint of `value` if that is asked for.
  void propagate(Location loc, Value value, function_ref<Value()> build);
  /// Adds to the element of an accumulator, if there is one for the tensor.
  void accumulate(Location loc, Value tensor, ValueRange indices, Value gradient);

private:
  LogicalResult findActiveOf(Operation *op);
  LogicalResult findActiveInLoop(scf::ForOp loop);
  LogicalResult findActiveInBranches(scf::IfOp branch);
  LogicalResult reverseOp(Operation *op);
  LogicalResult reverseFor(scf::ForOp loop);
  LogicalResult reverseIf(scf::IfOp branch);
  /// By the derivative that the op states, else by that of its expansion.
  LogicalResult reverseModifier(ScoreModOpInterface mod);
  /// Reverses a copy of `block` in a scope of its own, whose accumulators are
  /// `state`, and returns them as they are at its end. See the definition.
  FailureOr<SmallVector<Value>> reverseBlock(OpBuilder &b, Block &block, IRMapping &mapping,
                                             ArrayRef<Value> leaves, ArrayRef<Value> outer,
                                             ArrayRef<Value> seeds, ValueRange state);
  /// Active scalars from outside that the regions of `op` read.
  SmallVector<Value> getOuterScalars(Operation *op);
  void setState(ArrayRef<Value> outer, ValueRange state);
  SmallVector<Value> getState(Location loc, ArrayRef<Value> outer);

  OpBuilder &builder;
  llvm::DenseSet<Value> active;
  llvm::DenseMap<Value, Value> adjoints;
  llvm::MapVector<Value, Value> accumulators;
};

/// Builds the reverse of one op without regions whose result has the adjoint
/// `gradient`. Fails without a message where the op has no rule.
LogicalResult applyScalarRule(ReverseScalars &scope, Operation *op, Value gradient);

} // namespace mlir::posenc::backward

#endif // POSENC_LIB_CONVERSION_POSENCBACKWARD_REVERSESCALARS_H
