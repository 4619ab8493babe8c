//===- Masks.cpp - Member masks and missing lanes ------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Masks.h"

#include "Operands.h"

using namespace posenc::emulator;

bool posenc::emulator::checkMemberMask(Group &group, unsigned operand) {
  bool seen = false, good = true;
  uint32_t members = 0;
  forEachLane(group, [&](unsigned lane) {
    uint32_t mine = group.get<uint32_t>(lane, operand);
    if (!(mine >> lane & 1)) {
      group.report(lane, "expected the member mask to name lane " + std::to_string(lane) +
                             " but got " + hex(mine));
      good = false;
    } else if (seen && mine != members) {
      group.report(lane, "expected the same member mask in all lanes, " + hex(members) +
                             ", but got " + hex(mine));
      good = false;
    }
    members = seen ? members : mine;
    seen = true;
  });
  return good;
}

bool posenc::emulator::checkWholeWarp(Group &group) {
  unsigned first = group.size();
  uint64_t there = 0;
  forEachLane(group, [&](unsigned lane) {
    first = first == group.size() ? lane : first;
    there |= uint64_t(1) << lane;
  });
  if (group.size() == 32 && there == 0xFFFFFFFF)
    return true;
  if (first < group.size())
    group.report(first, std::string("lanes missing from ") + group.site().op +
                            ": expected all 32 but got " + hex(there));
  return false;
}

bool posenc::emulator::checkDefined(Group &group, unsigned lane, unsigned operand) {
  if (!group.isPoison(lane, operand))
    return true;
  group.report(lane, "poison reaches an instruction");
  return false;
}
