//===- Api.h - The functions that emulated kernels call ---------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_API_H
#define POSENC_LIB_RUNTIME_EMULATOR_API_H

#include "Launch.h"

#include "posenc/Runtime/Emulator/EmulatedCode.h"

namespace posenc::emulator {

/// The table for a launch: functions that its module calls and the device has off do
/// nothing; those that the module does not call are absent.
posenc_emu_api apiOf(const Launch &launch);

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_API_H
