//===- Evaluate.h - Evaluate scalar expressions exactly ---------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One evaluator serves two ends. At points it computes what the IR computes,
// each float operation rounded to its type. On intervals it bounds the value
// for all lengths: rounding and the functions used are monotone, so the ends
// of an interval bound what lies between. An interval that comes out as one
// value is a proof that the expression is constant there.
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RAISE_EVALUATE_H
#define POSENC_LIB_RAISE_EVALUATE_H

#include "ScalarExpr.h"

namespace mlir::posenc::raise {

/// All values between two ends, inclusive.
struct Interval {
  int64_t lo = 0, hi = 0;      ///< of integers
  double flo = 0.0, fhi = 0.0; ///< of floats
  bool nan = false;            ///< may be NaN (floats)
  bool poison = false;         ///< may be poison, as an out-of-range fptosi is

  static Interval ofInt(int64_t lo, int64_t hi);
  static Interval ofFloat(double lo, double hi);
  static Interval anyFloat();
  bool isIntPoint() const { return lo == hi && !poison; }
  bool isFloatPoint() const { return flo == fhi && !nan && !poison; }
};

/// Evaluates one expression many times.
class Evaluator {
public:
  explicit Evaluator(Expr root);
  /// The value of the root with `variable` in `range`; other variables take
  /// their whole range. Reads and symbols are unknown.
  Interval run(Expr variable, Interval range);

private:
  SmallVector<Expr> order;
  SmallVector<SmallVector<unsigned, 3>> operands;
  SmallVector<Interval> values;
};

/// The value of an operation on constants, if it is known exactly.
std::optional<double> foldFloatOp(const Node &node);
std::optional<int64_t> foldIntOp(const Node &node);

} // namespace mlir::posenc::raise

#endif // POSENC_LIB_RAISE_EVALUATE_H
