//===- BucketThresholds.cpp - Where logarithmic buckets begin -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// A row that a library finds by a logarithm begins at an integer. A guess in
// double precision says about where, integers of any size decide.
//===----------------------------------------------------------------------===//

#include "Buckets.h"

#include "llvm/ADT/APInt.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::buckets;
using llvm::APInt;

/// base^exponent, in `bits` bits that hold it.
static APInt bigPow(uint64_t base, unsigned exponent, unsigned bits) {
  APInt result(bits, 1), power(bits, base);
  for (; exponent; exponent >>= 1) {
    if (exponent & 1)
      result *= power;
    // The last square is not used and may not fit.
    if (exponent > 1)
      power *= power;
  }
  return result;
}

static unsigned bitWidth(uint64_t value) { return 64 - llvm::countl_zero(value); }

/// The smallest integer in [first, last] that is `reached`, `last` if none is
/// below it; found from near `guess`.
static int64_t searchNear(double guess, int64_t first, int64_t last,
                          function_ref<bool(int64_t)> reached) {
  int64_t a = last;
  if (guess < double(last))
    a = std::max(first, static_cast<int64_t>(guess));
  while (a < last && !reached(a))
    ++a;
  while (a > first && reached(a - 1))
    --a;
  return a;
}

//===----------------------------------------------------------------------===//
// T5, DeBERTa
//===----------------------------------------------------------------------===//

SmallVector<int64_t> buckets::getThresholds(const T5 &t) {
  // Smallest a with a^steps · e^k >= e^steps · M^k. Both sides, divided by e^k,
  // are at most M^steps for a <= M.
  unsigned steps = t.half - t.exact;
  unsigned bits = steps * bitWidth(t.maxDistance) + 1;
  SmallVector<int64_t> thresholds;
  for (unsigned k = 1; k < steps; ++k) {
    APInt rhs = bigPow(t.exact, steps - k, bits) * bigPow(t.maxDistance, k, bits);
    double guess = t.exact * std::pow(double(t.maxDistance) / t.exact, double(k) / steps);
    thresholds.push_back(searchNear(guess, t.exact, t.maxDistance, [&](int64_t a) {
      return bigPow(a, steps, bits).uge(rhs);
    }));
  }
  return thresholds;
}

SmallVector<int64_t> buckets::getThresholds(const Deberta &d) {
  SmallVector<int64_t> thresholds{d.mid + 1};
  // Smallest a with a^steps · mid^k > mid^steps · (M − 1)^k, in ]mid, M].
  unsigned steps = d.mid - 1;
  unsigned bits = steps * bitWidth(d.max) + 1;
  for (unsigned k = 1; k <= steps; ++k) {
    APInt rhs = bigPow(d.mid, steps - k, bits) * bigPow(d.max - 1, k, bits);
    double guess = d.mid * std::pow(double(d.max - 1) / d.mid, double(k) / steps);
    thresholds.push_back(searchNear(
        guess, d.mid + 1, d.max, [&](int64_t a) { return bigPow(a, steps, bits).ugt(rhs); }));
  }
  // The last is a = M, which Microsoft's clamp of the distance keeps away.
  if (d.microsoft)
    thresholds.pop_back();
  return thresholds;
}

//===----------------------------------------------------------------------===//
// iRPE
//===----------------------------------------------------------------------===//

namespace {
/// α + ln(a/α) / ln(γ/α) · (β − α) against k − 1/2, for a > α.
class PiecewiseIndex {
public:
  PiecewiseIndex(const IRPE &irpe, int64_t k) : irpe(irpe) {
    // Both sides times 200: e1 ln(a/α) against e2 ln(γ/α).
    own = 2 * (irpe.beta - irpe.alpha);
    other = IRPE::kUnit * (2 * k - 1) - 2 * irpe.alpha;
    if (int64_t common = std::gcd(own, other)) {
      own /= common;
      other /= common;
    }
    tieCounts = k % 2 == 0; // round half to even
  }

  double getGuess() const {
    double alpha = double(irpe.alpha) / IRPE::kUnit;
    return alpha * std::pow(double(irpe.gamma) / irpe.alpha, double(other) / own);
  }

  bool isReached(int64_t a) const {
    if (other <= 0) // a > α, so that the left side is positive
      return true;
    double difference = own * std::log(double(IRPE::kUnit) * a / irpe.alpha) -
                        other * std::log(double(irpe.gamma) / irpe.alpha);
    // The error of the difference is far below this.
    if (std::abs(difference) > 1e-6)
      return difference > 0;
    // (100 a / A)^own against (C / A)^other, with A = 100 α and C = 100 γ.
    unsigned bits = (own + other) * bitWidth(std::max(irpe.gamma, IRPE::kUnit * a)) + 1;
    APInt lhs = bigPow(IRPE::kUnit * a, own, bits) * bigPow(irpe.alpha, other, bits);
    APInt rhs = bigPow(irpe.gamma, other, bits) * bigPow(irpe.alpha, own, bits);
    return tieCounts ? lhs.uge(rhs) : lhs.ugt(rhs);
  }

private:
  const IRPE &irpe;
  int64_t own, other;
  bool tieCounts;
};
} // namespace

SmallVector<int64_t> buckets::getThresholds(const IRPE &irpe) {
  SmallVector<int64_t> thresholds;
  int64_t exact = irpe.alpha / IRPE::kUnit;
  for (int64_t k = 1; k <= irpe.limit; ++k) {
    PiecewiseIndex index(irpe, k);
    // Lengths up to α are their own index; b is reached by γ at the latest.
    int64_t length = k <= exact
                         ? k
                         : searchNear(index.getGuess(), exact + 1, irpe.gamma / IRPE::kUnit + 1,
                                      [&](int64_t a) { return index.isReached(a); });
    // round(sqrt(x)) ≥ n iff x ≥ (n − 1/2)², which no integer equals.
    if (irpe.method == Method::Euclidean)
      length = length * length - length + 1;
    thresholds.push_back(length);
  }
  return thresholds;
}
