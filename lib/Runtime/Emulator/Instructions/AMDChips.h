//===- AMDChips.h - Which of AMD's chips has an instruction --------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_AMDCHIPS_H
#define POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_AMDCHIPS_H

#include "posenc/Runtime/Emulator/Instruction.h"

namespace posenc::emulator {

/// Chips with the same instructions, as bits of a set.
enum ChipSet : unsigned {
  kOldGCN = 1, ///< gfx900 … gfx906
  kGfx908 = 2,
  kGfx90a = 4,
  kGfx942 = 8,
  kGfx950 = 16,
  kGfx10 = 32,
  kGfx11 = 64,
  kGfx12 = 128,

  kCDNA3Up = kGfx942 | kGfx950,
  kCDNA2Up = kGfx90a | kCDNA3Up,
  kCDNA = kGfx908 | kCDNA2Up,
  kGfx9 = kOldGCN | kCDNA,
  kRDNA = kGfx10 | kGfx11 | kGfx12,
};

/// The set with this chip alone; nothing if it is none of AMD's.
unsigned chipSet(std::string_view chip);

/// The members by name, `gfx942 or gfx950`. The text lives on.
const char *chipNames(unsigned chips);

/// For Instruction::lacks.
template <unsigned chips> const char *notOn(const posenc_emu_site &, std::string_view chip) {
  return chipSet(chip) & chips ? nullptr : chipNames(chips);
}

/// An immediate: an attribute of rocdl's ops, but an operand of the intrinsics. Zero
/// for an attribute that is absent.
int64_t immediate(const Group &group, std::string_view attribute, unsigned operand);

/// None of the wave's lanes may be missing, not even because it ended; else a report
/// and false.
bool checkWholeWave(Group &group);

/// All lanes must have the same scalar `element` of `operand`, called `what`; else a
/// report and false.
bool checkUniform(Group &group, unsigned operand, unsigned element, const char *what);

/// The lowest lane that takes part.
unsigned firstLane(const Group &group);

/// A scalar without what lies above it in its slot.
uint64_t scalarBits(const Group &group, unsigned lane, unsigned operand, unsigned element);

/// Bytes that a scalar of this type has in memory; 0 if it is unknown.
unsigned bytesOf(std::string_view type);

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_AMDCHIPS_H
