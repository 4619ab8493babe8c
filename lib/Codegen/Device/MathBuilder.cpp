//===- MathBuilder.cpp - Arithmetic and exponentials ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MathBuilder.h"

#include "MathTables.h.inc"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using posenc::MathBuilder;

MathBuilder::MathBuilder(OpBuilder &b, Location loc, FloatType type, bool generic)
    : b(b), loc(loc), type(type), intType(b.getIntegerType(type.getWidth())), generic(generic),
      mantissa(type.isF64() ? 52 : 23), bias(type.isF64() ? 1023 : 127) {}

Value MathBuilder::c(double value) {
  return arith::ConstantOp::create(b, loc, b.getFloatAttr(type, value));
}

Value MathBuilder::ci(int64_t value) {
  return arith::ConstantOp::create(b, loc, b.getIntegerAttr(intType, value));
}

static StringRef genericName(StringRef base) {
  return llvm::StringSwitch<StringRef>(base)
      .Case("llvm.fabs", "math.absf")
      .Case("llvm.sqrt", "math.sqrt")
      .Case("llvm.floor", "math.floor")
      .Case("llvm.ceil", "math.ceil")
      .Case("llvm.trunc", "math.trunc")
      .Case("llvm.round", "math.round")
      .Case("llvm.roundeven", "math.roundeven")
      .Case("llvm.copysign", "math.copysign")
      .Case("llvm.fma", "math.fma")
      .Case("llvm.minnum", "arith.minnumf")
      .Case("llvm.maxnum", "arith.maxnumf");
}

Value MathBuilder::intrinsic(StringRef base, ValueRange args) {
  if (generic)
    return b.create(loc, b.getStringAttr(genericName(base)), args, type)->getResult(0);
  auto name = b.getStringAttr(base + (isDouble() ? ".f64" : ".f32"));
  return LLVM::CallIntrinsicOp::create(b, loc, type, name, args).getResult(0);
}

Value MathBuilder::fma(Value x, Value y, Value z) { return intrinsic("llvm.fma", {x, y, z}); }

Value MathBuilder::copySign(Value x, Value sign) {
  return intrinsic("llvm.copysign", {x, sign});
}

Value MathBuilder::isNegative(Value x) {
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, bits(x), ci(0));
}

MathBuilder::Pair MathBuilder::pairOf(double hi, double lo32, double hi64, double lo64) {
  return isDouble() ? Pair{c(hi64), c(lo64)} : Pair{c(hi), c(lo32)};
}

Value MathBuilder::poly(Value x, ArrayRef<double> f32, ArrayRef<double> f64) {
  ArrayRef<double> coefficients = isDouble() ? f64 : f32;
  Value sum = c(coefficients.back());
  for (double coefficient : llvm::reverse(coefficients.drop_back()))
    sum = fma(sum, x, c(coefficient));
  return sum;
}

/// Two factors, each a normal power of two: 2^n itself may be none, and the
/// second product rounds a subnormal result once.
Value MathBuilder::scale(Value x, Value n) {
  auto power = [&](Value e) {
    Value biased = arith::AddIOp::create(b, loc, e, ci(bias));
    return fromBits(arith::ShLIOp::create(b, loc, biased, ci(mantissa)));
  };
  Value half = arith::ShRSIOp::create(b, loc, n, ci(1));
  Value rest = arith::SubIOp::create(b, loc, n, half);
  return mul(mul(x, power(half)), power(rest));
}

/// x = n·ln 2 + r with ln 2 in two parts; the argument is clamped to where the
/// result is neither 0 nor infinite, so that n fits an integer.
MathBuilder::Reduced MathBuilder::reduceExp(Value x) {
  Value low = c(isDouble() ? -746.0 : -105.0), high = c(isDouble() ? 710.0 : 89.0);
  Value clamped = max(min(x, high), low);
  Value n = roundEven(mul(clamped, c(1.4426950408889634)));
  Pair ln2 =
      pairOf(0x1.62e400p-1, 0x1.7f7d1cf79abcap-20, 0x1.62e42fefa38p-1, 0x1.ef35793c7673p-45);
  Value r = fma(neg(n), ln2.hi, clamped);
  return {n, fma(neg(n), ln2.lo, r)};
}

Value MathBuilder::expm1Core(Value r) { return fma(mul(r, r), poly(r, exp_f32, exp_f64), r); }

Value MathBuilder::exp(Value x) {
  Reduced reduced = reduceExp(x);
  Value result = scale(add(c(1), expm1Core(reduced.r)), toInt(reduced.n));
  return select(isNaN(x), x, result);
}

Value MathBuilder::exp2(Value x) {
  Value low = c(isDouble() ? -1080.0 : -152.0), high = c(isDouble() ? 1025.0 : 129.0);
  Value clamped = max(min(x, high), low);
  Value n = roundEven(clamped);
  Value r = sub(clamped, n);
  Value result = scale(fma(r, poly(r, exp2_f32, exp2_f64), c(1)), toInt(n));
  return select(isNaN(x), x, result);
}

/// 2^n·(e^r − 1) + (2^n − 1): the second term is exact where it matters; where
/// 2^n would overflow the result is e^x to the last bit.
Value MathBuilder::expm1(Value x) {
  Reduced reduced = reduceExp(x);
  Value core = expm1Core(reduced.r);
  Value n = reduced.n, limit = c(60);
  Value power = scale(c(1), toInt(max(min(n, limit), c(-100))));
  Value small = fma(core, power, sub(power, c(1)));
  Value large = scale(add(c(1), core), toInt(n));
  Value result = select(gt(n, limit), large, small);
  return select(either(isNaN(x), eq(x, c(0))), x, result);
}

Value MathBuilder::sinh(Value x) {
  Value a = abs(x);
  Value t = expm1(min(a, c(40)));
  Value small = mul(c(0.5), add(t, div(t, add(t, c(1)))));
  Value root = exp(mul(c(0.5), a));
  Value large = mul(mul(c(0.5), root), root);
  Value result = copySign(select(gt(a, c(20)), large, small), x);
  return select(isNaN(x), x, result);
}

Value MathBuilder::cosh(Value x) {
  Value a = abs(x);
  Value e = exp(min(a, c(40)));
  Value small = mul(c(0.5), add(e, div(c(1), e)));
  Value root = exp(mul(c(0.5), a));
  Value large = mul(mul(c(0.5), root), root);
  return select(isNaN(x), x, select(gt(a, c(20)), large, small));
}

/// Near 0 from e^2x − 1, without cancellation; far from it 1 − 2/(e^2x + 1).
Value MathBuilder::tanh(Value x) {
  Value a = min(abs(x), c(40));
  Value doubled = add(a, a);
  Value t = expm1(doubled);
  Value small = div(t, add(t, c(2)));
  Value large = sub(c(1), div(c(2), add(t, c(2))));
  Value result = copySign(select(gt(a, c(0.55)), large, small), x);
  return select(isNaN(x), x, result);
}
