//===- Chips.h - Which NVIDIA chips have an instruction ------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_CHIPS_H
#define POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_CHIPS_H

#include "Operands.h"

namespace posenc::emulator {

/// 90 of sm_90a; 0 of another vendor's chip.
inline unsigned smVersion(std::string_view chip) {
  return chip.substr(0, 3) == "sm_" ? unsigned(integer(chip.substr(3))) : 0;
}

/// Instruction::lacks for what came with one chip and stayed.
inline const char *sinceSM80(const posenc_emu_site &, std::string_view chip) {
  return smVersion(chip) >= 80 ? nullptr : "sm_80 and later";
}
inline const char *sinceSM90(const posenc_emu_site &, std::string_view chip) {
  return smVersion(chip) >= 90 ? nullptr : "sm_90 and later";
}

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_CHIPS_H
