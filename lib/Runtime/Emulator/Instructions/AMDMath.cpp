//===- AMDMath.cpp - Transcendental functions and dot products ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Results are exact to one rounding; hardware's differ by about a unit of the last place.
// As there, subnormal f32 count as 0 in exp2 and log, and sin and cos take revolutions
// and give 0 and 1 beyond 256 of them.
//===----------------------------------------------------------------------===//

#include "AMDChips.h"
#include "AMDTables.h"
#include "Floats.h"
#include "Operands.h"

#include <algorithm>
#include <cmath>

using namespace posenc::emulator;

static constexpr double kPi = 3.14159265358979323846;

static double flush(double value) {
  return std::fabs(value) < 0x1p-126 ? std::copysign(0.0, value) : value;
}

/// Calls `function` on a scalar of f32, f16 or f64; `flushes` for f32 alone.
template <class Function>
static void mapScalar(Group &group, unsigned element, bool flushes, Function function) {
  std::string_view type = group.type(0);
  if (type == "f16") {
    group.set<uint16_t>(0, element,
                        toF16(function(double(fromF16(group.get<uint16_t>(0, 0, element))))));
  } else if (type == "f64") {
    group.set<double>(0, element, function(group.get<double>(0, 0, element)));
  } else {
    double argument = group.get<float>(0, 0, element);
    double result = function(flushes ? flush(argument) : argument);
    // Rounds first: what rounds up to a normal number is none to flush.
    float rounded = float(result);
    group.set<float>(0, element, flushes ? float(flush(rounded)) : rounded);
  }
}

template <double (*function)(double), bool flushes = false> static Outcome map(Group &group) {
  for (unsigned e = 0; e < group.elements(0); ++e)
    mapScalar(group, e, flushes, function);
  group.count(POSENC_EMU_EXP, group.elements(0));
  return Outcome::Done;
}

static double exp2Of(double x) { return std::exp2(x); }
static double log2Of(double x) { return std::log2(x); }
static double reciprocal(double x) { return 1 / x; }
static double reciprocalRoot(double x) { return 1 / std::sqrt(x); }
static double root(double x) { return std::sqrt(x); }
/// Below one, always: what would round up to it becomes the number before.
static double fraction(double x) {
  return std::isinf(x) ? std::nan("") : std::min(x - std::floor(x), double(0x1.fffffep-1f));
}
static double sinOf(double x) {
  return std::fabs(x) > 256 ? 0 : std::sin(2 * kPi * (x - std::rint(x)));
}
static double cosOf(double x) {
  return std::fabs(x) > 256 ? 1 : std::cos(2 * kPi * (x - std::rint(x)));
}

//===----------------------------------------------------------------------===//
// Medians, dot products, bytes
//===----------------------------------------------------------------------===//

/// The least of the three if one is NaN, as hardware has it.
template <class T> static T median(T a, T b, T c) {
  if (std::isnan(a) || std::isnan(b) || std::isnan(c))
    return std::fmin(std::fmin(a, b), c);
  return std::max(std::min(a, b), std::min(std::max(a, b), c));
}

static Outcome med3(Group &group) {
  for (unsigned e = 0; e < group.elements(0); ++e) {
    if (group.type(0) == "f16")
      group.set<uint16_t>(0, e,
                          toF16(median(fromF16(group.get<uint16_t>(0, 0, e)),
                                       fromF16(group.get<uint16_t>(0, 1, e)),
                                       fromF16(group.get<uint16_t>(0, 2, e)))));
    else
      group.set<float>(0, e,
                       median(group.get<float>(0, 0, e), group.get<float>(0, 1, e),
                              group.get<float>(0, 2, e)));
  }
  return Outcome::Done;
}

/// a₀·b₀ + a₁·b₁ + c, rounded once.
template <float (*widen)(uint16_t)> static Outcome dot2(Group &group) {
  double sum = group.get<float>(0, 2);
  for (unsigned e = 0; e < 2; ++e)
    sum += double(widen(group.get<uint16_t>(0, 0, e))) * widen(group.get<uint16_t>(0, 1, e));
  if (group.get<uint8_t>(0, 3) & 1) // clamp
    sum = std::isnan(sum) ? 0 : std::clamp(sum, 0.0, 1.0);
  group.set<float>(0, 0, float(sum));
  group.count(POSENC_EMU_FMA, 2);
  return Outcome::Done;
}

/// Each byte of the selector chooses one of the eight bytes of both operands, a sign, or
/// a constant.
static Outcome permuteBytes(Group &group) {
  uint64_t bytes = uint64_t(group.get<uint32_t>(0, 0)) << 32 | group.get<uint32_t>(0, 1);
  uint32_t selectors = group.get<uint32_t>(0, 2), result = 0;
  for (unsigned shift = 0; shift < 32; shift += 8) {
    unsigned selector = selectors >> shift & 0xFF, byte = 0xFF;
    if (selector < 8)
      byte = bytes >> (8 * selector) & 0xFF;
    else if (selector < 12) // The sign of a half word.
      byte = bytes >> (16 * (selector - 8) + 15) & 1 ? 0xFF : 0;
    else if (selector == 12)
      byte = 0;
    result |= byte << shift;
  }
  group.set(0, 0, result);
  return Outcome::Done;
}

static const char *refuseOthers(const posenc_emu_site &site) {
  std::string_view type = resultType(site, 0);
  return type == "f16" || type == "f32" ? nullptr : "expected f16 or f32";
}
static const char *refuseBF16(const posenc_emu_site &site) {
  std::string_view type = resultType(site, 0);
  return type == "f16" || type == "f32" || type == "f64" ? nullptr : "expected f16, f32 or f64";
}
static const char *refuseHalves(const posenc_emu_site &site) {
  return resultType(site, 0) == "f32" ? nullptr : "expected a result of f32";
}

static const Instruction instructions[] = {
    {"rocdl.exp2", Scope::Thread, map<exp2Of, true>, -1, false, refuseOthers},
    {"rocdl.log", Scope::Thread, map<log2Of, true>, -1, false, refuseOthers},
    {"rocdl.rcp", Scope::Thread, map<reciprocal>, -1, false, refuseBF16},
    {"rocdl.rsq", Scope::Thread, map<reciprocalRoot>, -1, false, refuseBF16},
    {"rocdl.sqrt", Scope::Thread, map<root>, -1, false, refuseBF16},
    {"rocdl.sin", Scope::Thread, map<sinOf>, -1, false, refuseOthers},
    {"rocdl.cos", Scope::Thread, map<cosOf>, -1, false, refuseOthers},
    {"rocdl.fract", Scope::Thread, map<fraction>, -1, false, refuseOthers},
    {"rocdl.fmed3", Scope::Thread, med3, -1, false, refuseOthers},
    {"rocdl.fdot2", Scope::Thread, dot2<fromF16>, -1, false, refuseHalves},
    {"rocdl.fdot2.f32.bf16", Scope::Thread, dot2<fromBF16>, -1, false, nullptr,
     notOn<kGfx950 | kGfx11 | kGfx12>},
    {"rocdl.perm", Scope::Thread, permuteBytes},
};

Table posenc::emulator::amdMathInstructions() {
  return {instructions, sizeof(instructions) / sizeof(instructions[0])};
}
