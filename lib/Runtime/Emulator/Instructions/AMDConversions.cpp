//===- AMDConversions.cpp - Conversions between formats -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AMDChips.h"
#include "AMDFloats.h"
#include "AMDTables.h"

using namespace posenc::emulator;

static constexpr unsigned kWithFP8 = kCDNA3Up | kGfx12;

/// Whether the chip's 8-bit floats are those of the Open Compute Project.
static bool isOCP(const Group &group) { return !(chipSet(group.chip()) & kGfx942); }

/// Two f32 to two f16, toward zero.
static Outcome toF16TowardZero(Group &group) {
  for (unsigned operand = 0; operand < 2; ++operand)
    group.set<uint16_t>(
        0, operand, uint16_t(encode(kF16, group.get<float>(0, operand), Rounding::TowardZero)));
  return Outcome::Done;
}

/// One byte of a word to f32.
template <float (*widen)(uint8_t, bool)> static Outcome byteToF32(Group &group) {
  unsigned byte = unsigned(immediate(group, "byteSel", 1)) & 3;
  group.set<float>(0, 0, widen(uint8_t(group.get<uint32_t>(0, 0) >> (8 * byte)), isOCP(group)));
  return Outcome::Done;
}

/// Two bytes of a word to two f32.
template <float (*widen)(uint8_t, bool)> static Outcome bytesToF32(Group &group) {
  unsigned word = immediate(group, "wordSel", 1) & 1;
  uint32_t bits = group.get<uint32_t>(0, 0) >> (16 * word);
  for (unsigned e = 0; e < 2; ++e)
    group.set<float>(0, e, widen(uint8_t(bits >> (8 * e)), isOCP(group)));
  return Outcome::Done;
}

/// Two f32 to the bytes of one half of an old word.
template <uint8_t (*narrow)(float, bool)> static Outcome f32ToBytes(Group &group) {
  unsigned shift = 16 * (immediate(group, "wordSel", 3) & 1);
  uint32_t half = 0;
  for (unsigned operand = 0; operand < 2; ++operand)
    half |= uint32_t(narrow(group.get<float>(0, operand), isOCP(group))) << (8 * operand);
  uint32_t old = group.get<uint32_t>(0, 2);
  group.set<uint32_t>(0, 0, (old & ~(0xFFFFu << shift)) | half << shift);
  return Outcome::Done;
}

static const Instruction instructions[] = {
    {"rocdl.cvt.pkrtz", Scope::Thread, toF16TowardZero},
    {"rocdl.cvt.f32.fp8", Scope::Thread, byteToF32<fromFP8>, -1, false, nullptr,
     notOn<kWithFP8>},
    {"rocdl.cvt.f32.bf8", Scope::Thread, byteToF32<fromBF8>, -1, false, nullptr,
     notOn<kWithFP8>},
    {"rocdl.cvt.pk.f32.fp8", Scope::Thread, bytesToF32<fromFP8>, -1, false, nullptr,
     notOn<kWithFP8>},
    {"rocdl.cvt.pk.f32.bf8", Scope::Thread, bytesToF32<fromBF8>, -1, false, nullptr,
     notOn<kWithFP8>},
    {"rocdl.cvt.pk.fp8.f32", Scope::Thread, f32ToBytes<toFP8>, -1, false, nullptr,
     notOn<kWithFP8>},
    {"rocdl.cvt.pk.bf8.f32", Scope::Thread, f32ToBytes<toBF8>, -1, false, nullptr,
     notOn<kWithFP8>},
};

Table posenc::emulator::amdConversionInstructions() {
  return {instructions, sizeof(instructions) / sizeof(instructions[0])};
}
