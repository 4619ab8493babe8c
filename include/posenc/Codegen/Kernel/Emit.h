//===- Emit.h - Terse builders for kernel code ---------------- -*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_KERNEL_EMIT_H
#define POSENC_CODEGEN_KERNEL_EMIT_H

#include "posenc/Codegen/Kernel/Target.h"

#include "mlir/IR/Builders.h"

namespace mlir::posenc::kernel {

/// Index and f32 arithmetic at the builder's insertion point. Index arithmetic
/// folds constants, so that static shapes leave no trace of the general case.
struct Emit {
  OpBuilder &builder;
  Location loc;
  const GPUTarget &target;

  Value index(int64_t value) const;
  Value f32(float value) const;
  /// A splat of `value` of f32 or vector-of-f32 type.
  Value splat(Type type, float value) const;

  Value add(Value a, Value b) const;
  Value sub(Value a, Value b) const;
  Value mul(Value a, Value b) const;
  Value min(Value a, Value b) const;
  Value max(Value a, Value b) const;
  /// Of non-negative values.
  Value div(Value a, Value b) const;
  Value rem(Value a, Value b) const;
  Value ceilDiv(Value a, Value b) const;
  /// a < b, signed.
  Value less(Value a, Value b) const;
  Value both(Value a, Value b) const;
  Value select(Value condition, Value a, Value b) const;
  Value add(Value a, int64_t b) const { return add(a, index(b)); }
  Value mul(Value a, int64_t b) const { return mul(a, index(b)); }

  Value addF(Value a, Value b) const;
  Value mulF(Value a, Value b) const;
  /// a · b + c, rounded once; f32 or vectors of f32.
  Value fma(Value a, Value b, Value c) const;
  /// The larger; a NaN loses against a number. The softmax still gives NaN for
  /// a NaN score, through its exponential.
  Value maxF(Value a, Value b) const;
  /// 2^x by the chip's own instruction: ex2.approx.ftz or v_exp_f32, both exact
  /// to about 2 ulp, 0 for −inf, results below 2^−126 flushed to 0. A named
  /// intrinsic, so that no later pass looks for a library function.
  Value exp2(Value x) const;
  /// Combines `value` over the aligned group of 16 lanes; every lane gets the
  /// same bits.
  Value reduce16(Value value, llvm::function_ref<Value(Value, Value)> combine) const;
  /// All threads of the block wait; workgroup memory written before is visible.
  void barrier() const;
};

} // namespace mlir::posenc::kernel

#endif // POSENC_CODEGEN_KERNEL_EMIT_H
