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

#ifndef POSENC_DIALECT_POSENC_ANALYSIS_EVALUATE_H
#define POSENC_DIALECT_POSENC_ANALYSIS_EVALUATE_H

#include "posenc/Dialect/PosEnc/Analysis/ScalarExpr.h"

namespace mlir::posenc::scalar {

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

/// What unknown floats (symbols, variables, elements of tensors) may be.
enum class UnknownFloats {
  Anything, ///< infinities and NaN, too
  Finite,   ///< any finite number of their type
};

/// Evaluates one expression many times.
class Evaluator {
public:
  using Range = std::pair<Expr, Interval>;

  explicit Evaluator(Expr root, UnknownFloats unknown = UnknownFloats::Anything);
  /// The value of the root with `variable` in `range`; other variables take
  /// their whole range. Reads and symbols are unknown.
  Interval run(Expr variable, Interval range) { return run(Range{variable, range}); }
  /// The same with several variables bounded.
  Interval run(ArrayRef<Range> ranges);

  /// The nodes below the root, operands first, and what the last run gave them.
  ArrayRef<Expr> getNodes() const { return order; }
  ArrayRef<Interval> getValues() const { return values; }
  /// Positions in getNodes() of the operands of node `index`.
  ArrayRef<unsigned> getOperands(unsigned index) const { return operands[index]; }

private:
  Interval evaluate(unsigned index, ArrayRef<Range> ranges);

  UnknownFloats unknown;
  SmallVector<Expr> order;
  SmallVector<SmallVector<unsigned, 3>> operands;
  SmallVector<Interval> values;
};

/// The value of an operation on constants, if it is known exactly.
std::optional<double> foldFloatOp(const Node &node);
std::optional<int64_t> foldIntOp(const Node &node);

} // namespace mlir::posenc::scalar

#endif // POSENC_DIALECT_POSENC_ANALYSIS_EVALUATE_H
