//===- NVIDIACopy.cpp - Asynchronous copies -------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// cp.async from global to shared memory (sm_80). The memory of a copy may be used by
// the thread that waited for it, and by others once they are ordered after that. The
// cache (ca, cg) changes no result.
//===----------------------------------------------------------------------===//

#include "Chips.h"
#include "NVIDIATables.h"
#include "Operands.h"

using namespace posenc::emulator;

static bool checkAligned(Group &group, const void *address, uint64_t bytes) {
  if (reinterpret_cast<uint64_t>(address) % bytes == 0)
    return true;
  group.report(0, "misaligned access: expected an address that is a multiple of " +
                      std::to_string(bytes));
  return false;
}

/// Operands: target, source and, if there, how many bytes come from the source; the
/// rest of the target becomes zero.
static Outcome copy(Group &group) {
  auto *to = group.get<void *>(0, 0);
  auto *from = group.get<const void *>(0, 1);
  uint64_t bytes = uint64_t(integer(group.attribute("size")));
  uint64_t read = bytes;
  if (operandCount(group.site()) > 2)
    read = group.get<uint32_t>(0, 2);
  if (read > bytes) {
    group.report(0, "expected to copy at most " + std::to_string(bytes) + " bytes but got " +
                        std::to_string(read));
    return Outcome::Done;
  }
  if (checkAligned(group, to, bytes) && checkAligned(group, from, bytes))
    group.beginCopy(0, to, from, read, bytes - read);
  return Outcome::Done;
}

static Outcome commit(Group &group) {
  group.commitCopies(0);
  return Outcome::Done;
}

static Outcome waitForGroups(Group &group) {
  group.waitCopies(0, unsigned(integer(group.attribute("n"))));
  return Outcome::Done;
}

static Outcome waitForAll(Group &group) {
  group.commitCopies(0);
  group.waitCopies(0, 0);
  return Outcome::Done;
}

static constexpr Instruction copies(const char *op, Outcome (*run)(Group &)) {
  return {op, Scope::Thread, run, -1, false, nullptr, sinceSM80};
}

static const Instruction instructions[] = {
    copies("nvvm.cp.async.shared.global", copy),
    copies("nvvm.cp.async.commit.group", commit),
    copies("nvvm.cp.async.wait.group", waitForGroups),
    copies("llvm.nvvm.cp.async.wait.all", waitForAll),
};

Table posenc::emulator::nvidiaCopyInstructions() {
  return {instructions, sizeof(instructions) / sizeof(instructions[0])};
}
