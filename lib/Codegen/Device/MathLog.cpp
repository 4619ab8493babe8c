//===- MathLog.cpp - Logarithms and powers --------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MathBuilder.h"

#include "MathTables.h.inc"

using namespace mlir;
using posenc::MathBuilder;

/// Exact sum of two values in any order.
MathBuilder::Pair MathBuilder::twoSum(Value x, Value y) {
  Value sum = add(x, y);
  Value back = sub(sum, x);
  return {sum, add(sub(x, sub(sum, back)), sub(y, back))};
}

MathBuilder::Pair MathBuilder::times(Pair x, Pair y) {
  Value hi = mul(x.hi, y.hi);
  Value low = fma(x.hi, y.hi, neg(hi));
  low = fma(x.hi, y.lo, fma(x.lo, y.hi, low));
  return twoSum(hi, low);
}

/// Subnormals are scaled up first. The bits are shifted by those of √½, so that
/// the exponent field changes exactly there.
MathBuilder::Parts MathBuilder::split(Value x) {
  Value tiny = lt(x, c(isDouble() ? 0x1p-1022 : 0x1p-126));
  Value x1 = select(tiny, mul(x, c(isDouble() ? 0x1p54 : 0x1p25)), x);
  int64_t root = isDouble() ? 0x3FE6A09E667F3BCD : 0x3F3504F3;
  Value shifted = arith::SubIOp::create(b, loc, bits(x1), ci(root));
  Value e = arith::ShRSIOp::create(b, loc, shifted, ci(mantissa));
  Value exponent = arith::ShLIOp::create(b, loc, e, ci(mantissa));
  Value m = fromBits(arith::SubIOp::create(b, loc, bits(x1), exponent));
  Value ef = toFloat(e);
  return {m, select(tiny, sub(ef, c(isDouble() ? 54 : 25)), ef)};
}

/// log(m) − (m − 1), with s = (m−1)/(m+1) and log(m) = 2·atanh(s).
Value MathBuilder::logCore(Value m) {
  Value f = sub(m, c(1));
  Value s = div(f, add(m, c(1)));
  Value z = mul(s, s);
  Value tail = mul(z, poly(z, log_f32, log_f64));
  Value half = mul(mul(c(0.5), f), f);
  return sub(mul(s, add(half, tail)), half);
}

static Value pinLog(MathBuilder &m, Value x, Value result) {
  result = m.select(m.eq(x, m.inf()), x, result);
  result = m.select(m.lt(x, m.c(0)), m.nan(), result);
  result = m.select(m.eq(x, m.c(0)), m.neg(m.inf()), result);
  return m.select(m.isNaN(x), x, result);
}

Value MathBuilder::log(Value x) {
  Parts parts = split(x);
  Pair ln2 = pairOf(0x1.62e400p-1, 0x1.7f7d1cp-20, 0x1.62e42fefa38p-1, 0x1.ef35793c7673p-45);
  Value low = fma(parts.e, ln2.lo, logCore(parts.m));
  Value result = fma(parts.e, ln2.hi, add(sub(parts.m, c(1)), low));
  return pinLog(*this, x, result);
}

Value MathBuilder::log2(Value x) {
  Parts parts = split(x);
  Pair sum = twoSum(sub(parts.m, c(1)), logCore(parts.m));
  Pair scaled = times(
      sum, pairOf(0x1.715476p+0, 0x1.4ae0cp-26, 0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56));
  return pinLog(*this, x, add(parts.e, add(scaled.hi, scaled.lo)));
}

Value MathBuilder::log10(Value x) {
  Parts parts = split(x);
  Pair sum = twoSum(sub(parts.m, c(1)), logCore(parts.m));
  Pair scaled = times(
      sum, pairOf(0x1.bcb7b2p-2, -0x1.5b235ep-27, 0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57));
  Pair two = pairOf(0x1.344p-2, 0x1.3509f8p-18, 0x1.34413509f4p-2, 0x1.cff7988f8959bp-41);
  Value low = fma(parts.e, two.lo, scaled.lo);
  return pinLog(*this, x, fma(parts.e, two.hi, add(scaled.hi, low)));
}

/// log(u) with u = 1 + x rounded, and what the rounding lost as a correction.
Value MathBuilder::log1p(Value x) {
  Value u = add(c(1), x);
  Value lost = sub(x, sub(u, c(1)));
  Value finite = either(eq(u, c(0)), eq(u, inf()));
  Value correction = select(finite, c(0), div(lost, u));
  Value result = add(log(u), correction);
  return select(eq(u, c(1)), x, result);
}

