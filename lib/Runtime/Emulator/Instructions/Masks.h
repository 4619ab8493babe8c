//===- Masks.h - Member masks and missing lanes --------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_MASKS_H
#define POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_MASKS_H

#include "posenc/Runtime/Emulator/Instruction.h"

namespace posenc::emulator {

/// Calls `body(lane)` for each lane that takes part.
template <class Body> void forEachLane(const Group &group, Body body) {
  for (unsigned lane = 0; lane < group.size(); ++lane)
    if (group.present(lane))
      body(lane);
}

/// Every lane present must name itself, and all the same members, in operand
/// `operand`; else a report and false.
bool checkMemberMask(Group &group, unsigned operand);

/// For instructions that a whole warp executes: none of 32 lanes may be missing,
/// not even because it ended.
bool checkWholeWarp(Group &group);

/// An operand that must be defined, in a model that tracks poison.
bool checkDefined(Group &group, unsigned lane, unsigned operand);

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_MASKS_H
