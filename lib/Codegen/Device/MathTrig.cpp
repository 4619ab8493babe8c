//===- MathTrig.cpp - Angles, the error function and fmod -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MathBuilder.h"

#include "MathTables.h.inc"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using posenc::MathBuilder;

/// Payne and Hanek for f32: x = M·2^e with a whole M of 24 bits. Bits of 2/π
/// whose product with x is a multiple of 4 are left out; 96 bits from there on
/// leave more than 30 right ones after the worst cancellation.
MathBuilder::Angle MathBuilder::reduceLargeAngle(Value x) {
  Type i64 = b.getI64Type();
  auto k = [&](int64_t v) -> Value { return arith::ConstantIntOp::create(b, loc, v, 64); };
  auto shl = [&](Value v, Value n) -> Value { return arith::ShLIOp::create(b, loc, v, n); };
  auto shr = [&](Value v, Value n) -> Value { return arith::ShRUIOp::create(b, loc, v, n); };
  auto sum = [&](Value v, Value w) -> Value { return arith::AddIOp::create(b, loc, v, w); };
  auto mulI = [&](Value v, Value w) -> Value { return arith::MulIOp::create(b, loc, v, w); };
  auto both = [&](Value v, Value w) -> Value { return arith::AndIOp::create(b, loc, v, w); };
  Value low = k(0xFFFFFFFF);
  Value raw = arith::ExtUIOp::create(b, loc, i64, bits(abs(x)));
  Value whole = arith::OrIOp::create(b, loc, both(raw, k(0x7FFFFF)), k(0x800000));
  // The window begins at bit e − 1 after the point, 32 zero bits before it.
  Value start = sum(shr(raw, k(23)), k(-150 - 2 + 32));
  Value word = shr(start, k(5)), shift = both(start, k(31));
  Value window[4];
  for (int64_t j = 0; j < 4; ++j) {
    window[j] = k(twoOverPi[j]);
    for (int64_t w = 1; w < 5; ++w) {
      Value here = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, word, k(w));
      window[j] = select(here, k(twoOverPi[w + j < 8 ? w + j : 7]), window[j]);
    }
  }
  auto part = [&](int j) {
    Value joined = arith::OrIOp::create(b, loc, shl(window[j], k(32)), window[j + 1]);
    return both(shr(shl(joined, shift), k(32)), low);
  };
  Value p0 = mulI(whole, part(2));
  Value p1 = sum(mulI(whole, part(1)), shr(p0, k(32)));
  Value p2 = sum(mulI(whole, part(0)), shr(p1, k(32)));
  Value fixed = arith::OrIOp::create(b, loc, shl(p2, k(32)), both(p1, low));
  // Two bits of quadrant, 62 of fraction; round to the nearest quadrant.
  Value quadrant = shr(sum(fixed, k(int64_t(1) << 61)), k(62));
  Value rest = arith::SubIOp::create(b, loc, fixed, shl(quadrant, k(62)));
  Value r = mul(arith::SIToFPOp::create(b, loc, type, rest), c(0x1.921fb54442d18p-62));
  Value q = arith::TruncIOp::create(b, loc, intType, quadrant);
  // The signs follow x.
  Value negative = isNegative(x);
  Value minusQ = arith::SubIOp::create(b, loc, ci(0), q);
  return {select(negative, minusQ, q), select(negative, neg(r), r)};
}

/// π/2 in three parts and fma: exact but for the last step while the quadrant is
/// a whole number of the type, with enough of π below.
MathBuilder::Angle MathBuilder::reduceAngle(Value x) {
  double limit = isDouble() ? 0x1p40 : 0x1p16;
  Value large = compare(arith::CmpFPredicate::UGE, abs(x), c(limit));
  Value small = select(large, c(0), x);
  Value n = roundEven(mul(small, c(0.6366197723675814)));
  double parts32[] = {0x1.921fb6p+0, -0x1.777a5cp-25, -0x1.ee59dap-50};
  double parts64[] = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110};
  Value r = small;
  for (double part : isDouble() ? parts64 : parts32)
    r = fma(neg(n), c(part), r);
  Angle angle{toInt(n), r};
  Value finite = lt(abs(x), inf());
  if (isDouble())
    return {angle.quadrant, select(large, nan(), angle.r)};
  auto ifOp = scf::IfOp::create(
      b, loc, both(large, finite),
      [&](OpBuilder &, Location) {
        Angle far = reduceLargeAngle(x);
        scf::YieldOp::create(b, loc, ValueRange{far.quadrant, far.r});
      },
      [&](OpBuilder &, Location) {
        scf::YieldOp::create(b, loc, ValueRange{angle.quadrant, angle.r});
      });
  return {ifOp.getResult(0), select(finite, ifOp.getResult(1), nan())};
}

std::pair<Value, Value> MathBuilder::sincos(Value x) {
  Angle angle = reduceAngle(x);
  Value r = angle.r, z = mul(r, r);
  Value sine = fma(mul(r, z), poly(z, sin_f32, sin_f64), r);
  Value cosine = add(fma(z, c(-0.5), c(1)), mul(mul(z, z), poly(z, cos_f32, cos_f64)));
  auto bit = [&](Value q, int64_t mask) -> Value {
    Value masked = arith::AndIOp::create(b, loc, q, ci(mask));
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, masked, ci(0));
  };
  Value swap = bit(angle.quadrant, 1);
  Value next = arith::AddIOp::create(b, loc, angle.quadrant, ci(1));
  Value s = select(swap, cosine, sine), k = select(swap, sine, cosine);
  // −0 stays −0.
  Value sinResult = select(eq(x, c(0)), x, select(bit(angle.quadrant, 2), neg(s), s));
  return {sinResult, select(bit(next, 2), neg(k), k)};
}

