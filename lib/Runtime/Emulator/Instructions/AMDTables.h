//===- AMDTables.h - The families of AMD's instructions ------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_AMDTABLES_H
#define POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_AMDTABLES_H

#include "Tables.h"

namespace posenc::emulator {

/// Matrix cores of CDNA: mfma.
Table amdMatrixInstructions();
/// Matrix cores of RDNA: wmma.
Table amdWaveMatrixInstructions();
/// Data parallel primitives: one lane takes another's value by a fixed pattern.
Table amdDppInstructions();
/// Other exchange between the lanes of a wave.
Table amdLaneInstructions();
/// Loads, stores and atomics through buffer resources.
Table amdBufferInstructions();
/// Copies from global memory to LDS, and what waits for them.
Table amdCopyInstructions();
/// Reads of LDS that transpose.
Table amdTransposeInstructions();
/// Transcendental functions and dot products.
Table amdMathInstructions();
/// Conversions between formats.
Table amdConversionInstructions();
/// What only tells the hardware or compiler how to schedule.
Table amdHintInstructions();

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_AMDTABLES_H
