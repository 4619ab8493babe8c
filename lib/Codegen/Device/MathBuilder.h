//===- MathBuilder.h - Arithmetic of expanded math ops ----------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CODEGEN_DEVICE_MATHBUILDER_H
#define POSENC_LIB_CODEGEN_DEVICE_MATHBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"

namespace mlir::posenc {

/// Emits scalar arithmetic in one float type, f32 or f64, and the functions
/// that are made of it. One method per function; the error bounds are in
/// docs/Numerics-GPU.md.
class MathBuilder {
public:
  /// A value as an unevaluated sum: twice the precision.
  struct Pair {
    Value hi, lo;
  };

  /// With `generic`, what a processor has stays in the math dialect, so that the
  /// code runs anywhere; otherwise it becomes LLVM intrinsics, which the
  /// conversions to NVVM and ROCDL let through.
  MathBuilder(OpBuilder &b, Location loc, FloatType type, bool generic);

  // The arithmetic.
  Value c(double value);
  Value ci(int64_t value); ///< an integer of the float's width
  Value add(Value x, Value y) { return arith::AddFOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, loc, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, loc, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, loc, x, y); }
  Value neg(Value x) { return arith::NegFOp::create(b, loc, x); }
  Value fma(Value x, Value y, Value z);
  Value min(Value x, Value y) { return intrinsic("llvm.minnum", {x, y}); }
  Value max(Value x, Value y) { return intrinsic("llvm.maxnum", {x, y}); }
  Value lt(Value x, Value y) { return compare(arith::CmpFPredicate::OLT, x, y); }
  Value gt(Value x, Value y) { return compare(arith::CmpFPredicate::OGT, x, y); }
  Value eq(Value x, Value y) { return compare(arith::CmpFPredicate::OEQ, x, y); }
  Value isNaN(Value x) { return compare(arith::CmpFPredicate::UNO, x, x); }
  Value isNegative(Value x); ///< the sign bit
  Value select(Value cond, Value x, Value y) {
    return arith::SelectOp::create(b, loc, cond, x, y);
  }
  Value both(Value x, Value y) { return arith::AndIOp::create(b, loc, x, y); }
  Value either(Value x, Value y) { return arith::OrIOp::create(b, loc, x, y); }
  Value abs(Value x) { return intrinsic("llvm.fabs", x); }
  Value sqrt(Value x) { return intrinsic("llvm.sqrt", x); }
  Value roundEven(Value x) { return intrinsic("llvm.roundeven", x); }
  Value floor(Value x) { return intrinsic("llvm.floor", x); }
  Value copySign(Value x, Value sign);
  Value inf() { return c(std::numeric_limits<double>::infinity()); }
  Value nan() { return c(std::numeric_limits<double>::quiet_NaN()); }
  /// The operation under its name in LLVM, without the type's suffix.
  Value intrinsic(StringRef base, ValueRange args);
  Value toInt(Value x) { return arith::FPToSIOp::create(b, loc, intType, x); }
  Value toFloat(Value x) { return arith::SIToFPOp::create(b, loc, type, x); }
  Value bits(Value x) { return arith::BitcastOp::create(b, loc, intType, x); }
  Value fromBits(Value x) { return arith::BitcastOp::create(b, loc, type, x); }
  /// x · 2^n for any n, subnormal results rounded once.
  Value scale(Value x, Value n);

  // The functions.
  Value exp(Value x);
  Value exp2(Value x);
  Value expm1(Value x);
  Value log(Value x);
  Value log2(Value x);
  Value log10(Value x);
  Value log1p(Value x);
  Value pow(Value x, Value y);
  Value cbrt(Value x);
  Value sinh(Value x);
  Value cosh(Value x);
  Value tanh(Value x);
  Value asinh(Value x);
  Value acosh(Value x);
  Value atanh(Value x);
  std::pair<Value, Value> sincos(Value x);
  Value tan(Value x);
  Value atan(Value x);
  Value atan2(Value y, Value x);
  Value asin(Value x);
  Value acos(Value x);
  Value erf(Value x);
  Value erfc(Value x);
  Value fmod(Value x, Value y);

private:
  struct Reduced {
    Value n, r; ///< x = n·ln 2 + r
  };
  struct Parts {
    Value m, e; ///< x = m·2^e, m in [√½, √2)
  };
  struct Angle {
    Value quadrant, r; ///< x = quadrant·π/2 + r
  };
  Value compare(arith::CmpFPredicate predicate, Value x, Value y) {
    return arith::CmpFOp::create(b, loc, predicate, x, y);
  }
  bool isDouble() const { return type.isF64(); }
  /// The constant as a sum of two of the type.
  Pair pairOf(double hi, double lo32, double hi64, double lo64);
  Value poly(Value x, ArrayRef<double> f32, ArrayRef<double> f64);
  Reduced reduceExp(Value x);
  Value expm1Core(Value r);
  Parts split(Value x);
  Value logCore(Value m);
  Pair log2Pair(Value x);
  Value pinPow(Value x, Value y, Value result);
  Angle reduceAngle(Value x);
  Angle reduceLargeAngle(Value x);
  Value erfcTail(Value x);
  Pair twoSum(Value x, Value y);
  Pair times(Pair x, Pair y);

  OpBuilder &b;
  Location loc;
  FloatType type;
  IntegerType intType;
  bool generic;
  int64_t mantissa, bias; ///< stored bits of the mantissa, exponent bias
};

} // namespace mlir::posenc

#endif // POSENC_LIB_CODEGEN_DEVICE_MATHBUILDER_H
