//===- NVIDIAMath.cpp - Approximate and exact arithmetic ------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// The approximations (ex2, lg2, rcp, sqrt, rsqrt, sin, cos) give the result that is
// nearest to the exact one; hardware's differ from it by what the PTX ISA allows, up to
// 2^-22 in relation to it for most. With .ftz subnormal operands and results count as
// zero of their sign.
//===----------------------------------------------------------------------===//

#include "Floats.h"
#include "NVIDIATables.h"

#include <cmath>

using namespace posenc::emulator;

static double flush(double value) {
  return std::fabs(value) < 0x1p-126 ? std::copysign(0.0, value) : value;
}

/// Operand `operand` as a number, whatever its format.
static double read(const Group &group, unsigned operand, unsigned element) {
  std::string_view type = group.type(operand);
  if (type == "f16")
    return fromF16(group.get<uint16_t>(0, operand, element));
  if (type == "bf16")
    return fromBF16(group.get<uint16_t>(0, operand, element));
  return group.get<float>(0, operand, element);
}

/// The result has the format of operand 0.
static void write(Group &group, unsigned element, double value) {
  std::string_view type = group.type(0);
  if (type == "f16")
    group.set<uint16_t>(0, element, toF16(value));
  else if (type == "bf16")
    group.set<uint16_t>(0, element, toBF16(value));
  else
    group.set<float>(0, element, float(value));
}

/// Element by element; an undefined operand makes its element undefined.
template <class Function> static Outcome map(Group &group, unsigned operands, Function f) {
  for (unsigned i = 0; i < group.elements(0); ++i) {
    bool poison = false;
    for (unsigned operand = 0; operand < operands; ++operand)
      poison |= group.isPoison(0, operand, i);
    write(group, i, f(i));
    if (poison)
      group.setPoison(0, i);
  }
  return Outcome::Done;
}

/// bf16 has f32's exponents, so that flushing is the same; f16's subnormals stay.
template <double (*function)(double), bool ftz, bool special = true>
static Outcome unary(Group &group) {
  if (special)
    group.count(POSENC_EMU_EXP, group.elements(0));
  return map(group, 1, [&](unsigned i) {
    double x = read(group, 0, i);
    double y = function(ftz ? flush(x) : x);
    return ftz ? flush(y) : y;
  });
}

static double powerOfTwo(double x) { return std::exp2(x); }
static double logarithm(double x) { return std::log2(x); }
static double sine(double x) { return std::sin(x); }
static double cosine(double x) { return std::cos(x); }
static double root(double x) { return std::sqrt(x); }
static double reciprocal(double x) { return 1 / x; }
static double reciprocalRoot(double x) { return 1 / std::sqrt(x); }
static double magnitude(double x) { return std::fabs(x); }
static double floorOf(double x) { return std::floor(x); }
static double ceilOf(double x) { return std::ceil(x); }
static double truncOf(double x) { return std::trunc(x); }
static double saturate(double x) { return std::isnan(x) ? 0 : std::fmin(std::fmax(x, 0), 1); }

/// Rounded once.
template <bool ftz, bool clamps> static Outcome fusedMultiplyAdd(Group &group) {
  group.count(POSENC_EMU_FMA, 1);
  return map(group, 3, [&](unsigned) {
    float factors[3];
    for (unsigned operand = 0; operand < 3; ++operand) {
      double x = read(group, operand, 0);
      factors[operand] = float(ftz ? flush(x) : x);
    }
    double result = std::fma(factors[0], factors[1], factors[2]);
    result = ftz ? flush(result) : result;
    return clamps ? saturate(result) : result;
  });
}

/// NaN only if both operands are, or with `nan` if either is; −0 is less than +0.
template <bool largest, bool ftz, bool nan> static Outcome extremum(Group &group) {
  group.count(POSENC_EMU_FLOAT, group.elements(0));
  return map(group, 2, [&](unsigned i) {
    double x = read(group, 0, i), y = read(group, 1, i);
    x = ftz ? flush(x) : x;
    y = ftz ? flush(y) : y;
    if (std::isnan(x))
      return nan ? x : y;
    if (std::isnan(y))
      return nan ? y : x;
    bool less = x < y || (x == y && std::signbit(x) > std::signbit(y));
    return less == largest ? y : x;
  });
}

static constexpr bool kFlush = true, kSpecial = true, kSaturate = true;
static constexpr bool kLargest = true, kNaN = true;

/// A thread's instruction that passes poison on.
static constexpr Instruction pure(const char *op, Outcome (*run)(Group &)) {
  return {op, Scope::Thread, run, -1, /*tracksPoison=*/true};
}

