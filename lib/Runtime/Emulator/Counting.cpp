//===- Counting.cpp - Counting what a block does ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Block.h"

#include <cstdint>
#include <string>
#include <vector>

using namespace posenc::emulator;

/// A warp that never comes together counts its accesses at the latest after this many.
static constexpr size_t kLongestLog = 1 << 16;

void Block::logAccess(Thread &t, const void *address, uint64_t bytes, uint32_t site,
                      bool isWrite) {
  bool isShared = shared.contains(address);
  if (!isShared && !global->contains(address))
    return;
  t.log.push_back(
      {reinterpret_cast<uint64_t>(address), site, uint32_t(bytes), isShared, isWrite});
  if (t.log.size() >= kLongestLog)
    countLog(*t.warp);
}

void Block::countLog(Warp &warp) {
  std::vector<LoggedAccess> *logs[64];
  unsigned count = 0;
  for (uint64_t rest = warp.existing; rest; rest &= rest - 1)
    logs[count++] = &threads[warp.first + __builtin_ctzll(rest)].log;
  countRequests(counters, logs, count);
}

/// Once per block: every thread makes the same trips through a loop of the plan.
void Block::countTrip(Thread &t, uint32_t site) {
  if (t.id == 0)
    ++counters.loops[std::string(launch->module->site(site).attribute("loop"))];
}

/// An instruction of a warp is done.
void Block::countGroup(Warp &warp, const OpenGroup &group) {
  if (group.site->instruction->scope != Scope::Warp)
    return;
  if (!group.site->instruction->isBarrier)
    ++counters.collectives[group.site->raw->op];
  if (group.arrived == warp.existing)
    countLog(warp);
}

void Block::countBlock() {
  for (Warp &warp : warps)
    countLog(warp);
  ++counters.blocks;
  counters.threads += launch->threads;
  for (unsigned id = 0; id < launch->threads; ++id)
    for (unsigned i = 0; i < POSENC_EMU_CLASSES; ++i)
      counters.classes[i] += threads[id].counts[i];
}
