//===- Barrier.cpp - Barriers of a block ------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Block.h"

#include "posenc/Runtime/Emulator/Instruction.h"

#include <algorithm>
#include <string>
#include <vector>

using namespace posenc::emulator;

/// What releases and acquires of a phase meet at.
static const void *keyOf(const BarrierState &state, uint64_t generation) {
  return reinterpret_cast<const char *>(&state) + generation % 2;
}

static unsigned laneCount(const Warp &warp) {
  return unsigned(__builtin_popcountll(warp.existing));
}

/// Why the warp cannot join those that are there, or empty.
static std::string mismatch(const BarrierState &state, const BlockBarrier &barrier,
                            const Site *site, unsigned wave) {
  if (barrier.threads % wave)
    return "expected a multiple of " + std::to_string(wave) + " threads but got " +
           std::to_string(barrier.threads);
  if (!state.site)
    return {};
  if (state.threads != barrier.threads)
    return "expected the same number of threads in all warps but got " +
           std::to_string(barrier.threads) + " and " + std::to_string(state.threads);
  if (state.site != site && !(state.anySite && barrier.anySite))
    return "another warp is at another barrier";
  return {};
}

Outcome Block::barrier(Warp &warp, OpenGroup &group, BlockBarrier &barrier) {
  BarrierState &state = barriers[barrier.id];
  if (group.atBarrier) {
    if (state.generation == group.generation)
      return Outcome::Wait;
    barrier.totalVotes = state.lastVotes;
    barrier.totalThreads = state.lastThreads;
    return Outcome::Done;
  }
  unsigned wave = launch->module->image().wave;
  std::string wrong = mismatch(state, barrier, group.site, wave);
  if (!wrong.empty()) {
    const Site *other = state.site ? state.site : group.site;
    std::string note = state.site ? name(threads[warps[state.firstWarp].first]) + " waits here"
                                  : std::string();
    report(threads[warp.first], group.site->index, "divergent barrier: " + wrong, {},
           /*fatal=*/true, other->index, note);
    return Outcome::Done;
  }
  arrive(warp, state, group, barrier);
  uint64_t generation = state.generation;
  bool isComplete = barrier.threads ? state.arrivedSlots >= barrier.threads
                                    : state.arrivedThreads == launch->threads;
  if (isComplete)
    completeBarrier(state);
  barrier.totalVotes = state.lastVotes;
  barrier.totalThreads = state.lastThreads;
  if (isComplete || barrier.arriveOnly)
    return Outcome::Done;
  group.atBarrier = true;
  group.barrier = barrier.id;
  group.generation = generation;
  return Outcome::Wait;
}

void Block::arrive(Warp &warp, BarrierState &state, const OpenGroup &group,
                   const BlockBarrier &barrier) {
  if (!state.site) {
    state.site = group.site;
    state.firstWarp = warp.index;
    state.anySite = barrier.anySite;
    state.threads = barrier.threads;
  }
  state.votes += barrier.votes;
  state.arrivedThreads += laneCount(warp);
  state.arrivedSlots += launch->module->image().wave;
  if (barrier.arriveOnly) {
    state.signalled[warp.index] = state.generation;
    for (unsigned i = 0; i < laneCount(warp); ++i)
      clocks.release(warp.first + i, keyOf(state, state.generation));
  } else {
    state.waiting.push_back(warp.index);
  }
}

void Block::completeBarrier(BarrierState &state) {
  std::vector<unsigned> ids;
  for (unsigned w : state.waiting)
    for (unsigned i = 0; i < laneCount(warps[w]); ++i)
      ids.push_back(warps[w].first + i);
  if (!ids.empty())
    clocks.order(ids.data(), unsigned(ids.size()));
  for (unsigned id : ids)
    clocks.acquire(id, keyOf(state, state.generation));
  state.lastVotes = state.votes;
  state.lastThreads = state.arrivedThreads;
  state.votes = state.arrivedThreads = state.arrivedSlots = 0;
  state.site = nullptr;
  state.waiting.clear();
  ++state.generation;
  ++counters.barriers;
}

Outcome Block::awaitBarrier(Warp &warp, OpenGroup &group, unsigned id) {
  BarrierState &state = barriers[id];
  auto signalled = state.signalled.find(warp.index);
  if (signalled == state.signalled.end()) {
    report(threads[warp.first], group.site->index,
           "divergent barrier: the warp waits without having signalled", {}, /*fatal=*/true);
    return Outcome::Done;
  }
  if (state.generation == signalled->second) {
    group.atBarrier = true;
    group.barrier = id;
    group.generation = state.generation;
    return Outcome::Wait;
  }
  for (unsigned i = 0; i < laneCount(warp); ++i)
    clocks.acquire(warp.first + i, keyOf(state, signalled->second));
  state.signalled.erase(signalled);
  return Outcome::Done;
}
