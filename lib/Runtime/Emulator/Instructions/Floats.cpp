//===- Floats.cpp - Formats narrower than f32 ----------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Floats.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace posenc::emulator;

uint32_t FloatFormat::nanBits() const { return (1u << signBit()) - 1; }

uint32_t FloatFormat::largest() const {
  if (ieee)
    return (((1u << exponentBits) - 1) << mantissaBits) - 1;
  return nanBits() - (nan ? 1 : 0);
}

static double roundToInteger(double value, Rounding rounding) {
  double down = std::floor(value), rest = value - down;
  switch (rounding) {
  case Rounding::NearestEven:
    return rest > 0.5 || (rest == 0.5 && std::fmod(down, 2) != 0) ? down + 1 : down;
  case Rounding::NearestAway:
    return rest >= 0.5 ? down + 1 : down;
  case Rounding::TowardZero:
    return down;
  }
  return down;
}

uint32_t posenc::emulator::encode(const FloatFormat &format, double value, Rounding rounding,
                                  bool saturate) {
  if (std::isnan(value))
    return format.nanBits();
  uint32_t sign = std::signbit(value) ? 1u << format.signBit() : 0;
  uint32_t overflow = saturate      ? format.largest()
                      : format.ieee ? format.largest() + 1
                      : format.nan  ? format.nanBits()
                                    : format.largest();
  double magnitude = std::fabs(value);
  if (std::isinf(magnitude))
    return sign | overflow;
  if (magnitude == 0)
    return sign;
  int least = 1 - format.bias();
  int exponent = std::max(std::ilogb(magnitude), least);
  double units =
      roundToInteger(std::ldexp(magnitude, int(format.mantissaBits) - exponent), rounding);
  // A carry out of the mantissa runs into the exponent, where it belongs.
  double word = std::ldexp(double(exponent - least), int(format.mantissaBits)) + units;
  if (word > format.largest())
    return sign | (rounding == Rounding::TowardZero ? format.largest() : overflow);
  return sign | uint32_t(word);
}

float posenc::emulator::decode(const FloatFormat &format, uint32_t bits) {
  uint32_t magnitude = bits & (format.nanBits());
  bool negative = bits >> format.signBit() & 1;
  float value;
  if (format.ieee && magnitude > format.largest())
    value = magnitude == format.largest() + 1 ? std::numeric_limits<float>::infinity()
                                              : std::numeric_limits<float>::quiet_NaN();
  else if (format.nan && !format.ieee && magnitude == format.nanBits())
    value = std::numeric_limits<float>::quiet_NaN();
  else {
    int field = int(magnitude >> format.mantissaBits);
    uint32_t fraction = magnitude & ((1u << format.mantissaBits) - 1);
    uint32_t units = field ? fraction | 1u << format.mantissaBits : fraction;
    int exponent = std::max(field, 1) - format.bias() - int(format.mantissaBits);
    value = std::ldexp(float(units), exponent);
  }
  return negative ? -value : value;
}
