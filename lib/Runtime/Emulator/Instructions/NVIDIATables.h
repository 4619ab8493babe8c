//===- NVIDIATables.h - The families of NVIDIA's instructions ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_NVIDIATABLES_H
#define POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_NVIDIATABLES_H

#include "Tables.h"

namespace posenc::emulator {

/// Exchange between the lanes of a warp.
Table nvidiaWarpInstructions();
/// Matrices between shared memory and registers.
Table nvidiaMatrixInstructions();
/// Tensor cores.
Table nvidiaMmaInstructions();
/// Asynchronous copies.
Table nvidiaCopyInstructions();
/// Barriers in shared memory, and fences.
Table nvidiaBarrierInstructions();
/// Approximate and exact arithmetic.
Table nvidiaMathInstructions();
/// Conversions between formats.
Table nvidiaConversionInstructions();
/// Integers, clocks and hints.
Table nvidiaScalarInstructions();
/// What sm_90a adds: see NVIDIAHopper.cpp.
Table nvidiaHopperInstructions();

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_NVIDIATABLES_H
