//===- Tables.h - The tables of instruction models -----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_TABLES_H
#define POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_TABLES_H

#include "posenc/Runtime/Emulator/Instruction.h"

#include <cstddef>
#include <string_view>

namespace posenc::emulator {

/// The instructions of one file.
struct Table {
  const Instruction *begin;
  size_t size;
};

Table nvidiaInstructions();
Table amdInstructions();
Table barrierInstructions();

/// The model of an intrinsic that has an op in the ROCDL dialect: llvm.amdgcn.exp2.f32
/// is rocdl.exp2. Null if it has none.
const Instruction *findAmdIntrinsic(std::string_view name);

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_TABLES_H
