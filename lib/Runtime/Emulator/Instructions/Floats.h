//===- Floats.h - Formats narrower than f32 ------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_FLOATS_H
#define POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_FLOATS_H

#include <cstdint>
#include <cstring>

namespace posenc::emulator {

/// A binary format with a sign, in the low bits of a word.
struct FloatFormat {
  unsigned exponentBits, mantissaBits;
  /// Infinities and NaNs as IEEE 754 has them.
  bool ieee;
  /// Without infinities: all ones is NaN, and the largest number one less.
  bool nan;

  unsigned signBit() const { return exponentBits + mantissaBits; }
  int bias() const { return (1 << (exponentBits - 1)) - 1; }
  uint32_t nanBits() const;
  /// The word of the largest finite number.
  uint32_t largest() const;
};

inline constexpr FloatFormat kF16 = {5, 10, true, true};
inline constexpr FloatFormat kBF16 = {8, 7, true, true};
/// tf32 lies in the high bits of a word of f32; here it is shifted down by 13.
inline constexpr FloatFormat kTF32 = {8, 10, true, true};
inline constexpr FloatFormat kE5M2 = {5, 2, true, true};
inline constexpr FloatFormat kE4M3 = {4, 3, false, true};

enum class Rounding {
  NearestEven,
  NearestAway, ///< ties away from zero
  TowardZero,
};

/// The nearest number of the format. NaN gives the canonical one. What is too
/// large becomes infinite (NaN where there is none), or with `saturate` the
/// largest finite number.
uint32_t encode(const FloatFormat &format, double value,
                Rounding rounding = Rounding::NearestEven, bool saturate = false);
float decode(const FloatFormat &format, uint32_t bits);

inline float bitsToFloat(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}
inline uint32_t floatToBits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

/// Exact. Fast, because matrix instructions decode hundreds of operands.
inline float fromF16(uint16_t half) {
  // The fields move to where f32 has them; a product makes up for the other
  // bias and normalises subnormals.
  float value = bitsToFloat((half & 0x7FFFu) << 13) * 0x1p112f;
  uint32_t bits = floatToBits(value);
  if ((half & 0x7C00) == 0x7C00)
    bits |= 0x7F800000;
  return bitsToFloat(bits | (half & 0x8000u) << 16);
}
inline float fromBF16(uint16_t half) { return bitsToFloat(uint32_t(half) << 16); }

inline uint16_t toF16(double value) { return uint16_t(encode(kF16, value)); }
inline uint16_t toBF16(double value) { return uint16_t(encode(kBF16, value)); }

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_FLOATS_H
