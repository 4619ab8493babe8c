//===- GlobalRaces.cpp - Races in global memory -----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GlobalRaces.h"

#include <algorithm>
#include <cstdint>

using namespace posenc::emulator;

template <AccessKind kind>
Conflict GlobalRaces::access(unsigned thread, uint64_t offset, uint64_t bytes, uint32_t site) {
  const View &view = clocks.view(thread);
  uint64_t clock = std::min<uint64_t>(view.clock, kClocks);
  Access me = {thread,  context | clock << kClockShift | thread << kThreadShift,
               site,    view.known,
               nullptr, {}};
  for (uint64_t end = offset + bytes; offset < end;) {
    Cell *cell = memory->words(offset);
    me.sites = memory->sites(offset);
    uint64_t count = std::min(4 - offset % 4, end - offset);
    uint64_t written = load(cell[0]);
    bool isSplit = isOfLaunch(written) && (written & kSplit);
    if (__builtin_expect(count == 4 && !isSplit, 1))
      accessCell<kind>(me, cell, written);
    else
      accessBytes<kind>(me, offset, count);
    offset += count;
  }
  return me.conflict;
}

template Conflict GlobalRaces::access<AccessKind::Read>(unsigned, uint64_t, uint64_t, uint32_t);
template Conflict GlobalRaces::access<AccessKind::Write>(unsigned, uint64_t, uint64_t,
                                                         uint32_t);
template Conflict GlobalRaces::access<AccessKind::Atomic>(unsigned, uint64_t, uint64_t,
                                                          uint32_t);

/// A clock that does not fit counts as past: rather no report than a wrong one.
bool GlobalRaces::isPast(const Access &me, unsigned thread, uint32_t clock) const {
  return clock <= me.known->least || thread == me.thread || clock == kClocks ||
         clock <= me.known->past[thread];
}

bool GlobalRaces::isPast(const Access &me, uint64_t stamp) const {
  if (!isOfLaunch(stamp))
    return true;
  if (isOfBlock(stamp))
    return isPast(me, threadOf(stamp), clockOf(stamp));
  return order->isPast(blockOf(stamp), clockOf(stamp), known);
}

void GlobalRaces::conflict(Access &me, uint64_t stamp, unsigned thread, bool isWrite) const {
  if (me.conflict.found)
    return;
  me.conflict = {true, isWrite, blockOf(stamp), thread,
                 me.sites[!isWrite].load(std::memory_order_relaxed)};
}

/// `written` is what the caller saw in the cell: another worker may split the word at
/// any time, and that mark, read here, would pass for a write.
template <AccessKind kind>
void GlobalRaces::accessCell(Access &me, Cell *cell, uint64_t written) {
  bool areAtomic = kind == AccessKind::Atomic && (written & kAtomic);
  if (__builtin_expect(!areAtomic && !isPast(me, written), 0))
    conflict(me, written, threadOf(written), /*isWrite=*/true);
  if (kind == AccessKind::Read)
    return read(me, cell);
  uint64_t reads = load(cell[1]);
  if (isOfLaunch(reads))
    checkReads(me, reads);
  store(cell[0], me.stamp | (kind == AccessKind::Atomic ? kAtomic : 0));
  store(cell[1], 0);
  me.sites[0].store(me.site, std::memory_order_relaxed);
}

void GlobalRaces::read(Access &me, Cell *cell) {
  uint64_t reads = load(cell[1]);
  if (isOfLaunch(reads)) {
    // Many blocks read what nobody writes: leave it alone.
    if ((reads & kFlags) == kGrid)
      return;
    if (!isOfBlock(reads))
      return store(cell[1], reads | kGrid);
    if (reads & kFlags || !isPast(me, reads)) {
      bool isSameWarp = threadOf(reads) / wave == me.thread / wave && !(reads & kBlock);
      uint64_t latest = clockOf(reads) > clockOf(me.stamp) ? reads & ~kFlags : me.stamp;
      return store(cell[1], latest | (isSameWarp ? kWarp : kBlock));
    }
  }
  store(cell[1], me.stamp);
  me.sites[1].store(me.site, std::memory_order_relaxed);
}

/// A write: all reads must be past.
void GlobalRaces::checkReads(Access &me, uint64_t reads) {
  uint64_t flags = reads & kFlags;
  uint32_t clock = clockOf(reads);
  if (flags == kGrid) {
    // Which blocks is not known; those that synchronise by atomics may be right.
    if (known.empty())
      conflict(me, reads, threadOf(reads), /*isWrite=*/false);
    return;
  }
  if (!isOfBlock(reads)) {
    if (!order->isPast(blockOf(reads), clock, known))
      conflict(me, reads, threadOf(reads), /*isWrite=*/false);
    return;
  }
  if (clock <= me.known->least)
    return;
  unsigned first = threadOf(reads), end = first + 1;
  if (flags == kWarp && !clocks.hasOrderedLanes()) {
    first = first / wave * wave;
    end = first + wave;
  } else if (flags == kBlock && !clocks.hasOrderedSome()) {
    first = 0;
    end = ~0u;
  }
  end = std::min<unsigned>(end, unsigned(me.known->past.size()));
  for (unsigned i = first; i < end; ++i)
    if (!isPast(me, i, clock))
      return conflict(me, reads, i, /*isWrite=*/false);
}

template <AccessKind kind>
void GlobalRaces::accessBytes(Access &me, uint64_t offset, uint64_t count) {
  Cell *word = memory->words(offset);
  uint64_t written = load(word[0]);
  if (!isOfLaunch(written) || !(written & kSplit))
    split(offset / 4 * 4, written);
  for (uint64_t i = offset; i < offset + count; ++i)
    accessCell<kind>(me, memory->bytes(i), load(memory->bytes(i)[0]));
}

/// Each byte gets what the word has, whose cell said `written`. Another worker may do the same
/// at the same time, which can lose an access, but leaves none that did not happen.
void GlobalRaces::split(uint64_t offset, uint64_t written) {
  Cell *word = memory->words(offset);
  uint64_t reads = load(word[1]);
  for (uint64_t i = offset; i < offset + 4; ++i) {
    store(memory->bytes(i)[0], written);
    store(memory->bytes(i)[1], reads);
  }
  store(word[0], context | kSplit);
  store(word[1], 0);
}
