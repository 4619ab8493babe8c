//===- AMDFloats.h - AMD's 8-bit floats ----------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_AMDFLOATS_H
#define POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_AMDFLOATS_H

#include "Floats.h"

namespace posenc::emulator {

/// fp8 is E4M3 and bf8 E5M2: those of the Open Compute Project (`ocp`: gfx950, gfx12),
/// or on gfx942 the ones with a bias larger by one, no infinities, no −0, and 0x80 as
/// their only NaN.
float fromFP8(uint8_t bits, bool ocp);
float fromBF8(uint8_t bits, bool ocp);
/// To nearest even. What is too large becomes NaN, or infinite if the format has that.
uint8_t toFP8(float value, bool ocp);
uint8_t toBF8(float value, bool ocp);

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_AMDFLOATS_H
