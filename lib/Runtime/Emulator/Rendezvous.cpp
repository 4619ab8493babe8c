//===- Rendezvous.cpp - Instructions that threads execute, alone or together ------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Block.h"
#include "WarpGroup.h"

#include "posenc/Runtime/Emulator/Instruction.h"

#include <cstring>

using namespace posenc::emulator;

/// An instruction takes as long as some accesses.
static constexpr uint32_t kInstructionCharge = 15;

void Block::call(Thread &t, uint32_t index, const Pending &pending) {
  const Site &site = launch->module->site(index);
  t.pending = pending;
  t.pending.site = &site;
  if (!site.instruction) {
    report(t, index,
           std::string("expected an instruction that the emulator models but got ") +
               site.raw->op,
           {}, /*fatal=*/true);
    leave();
  }
  if (pending.resultPoison)
    std::memset(pending.resultPoison, 0, site.resultScalars);
  if (pending.operandPoison && !site.instruction->tracksPoison)
    checkPoison(t);
  if (site.instruction->scope == Scope::Thread)
    callAlone(t);
  else
    callTogether(t);
  if (isStopped)
    leave();
  charge(kInstructionCharge);
  tick(t, nullptr, 0, index, /*writes=*/false);
}

void Block::checkPoison(Thread &t) {
  const Site &site = *t.pending.site;
  for (unsigned i = 0; i < site.operandScalars; ++i)
    if (t.pending.operandPoison[i])
      return report(t, site.index, "poison reaches an instruction");
}

void Block::callAlone(Thread &t) {
  OpenGroup alone;
  alone.site = t.pending.site;
  alone.needed = alone.arrived = 1ull << t.lane;
  if (runGroup(*t.warp, alone) == Outcome::Done)
    return;
  alone.waits = true;
  t.warp->open.push_back(alone);
  block(t);
}

void Block::callTogether(Thread &t) {
  const Instruction &instruction = *t.pending.site->instruction;
  Warp &warp = *t.warp;
  uint64_t needed = warp.existing;
  // elect.sync may lack the operand: then all lanes are members.
  size_t maskOperand = size_t(instruction.maskOperand);
  if (instruction.maskOperand >= 0 && maskOperand < t.pending.site->operands.size()) {
    const Operand &mask = t.pending.site->operands[maskOperand];
    uint32_t named;
    std::memcpy(&named, t.pending.operands + mask.first, sizeof(named));
    if (!(named >> t.lane & 1)) {
      report(t, t.pending.site->index,
             std::string("lanes missing from ") + t.pending.site->raw->op +
                 ": the mask does not name the lane itself",
             {}, /*fatal=*/true);
      return;
    }
    needed &= named;
  }
  OpenGroup &group = join(t, needed);
  if (group.arrived != needed)
    return block(t);
  if (runGroup(warp, group) == Outcome::Done)
    return close(warp, group, t.lane);
  group.waits = true;
  block(t);
}

/// Not ready until the group that the thread is in is done.
void Block::block(Thread &t) {
  if (isStopped)
    return;
  t.warp->ready &= ~(1ull << t.lane);
  if (!t.warp->ready)
    readyWarps &= ~(1ull << t.warp->index);
  suspend(t);
}

/// The group of this op and these lanes, with the thread in it.
OpenGroup &Block::join(Thread &t, uint64_t needed) {
  Warp &warp = *t.warp;
  for (OpenGroup &group : warp.open)
    if (group.site == t.pending.site && group.needed == needed && !group.waits) {
      group.arrived |= 1ull << t.lane;
      return group;
    }
  OpenGroup group;
  group.site = t.pending.site;
  group.needed = needed;
  group.arrived = 1ull << t.lane;
  warp.open.push_back(group);
  return warp.open.back();
}

Outcome Block::runGroup(Warp &warp, OpenGroup &group) {
  WarpGroup lanes(*this, warp, group);
  Outcome outcome = group.site->instruction->run(lanes);
  if (isStopped)
    return Outcome::Done;
  if (outcome == Outcome::Done && counts())
    countGroup(warp, group);
  return outcome;
}

/// The group's lanes go on; `runner` does already.
void Block::close(Warp &warp, OpenGroup &group, unsigned runner) {
  uint64_t lanes = group.arrived;
  group = warp.open.back();
  warp.open.pop_back();
  makeReady(warp, lanes);
  if (launch->options.schedule && runner < 64 && !isStopped)
    suspend(threads[warp.first + runner]);
}

/// Runs again what waits in a warp. True if something of it is done.
bool Block::retry(Warp &warp) {
  bool progress = false;
  for (size_t i = 0; i < warp.open.size() && !isStopped;) {
    if (warp.open[i].waits && runGroup(warp, warp.open[i]) == Outcome::Done) {
      close(warp, warp.open[i], /*runner=*/64);
      progress = true;
      continue;
    }
    ++i;
  }
  return progress;
}

bool Block::retryAll() {
  bool progress = false;
  for (Warp &warp : warps)
    progress |= retry(warp);
  return progress;
}
