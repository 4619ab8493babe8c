//===- AMDFloats.cpp - AMD's 8-bit floats --------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AMDFloats.h"

#include <cmath>
#include <limits>

using namespace posenc::emulator;

/// All words but NaN's are numbers. The bias is larger by one than FloatFormat's.
static constexpr FloatFormat kE4M3Finite = {4, 3, false, false};
static constexpr FloatFormat kE5M2Finite = {5, 2, false, false};
static constexpr uint8_t kOnlyNaN = 0x80;

static float decodeFinite(const FloatFormat &format, uint8_t bits) {
  if (bits == kOnlyNaN)
    return std::numeric_limits<float>::quiet_NaN();
  return decode(format, bits) / 2;
}

static uint8_t encodeFinite(const FloatFormat &format, float value) {
  double doubled = double(value) * 2;
  // encode saturates where a format has neither NaN nor infinity, so what is too large
  // is told by rounding to the same mantissa with a wider exponent.
  FloatFormat wider = {format.exponentBits + 1, format.mantissaBits, false, false};
  float rounded = decode(wider, encode(wider, doubled));
  if (std::isnan(value) || std::fabs(rounded) > decode(format, format.largest()))
    return kOnlyNaN;
  uint8_t bits = uint8_t(encode(format, doubled));
  return bits == kOnlyNaN ? 0 : bits; // There is no −0.
}

float posenc::emulator::fromFP8(uint8_t bits, bool ocp) {
  return ocp ? decode(kE4M3, bits) : decodeFinite(kE4M3Finite, bits);
}
float posenc::emulator::fromBF8(uint8_t bits, bool ocp) {
  return ocp ? decode(kE5M2, bits) : decodeFinite(kE5M2Finite, bits);
}
uint8_t posenc::emulator::toFP8(float value, bool ocp) {
  return uint8_t(ocp ? encode(kE4M3, value) : encodeFinite(kE4M3Finite, value));
}
uint8_t posenc::emulator::toBF8(float value, bool ocp) {
  return uint8_t(ocp ? encode(kE5M2, value) : encodeFinite(kE5M2Finite, value));
}
