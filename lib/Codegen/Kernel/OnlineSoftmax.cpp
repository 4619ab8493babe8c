//===- OnlineSoftmax.cpp - Running maximum and sum of a row ---------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Kernel/OnlineSoftmax.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::kernel;

static Value isEqual(const Emit &emit, Value a, Value b) {
  return arith::CmpFOp::create(emit.builder, emit.loc, arith::CmpFPredicate::OEQ, a, b);
}

SoftmaxState SoftmaxState::initial(const Emit &emit) {
  return {emit.f32(-std::numeric_limits<float>::infinity()), emit.f32(0.0f)};
}

SoftmaxState SoftmaxState::withSink(const Emit &emit, Value sink, Value isFirstLane) {
  return {emit.mulF(sink, emit.f32(1.44269504088896341f)),
          emit.select(isFirstLane, emit.f32(1.0f), emit.f32(0.0f))};
}

Value kernel::updateSoftmax(const Emit &emit, SoftmaxState &state,
                            MutableArrayRef<Value> scores, Value factor, RowReduce reduce) {
  auto larger = [&](Value a, Value b) { return emit.maxF(a, b); };
  Value largest = scores.front();
  for (Value score : scores.drop_front())
    largest = larger(largest, score);
  // The product is rounded once and then used for every score of the row, so
  // the rounding cancels in the quotient.
  Value max = larger(state.max, emit.mulF(reduce(largest, larger), factor));
  // A row of −inf so far: subtracting its maximum would give NaN.
  Value none = isEqual(emit, max, emit.f32(-std::numeric_limits<float>::infinity()));
  Value negated = arith::NegFOp::create(emit.builder, emit.loc, max);
  Value shift = emit.select(none, emit.f32(0.0f), negated);
  Value shrink = emit.exp2(emit.addF(state.max, shift));
  Value sum = emit.mulF(state.sum, shrink);
  for (Value &score : scores) {
    score = emit.exp2(emit.fma(score, factor, shift));
    sum = emit.addF(sum, score);
  }
  state = {max, sum};
  return shrink;
}

SoftmaxResult kernel::finishSoftmax(const Emit &emit, const SoftmaxState &state, bool wantLse,
                                    RowReduce reduce) {
  Value zero = emit.f32(0.0f);
  Value sum = reduce(state.sum, [&](Value a, Value b) { return emit.addF(a, b); });
  Value empty = isEqual(emit, sum, zero);
  Value inverse = arith::DivFOp::create(emit.builder, emit.loc, emit.f32(1.0f), sum);
  SoftmaxResult result{emit.select(empty, zero, inverse), Value()};
  if (wantLse) {
    // Only once per row, so the accurate logarithm; −inf for an empty row comes
    // from its maximum.
    Value log =
        math::LogOp::create(emit.builder, emit.loc, emit.select(empty, emit.f32(1.0f), sum));
    result.lse = emit.fma(state.max, emit.f32(0.693147180559945f), log);
  }
  return result;
}
