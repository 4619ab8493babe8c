//===- NVIDIA.cpp - Models of NVIDIA's instructions ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tables.h"

using namespace posenc::emulator;

static Outcome nothing(Group &) { return Outcome::Done; }

static const Instruction instructions[] = {
    {"nvvm.setmaxregister", Scope::Thread, nothing},
};

Table posenc::emulator::nvidiaInstructions() {
  return {instructions, sizeof(instructions) / sizeof(instructions[0])};
}
