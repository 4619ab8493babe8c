//===- LaneEvaluator.h - Scalar code on the lanes of a vector ---*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Regions of attention say what happens to one element. A kernel evaluates them
// for W neighbours at once: this turns scalar code into code on vectors.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CODEGEN_CPU_LANEEVALUATOR_H
#define POSENC_LIB_CODEGEN_CPU_LANEEVALUATOR_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::posenc::cpu {

/// Builds scalar code from scalar arguments and gives its result.
using ScalarCode = function_ref<Value(OpBuilder &, ValueRange)>;

/// What a scalar is on W lanes: one value for all (uniform), `scalar` + lane
/// (counting), or a vector.
struct LaneValue {
  enum Kind { Uniform, Counting, Varying };

  Kind kind = Uniform;
  /// The value of lane 0, unless varying.
  Value scalar;
  Value vector;
  /// Of a counting value: lane 0 holds a multiple of W, so that all lanes are on
  /// one side of any other multiple.
  bool isAligned = false;
  /// All lanes that are on hold numbers from 0 to below this, if it is known.
  std::optional<int64_t> limit = std::nullopt;

  static LaneValue uniform(Value v) { return {Uniform, v, {}}; }
  static LaneValue counting(Value first) { return {Counting, first, {}}; }
  static LaneValue varying(Value v) { return {Varying, {}, v}; }
  /// For evaluators whose two builders are one.
  static LaneValue alignedCounting(Value first, std::optional<int64_t> limit = {}) {
    return {Counting, first, {}, true, limit};
  }
};

class LaneEvaluator {
public:
  /// Code for lanes is built by `builder`; what is one value for all lanes by
  /// `uniform`, which may stand further out, if all uniform arguments are there.
  /// Lanes outside `mask` get unspecified values, but no load and no division
  /// is executed for them.
  LaneEvaluator(ImplicitLocOpBuilder &builder, ImplicitLocOpBuilder &uniform, int64_t width,
                Value mask)
      : builder(builder), uniform(uniform), width(width), mask(mask) {}

  /// The vector of results of `code` for the lanes' `arguments`.
  Value evaluate(ScalarCode code, ArrayRef<LaneValue> arguments);

private:
  LaneValue get(Value scalar);
  Value getVector(Value scalar);
  bool isUniform(Operation &op);
  bool isCarried(Operation &op);
  scf::ExecuteRegionOp wrapFrom(Operation &first, Value result);
  void visit(Operation &op);
  void visitUniform(Operation &op);
  bool visitCounting(Operation &op);
  bool visitAligned(Operation &op);
  bool visitAlignedCompare(arith::CmpIOp compare);
  bool isMultiple(Value scalar);
  bool visitLoad(memref::LoadOp load);
  bool visitElementwise(Operation &op);
  void visitLanes(Operation &op);
  Value buildContiguousLoad(memref::LoadOp load);
  Value buildGather(memref::LoadOp load);

  VectorType vectorOf(Type type) { return VectorType::get(width, type); }

  ImplicitLocOpBuilder &builder, &uniform;
  int64_t width;
  Value mask;
  DenseMap<Value, LaneValue> values;
};

} // namespace mlir::posenc::cpu

#endif // POSENC_LIB_CODEGEN_CPU_LANEEVALUATOR_H
