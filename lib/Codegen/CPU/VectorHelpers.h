//===- VectorHelpers.h - Small pieces of vector code ------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CODEGEN_CPU_VECTORHELPERS_H
#define POSENC_LIB_CODEGEN_CPU_VECTORHELPERS_H

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::posenc::cpu {

/// A memref seen as one dimension, from its first element, and the strides
/// that lead there.
struct FlatView {
  Value memref;
  SmallVector<Value> strides;
};
FlatView buildFlatView(ImplicitLocOpBuilder &builder, Value memref);

/// e^x for an f32 or a vector of f32, x ≤ 0. Relative error below 2e-7 + 2e-8 |x|
/// where the result is normal; below 2^-126 it is anything up to 2^-126, and
/// exactly 0 for −inf. NaN stays NaN.
Value buildExp(ImplicitLocOpBuilder &builder, Value x);

/// The larger of two floats; a NaN in `b` loses.
Value buildMax(ImplicitLocOpBuilder &builder, Value a, Value b);

/// A constant of an f32 or a vector of f32.
Value buildFloat(ImplicitLocOpBuilder &builder, Type type, float value);

/// The registers that a product C += A·B works in: rows × vectors of `width`.
struct RegisterTile {
  int64_t rows, vectors, width;

  int64_t columns() const { return vectors * width; }
  int64_t accumulators() const { return rows * vectors; }
};

/// Builds an element, or a vector, of an operand of a product: that of a row or
/// vector of the tile, and of the summation index.
using TileOperand = function_ref<Value(int64_t, Value k)>;

/// init + Σ_k left(row, k) · right(vector, k) for k in [from, to), row by row:
/// the accumulators are loop-carried values, so that they stay in registers.
SmallVector<Value> buildTileProduct(ImplicitLocOpBuilder &builder, const RegisterTile &tile,
                                    Value from, Value to, ValueRange init, TileOperand left,
                                    TileOperand right);

/// The columns of a square matrix of which `rows` are the rows.
SmallVector<Value> buildTranspose(ImplicitLocOpBuilder &builder, ArrayRef<Value> rows);

} // namespace mlir::posenc::cpu

#endif // POSENC_LIB_CODEGEN_CPU_VECTORHELPERS_H