/// log2(x) to about twice the precision: the quotient s, its square and the
/// first two terms of the series in pairs.
MathBuilder::Pair MathBuilder::log2Pair(Value x) {
  Parts parts = split(x);
  Value f = sub(parts.m, c(1));
  Value den = add(parts.m, c(1)), denLow = sub(parts.m, sub(den, c(1)));
  Value sh = div(f, den);
  Value rest = fma(neg(sh), denLow, fma(neg(sh), den, f));
  Pair s{sh, div(rest, den)};
  Pair z = times(s, s);
  Pair series = twoSum(c(isDouble() ? 0x1.5555555555555p-1 : 0x1.555556p-1),
                       mul(z.hi, poly(z.hi, pow_f32, pow_f64)));
  series.lo = add(series.lo, c(isDouble() ? 0x1.5555555555555p-55 : -0x1.555556p-26));
  Pair cubic = times(times(s, z), series);
  Pair sum = twoSum(add(s.hi, s.hi), cubic.hi);
  sum.lo = add(sum.lo, add(add(s.lo, s.lo), cubic.lo));
  Pair scaled = times(
      sum, pairOf(0x1.715476p+0, 0x1.4ae0cp-26, 0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56));
  Pair result = twoSum(parts.e, scaled.hi);
  result.lo = add(result.lo, scaled.lo);
  return result;
}

Value MathBuilder::pow(Value x, Value y) {
  Value a = abs(x);
  Value safe = select(both(gt(a, c(0)), lt(a, inf())), a, c(1));
  Pair l = log2Pair(safe);
  double bound = isDouble() ? 1100.0 : 160.0;
  Value hi = mul(y, l.hi);
  Value low = fma(y, l.lo, fma(y, l.hi, neg(hi)));
  Value clamped = max(min(hi, c(bound)), c(-bound));
  low = select(eq(clamped, hi), low, c(0));
  Value n = roundEven(clamped);
  Value r = add(sub(clamped, n), low);
  Value result = scale(fma(r, poly(r, exp2_f32, exp2_f64), c(1)), toInt(n));
  return pinPow(x, y, result);
}

/// The cases in which pow is not 2^(y·log2|x|), as in C.
Value MathBuilder::pinPow(Value x, Value y, Value result) {
  Value a = abs(x), zero = c(0), one = c(1);
  Value yNegative = lt(y, zero);
  result = select(eq(a, zero), select(yNegative, inf(), zero), result);
  result = select(eq(a, inf()), select(yNegative, zero, inf()), result);
  Value whole = eq(floor(y), y), half = mul(y, c(0.5));
  Value odd = both(both(whole, lt(abs(y), inf())),
                   compare(arith::CmpFPredicate::ONE, floor(half), half));
  Value negative = isNegative(x);
  result = select(both(negative, odd), neg(result), result);
  Value bad =
      both(both(lt(x, zero), lt(a, inf())), compare(arith::CmpFPredicate::UNE, floor(y), y));
  result = select(bad, nan(), result);
  result = select(both(eq(a, one), eq(abs(y), inf())), one, result);
  result = select(either(isNaN(x), isNaN(y)), add(x, y), result);
  return select(either(eq(x, one), eq(y, zero)), one, result);
}

/// exp(log(x)/3) and one Newton step, which leaves only its own rounding.
Value MathBuilder::cbrt(Value x) {
  Value a = abs(x);
  Value y = exp(div(log(a), c(3)));
  Value square = mul(y, y);
  Value residual = div(sub(y, div(a, square)), c(3));
  Value result = copySign(sub(y, residual), x);
  return select(either(eq(a, c(0)), either(eq(a, inf()), isNaN(x))), x, result);
}

Value MathBuilder::asinh(Value x) {
  Value a = abs(x), large = gt(a, c(isDouble() ? 0x1p28 : 0x1p14));
  Value safe = select(large, c(1), a);
  Value square = mul(safe, safe);
  Value root = add(c(1), sqrt(add(square, c(1))));
  Value near = log1p(add(safe, div(square, root)));
  Value far = add(log(a), c(0.6931471805599453));
  return copySign(select(large, far, near), x);
}

Value MathBuilder::acosh(Value x) {
  Value large = gt(x, c(isDouble() ? 0x1p28 : 0x1p14));
  Value t = sub(select(large, c(1), x), c(1));
  Value near = log1p(add(t, sqrt(fma(t, t, add(t, t)))));
  Value far = add(log(x), c(0.6931471805599453));
  return select(lt(x, c(1)), nan(), select(large, far, near));
}

Value MathBuilder::atanh(Value x) {
  Value a = abs(x);
  Value result = mul(c(0.5), log1p(div(add(a, a), sub(c(1), a))));
  return copySign(result, x);
}
