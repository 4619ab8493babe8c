//===- Tables.h - The tables of instruction models -----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_TABLES_H
#define POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_TABLES_H

#include "posenc/Runtime/Emulator/Instruction.h"

namespace posenc::emulator {

/// The instructions of one file.
struct Table {
  const Instruction *begin;
  size_t size;
};

Table nvidiaInstructions();
Table amdInstructions();
Table barrierInstructions();

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_TABLES_H