Value MathBuilder::tan(Value x) {
  auto [s, k] = sincos(x);
  return select(eq(x, c(0)), x, div(s, k));
}

/// Three intervals for |x|: around 0, around 1, around infinity.
Value MathBuilder::atan(Value x) {
  Value a = abs(x);
  Value middle = gt(a, c(0.41421356237309503)), far = gt(a, c(2.414213562373095));
  Value finite = min(a, c(isDouble() ? 0x1p1000 : 0x1p120));
  Value numerator = select(far, c(-1), select(middle, sub(finite, c(1)), finite));
  Value denominator = select(far, finite, select(middle, add(finite, c(1)), c(1)));
  Value u = div(numerator, denominator), z = mul(u, u);
  Value p = fma(mul(u, z), poly(z, atan_f32, atan_f64), u);
  Pair quarter =
      pairOf(0x1.921fb6p-1, -0x1.777a5cp-26, 0x1.921fb54442d18p-1, 0x1.1a62633145c07p-55);
  Value count = select(far, c(2), select(middle, c(1), c(0)));
  Value result = add(mul(count, quarter.hi), add(p, mul(count, quarter.lo)));
  return select(isNaN(x), x, copySign(result, x));
}

Value MathBuilder::atan2(Value y, Value x) {
  Value ay = abs(y), ax = abs(x);
  Value swap = gt(ay, ax);
  Value small = select(swap, ax, ay), large = select(swap, ay, ax);
  Value ratio = div(small, large);
  ratio = select(eq(large, c(0)), c(0), ratio);
  ratio = select(eq(small, inf()), c(1), ratio);
  Value r = atan(ratio);
  Pair half =
      pairOf(0x1.921fb6p+0, -0x1.777a5cp-25, 0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54);
  r = select(swap, add(half.hi, sub(half.lo, r)), r);
  Value two = c(2);
  r = select(isNegative(x), add(mul(two, half.hi), sub(mul(two, half.lo), r)), r);
  return select(either(isNaN(x), isNaN(y)), add(x, y), copySign(r, y));
}

Value MathBuilder::asin(Value x) { return atan2(x, sqrt(mul(sub(c(1), x), add(c(1), x)))); }

Value MathBuilder::acos(Value x) { return atan2(sqrt(mul(sub(c(1), x), add(c(1), x))), x); }

/// erfc for a ≥ ½ as e^(−a²)·p(t)/(1 + 2a), t = (4 − a)/(4 + a); the square in
/// two parts, since its rounding error is multiplied by a.
Value MathBuilder::erfcTail(Value a) {
  a = min(a, c(isDouble() ? 28 : 11));
  Value square = mul(a, a), low = fma(a, a, neg(square));
  Value t = div(sub(c(4), a), add(c(4), a));
  Value p = div(poly(t, erfcx_f32, erfcx_f64), fma(c(2), a, c(1)));
  return mul(exp(neg(square)), fma(neg(low), p, p));
}

Value MathBuilder::erf(Value x) {
  Value a = abs(x), z = mul(x, x);
  Value small = fma(x, poly(z, erf_f32, erf_f64), x);
  Value large = copySign(sub(c(1), erfcTail(max(a, c(0.75)))), x);
  return select(isNaN(x), x, select(lt(a, c(0.75)), small, large));
}

Value MathBuilder::erfc(Value x) {
  Value a = abs(x), z = mul(x, x);
  Value small = sub(c(1), fma(x, poly(z, erf_f32, erf_f64), x));
  Value tail = erfcTail(max(a, c(0.75)));
  Value large = select(lt(x, c(0)), sub(c(2), tail), tail);
  return select(isNaN(x), x, select(lt(a, c(0.75)), small, large));
}

/// Long division, every subtraction exact: while r ≥ |y|, take off the largest
/// |y|·2^k that fits.
Value MathBuilder::fmod(Value x, Value y) {
  Value ax = abs(x), ay = abs(y);
  Value defined =
      both(both(lt(ax, inf()), gt(ay, c(0))), compare(arith::CmpFPredicate::ORD, y, y));
  // Nothing to divide: the loop does not run.
  Value start = select(both(defined, lt(ay, inf())), ax, c(0));
  auto loop = scf::WhileOp::create(
      b, loc, TypeRange{type}, ValueRange{start},
      [&](OpBuilder &, Location, ValueRange args) {
        Value more = compare(arith::CmpFPredicate::OGE, args[0], ay);
        scf::ConditionOp::create(b, loc, both(more, defined), args);
      },
      [&](OpBuilder &, Location, ValueRange args) {
        auto inner = scf::WhileOp::create(
            b, loc, TypeRange{type}, ValueRange{ay},
            [&](OpBuilder &, Location, ValueRange t) {
              Value fits = compare(arith::CmpFPredicate::OLE, mul(t[0], c(2)), args[0]);
              scf::ConditionOp::create(b, loc, fits, t);
            },
            [&](OpBuilder &, Location, ValueRange t) {
              scf::YieldOp::create(b, loc, ValueRange{mul(t[0], c(2))});
            });
        scf::YieldOp::create(b, loc, ValueRange{sub(args[0], inner.getResult(0))});
      });
  Value result = select(eq(ay, inf()), ax, loop.getResult(0));
  return select(defined, copySign(result, x), nan());
}
