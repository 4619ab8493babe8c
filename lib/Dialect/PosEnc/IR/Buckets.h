//===- Buckets.h - The numbers that buckets are made of ---------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Private to lib/Dialect/PosEnc/IR: the parameters of each kind of bucket by
// name, and the exact thresholds that replace logarithms and roots.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_DIALECT_POSENC_IR_BUCKETS_H
#define POSENC_LIB_DIALECT_POSENC_IR_BUCKETS_H

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

namespace mlir::posenc::buckets {

/// What a class token at position 0 reads.
enum class Cls { None, BEiT, Shared, TUPE };
Cls getCls(BucketAttr attr);

struct T5 {
  int64_t half;  // n': rows of one direction
  int64_t exact; // e: distances with a row of their own
  int64_t maxDistance;
  bool bidirectional;
  explicit T5(ArrayRef<int64_t> p)
      : half(p[2] ? p[0] / 2 : p[0]), exact(half / 2), maxDistance(p[1]), bidirectional(p[2]) {}
};

struct Deberta {
  int64_t size, max, mid;
  bool microsoft;
  explicit Deberta(ArrayRef<int64_t> p)
      : size(p[0]), max(p[1]), mid(p[0] / 2), microsoft(p[2]) {}
};

enum class Method { Product, Euclidean, Quant, Rows, Cols };

/// alpha, beta and gamma in hundredths.
struct IRPE {
  Method method;
  int64_t alpha, beta, gamma;
  int64_t limit; // b = floor(beta)
  explicit IRPE(ArrayRef<int64_t> p)
      : method(static_cast<Method>(p[0])), alpha(p[3]), beta(p[4]), gamma(p[5]),
        limit(beta / kUnit) {}
  static constexpr int64_t kUnit = 100;
};

/// Tokens row by row. Extents from the slowest axis, of one token each where a
/// kind has fewer axes.
struct Grid {
  int64_t depth, height, width;
  explicit Grid(BucketAttr attr);
  int64_t getNumTokens() const { return depth * height * width; }
};

/// Smallest a of the rows e+1, e+2, …
SmallVector<int64_t> getThresholds(const T5 &t5);
/// Smallest a of δ = mid+1, mid+2, … as far as the rows differ.
SmallVector<int64_t> getThresholds(const Deberta &deberta);
/// Smallest argument of p = 1, 2, …, b: a length, or for euclidean and quant
/// the sum of squares.
SmallVector<int64_t> getThresholds(const IRPE &irpe);

} // namespace mlir::posenc::buckets

#endif // POSENC_LIB_DIALECT_POSENC_IR_BUCKETS_H