static const Instruction instructions[] = {
    pure("nvvm.rcp.approx.ftz.f", unary<reciprocal, kFlush>),
    pure("llvm.nvvm.rcp.approx.ftz.f", unary<reciprocal, kFlush>),
    pure("llvm.nvvm.rcp.rn.f", unary<reciprocal, !kFlush>),
    pure("llvm.nvvm.rcp.rn.ftz.f", unary<reciprocal, kFlush>),
    // f16 keeps its subnormals; the others have a form with .ftz, bf16 only that.
    pure("llvm.nvvm.ex2.approx.f32", unary<powerOfTwo, !kFlush>),
    pure("llvm.nvvm.ex2.approx.ftz.f32", unary<powerOfTwo, kFlush>),
    pure("llvm.nvvm.ex2.approx.f16", unary<powerOfTwo, !kFlush>),
    pure("llvm.nvvm.ex2.approx.v2f16", unary<powerOfTwo, !kFlush>),
    pure("llvm.nvvm.ex2.approx.ftz.bf16", unary<powerOfTwo, kFlush>),
    pure("llvm.nvvm.ex2.approx.ftz.v2bf16", unary<powerOfTwo, kFlush>),
    pure("llvm.nvvm.lg2.approx.f", unary<logarithm, !kFlush>),
    pure("llvm.nvvm.lg2.approx.ftz.f", unary<logarithm, kFlush>),
    pure("llvm.nvvm.sin.approx.f", unary<sine, !kFlush>),
    pure("llvm.nvvm.sin.approx.ftz.f", unary<sine, kFlush>),
    pure("llvm.nvvm.cos.approx.f", unary<cosine, !kFlush>),
    pure("llvm.nvvm.cos.approx.ftz.f", unary<cosine, kFlush>),
    pure("llvm.nvvm.sqrt.approx.f", unary<root, !kFlush>),
    pure("llvm.nvvm.sqrt.approx.ftz.f", unary<root, kFlush>),
    pure("llvm.nvvm.sqrt.rn.f", unary<root, !kFlush>),
    pure("llvm.nvvm.sqrt.rn.ftz.f", unary<root, kFlush>),
    pure("llvm.nvvm.rsqrt.approx.f", unary<reciprocalRoot, !kFlush>),
    pure("llvm.nvvm.rsqrt.approx.ftz.f", unary<reciprocalRoot, kFlush>),
    pure("llvm.nvvm.fabs.f32", unary<magnitude, !kFlush, !kSpecial>),
    pure("llvm.nvvm.fabs.ftz.f32", unary<magnitude, kFlush, !kSpecial>),
    pure("llvm.nvvm.floor.f", unary<floorOf, !kFlush, !kSpecial>),
    pure("llvm.nvvm.floor.ftz.f", unary<floorOf, kFlush, !kSpecial>),
    pure("llvm.nvvm.ceil.f", unary<ceilOf, !kFlush, !kSpecial>),
    pure("llvm.nvvm.ceil.ftz.f", unary<ceilOf, kFlush, !kSpecial>),
    pure("llvm.nvvm.trunc.f", unary<truncOf, !kFlush, !kSpecial>),
    pure("llvm.nvvm.trunc.ftz.f", unary<truncOf, kFlush, !kSpecial>),
    pure("llvm.nvvm.saturate.f", unary<saturate, !kFlush, !kSpecial>),
    pure("llvm.nvvm.saturate.ftz.f", unary<saturate, kFlush, !kSpecial>),
    pure("llvm.nvvm.fma.rn.f", fusedMultiplyAdd<!kFlush, !kSaturate>),
    pure("llvm.nvvm.fma.rn.ftz.f", fusedMultiplyAdd<kFlush, !kSaturate>),
    pure("llvm.nvvm.fma.rn.sat.f", fusedMultiplyAdd<!kFlush, kSaturate>),
    pure("llvm.nvvm.fma.rn.ftz.sat.f", fusedMultiplyAdd<kFlush, kSaturate>),
    pure("llvm.nvvm.fmax.f", extremum<kLargest, !kFlush, !kNaN>),
    pure("llvm.nvvm.fmax.ftz.f", extremum<kLargest, kFlush, !kNaN>),
    pure("llvm.nvvm.fmax.nan.f", extremum<kLargest, !kFlush, kNaN>),
    pure("llvm.nvvm.fmax.ftz.nan.f", extremum<kLargest, kFlush, kNaN>),
    pure("llvm.nvvm.fmin.f", extremum<!kLargest, !kFlush, !kNaN>),
    pure("llvm.nvvm.fmin.ftz.f", extremum<!kLargest, kFlush, !kNaN>),
    pure("llvm.nvvm.fmin.nan.f", extremum<!kLargest, !kFlush, kNaN>),
    pure("llvm.nvvm.fmin.ftz.nan.f", extremum<!kLargest, kFlush, kNaN>),
};

Table posenc::emulator::nvidiaMathInstructions() {
  return {instructions, sizeof(instructions) / sizeof(instructions[0])};
}
