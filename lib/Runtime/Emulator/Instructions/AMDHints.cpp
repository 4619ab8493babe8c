//===- AMDHints.cpp - What tells how to schedule --------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AMDChips.h"
#include "AMDTables.h"

using namespace posenc::emulator;

/// Hints change when something happens, never what.
static Outcome nothing(Group &) { return Outcome::Done; }

static const Instruction instructions[] = {
    {"rocdl.s.setprio", Scope::Thread, nothing},
    {"rocdl.s.sleep", Scope::Thread, nothing},
    {"rocdl.s.nop", Scope::Thread, nothing},
    {"rocdl.sched.barrier", Scope::Thread, nothing},
    {"rocdl.sched.group.barrier", Scope::Thread, nothing},
    {"rocdl.iglp.opt", Scope::Thread, nothing},
    // Orders the wave's own code only.
    {"rocdl.wave.barrier", Scope::Thread, nothing},
};

Table posenc::emulator::amdHintInstructions() {
  return {instructions, sizeof(instructions) / sizeof(instructions[0])};
}
