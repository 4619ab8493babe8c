//===- OnlineSoftmax.h - Running maximum and sum of a row ----- -*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_KERNEL_ONLINESOFTMAX_H
#define POSENC_CODEGEN_KERNEL_ONLINESOFTMAX_H

#include "posenc/Codegen/Kernel/Emit.h"

namespace mlir::posenc::kernel {

/// A row's softmax so far. `max` is in exponents of 2 and the same in all lanes
/// that share the row; `sum` is each lane's own part until the end.
struct SoftmaxState {
  Value max, sum;

  static SoftmaxState initial(const Emit &emit);
  /// Of a row that has seen its sink of score `sink` (f32) and no keys.
  /// `isFirstLane` holds in one of the lanes that share the row.
  static SoftmaxState withSink(const Emit &emit, Value sink, Value isFirstLane);
};

/// Combines a value over the lanes that share a row.
using RowReduce = llvm::function_ref<Value(Value, llvm::function_ref<Value(Value, Value)>)>;

/// Takes the next scores of a row into `state`. `scores` · `factor` are
/// exponents of 2; they become probabilities relative to the new maximum.
/// Returns the factor by which what was accumulated before must shrink.
Value updateSoftmax(const Emit &emit, SoftmaxState &state, MutableArrayRef<Value> scores,
                    Value factor, RowReduce reduce);

struct SoftmaxResult {
  /// What the accumulated row is multiplied by; 0 for a row without keys.
  Value normalizer;
  /// ln Σ exp(score); −inf for a row without keys. Null unless asked for.
  Value lse;
};
SoftmaxResult finishSoftmax(const Emit &emit, const SoftmaxState &state, bool wantLse,
                            RowReduce reduce);

} // namespace mlir::posenc::kernel

#endif // POSENC_CODEGEN_KERNEL_ONLINESOFTMAX_H
