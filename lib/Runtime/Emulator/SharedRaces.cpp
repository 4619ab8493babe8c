//===- SharedRaces.cpp - Races between threads of a block in its memory -===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SharedRaces.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include <sys/mman.h>

using namespace posenc::emulator;

/// For a cell per word and one per byte.
static constexpr uint64_t kSetBytes = SharedMemory::kWindow / 4 * 5 * 16 * sizeof(uint64_t);

bool SharedRaces::reserve() {
  if (sets)
    return true;
  void *made = mmap(nullptr, kSetBytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (made == MAP_FAILED)
    return false;
  sets = static_cast<uint64_t *>(made);
  return true;
}

SharedRaces::~SharedRaces() {
  if (sets)
    munmap(sets, kSetBytes);
}

void SharedRaces::conflict(Access &me, uint64_t stamp, unsigned thread, bool isWrite) {
  if (me.conflict.found)
    return;
  me.conflict.found = true;
  me.conflict.isWrite = isWrite;
  me.conflict.thread = thread;
  me.conflict.site = siteOf(stamp);
}

template <bool writes>
Conflict SharedRaces::access(unsigned thread, uint64_t offset, uint64_t bytes, uint32_t site) {
  const View &view = clocks.view(thread);
  Access me = {thread, stamp(thread, view.clock, site), view.known, {}};
  for (uint64_t end = offset + bytes; offset < end;) {
    uint64_t *cell = memory.word(offset);
    uint64_t count = std::min(4 - offset % 4, end - offset);
    if (count < 4 || (cell[0] & kSplit))
      accessBytes(me, offset, count, writes);
    else
      writes ? write(me, cell, offset / 4) : read(me, cell, offset / 4);
    offset += count;
  }
  return me.conflict;
}

template Conflict SharedRaces::access<false>(unsigned, uint64_t, uint64_t, uint32_t);
template Conflict SharedRaces::access<true>(unsigned, uint64_t, uint64_t, uint32_t);

void SharedRaces::read(Access &me, uint64_t *cell, uint64_t index) {
  if (!isPast(me, cell[0]))
    conflict(me, cell[0], threadOf(cell[0]), /*isWrite=*/true);
  if ((cell[1] & kFlags) == 0 && isPast(me, cell[1]))
    cell[1] = me.stamp;
  else
    readAsWell(me, cell, index);
}

void SharedRaces::write(Access &me, uint64_t *cell, uint64_t index) {
  if (!isPast(me, cell[0]))
    conflict(me, cell[0], threadOf(cell[0]), /*isWrite=*/true);
  if (clockOf(cell[1]) > me.known->least)
    checkReads(me, cell, index);
  cell[0] = me.stamp;
  cell[1] = 0;
}

/// Another thread has read, and what it did is not past.
void SharedRaces::readAsWell(Access &me, uint64_t *cell, uint64_t index) {
  uint64_t reads = cell[1];
  if (clockOf(reads) <= me.known->least) {
    if (reads & kMany)
      many.erase(index);
    cell[1] = me.stamp;
  } else if (reads & kMany) {
    many[index][me.thread] = clockOf(me.stamp);
    if (clockOf(me.stamp) > clockOf(reads))
      cell[1] = me.stamp | kMany;
  } else if (clockOf(reads) != clockOf(me.stamp)) {
    makeMany(me, cell, index);
  } else if (reads & kSet) {
    set(index)[me.thread / 64] |= 1ull << me.thread % 64;
  } else {
    makeSet(me, cell, index);
  }
}

void SharedRaces::makeSet(Access &me, uint64_t *cell, uint64_t index) {
  uint64_t *bits = set(index);
  unsigned other = threadOf(cell[1]);
  std::memset(bits, 0, setWords * sizeof(uint64_t));
  bits[other / 64] |= 1ull << other % 64;
  bits[me.thread / 64] |= 1ull << me.thread % 64;
  cell[1] |= kSet;
}

void SharedRaces::makeMany(Access &me, uint64_t *cell, uint64_t index) {
  uint64_t reads = cell[1];
  std::vector<uint32_t> &clocksOfReads = many[index];
  clocksOfReads.assign(me.known->past.size(), 0);
  if (reads & kSet) {
    for (unsigned i = 0; i < clocksOfReads.size(); ++i)
      if (set(index)[i / 64] >> i % 64 & 1)
        clocksOfReads[i] = clockOf(reads);
  } else {
    clocksOfReads[threadOf(reads)] = clockOf(reads);
  }
  clocksOfReads[me.thread] = clockOf(me.stamp);
  // The latest, so that one compare tells whether all of them are past.
  uint64_t latest = clockOf(me.stamp) > clockOf(reads) ? me.stamp : reads & ~kFlags;
  cell[1] = latest | kMany;
}

/// A write: all reads must be past.
void SharedRaces::checkReads(Access &me, const uint64_t *cell, uint64_t index) {
  uint64_t reads = cell[1];
  if (!(reads & kFlags)) {
    if (!isPast(me, reads))
      conflict(me, reads, threadOf(reads), /*isWrite=*/false);
    return;
  }
  const std::vector<uint32_t> *clocksOfReads = reads & kMany ? &many[index] : nullptr;
  for (unsigned i = 0; i < me.known->past.size(); ++i) {
    uint32_t clock = clockOf(reads);
    if (clocksOfReads)
      clock = (*clocksOfReads)[i];
    else if (!(set(index)[i / 64] >> i % 64 & 1))
      continue;
    if (i != me.thread && clock > me.known->past[i])
      return conflict(me, reads, i, /*isWrite=*/false);
  }
  if (clocksOfReads)
    many.erase(index);
}

/// Some bytes of a word, or one whose bytes were accessed alone.
void SharedRaces::accessBytes(Access &me, uint64_t offset, uint64_t count, bool writes) {
  uint64_t *word = memory.word(offset);
  if (!(word[0] & kSplit))
    split(offset / 4 * 4);
  for (uint64_t i = offset; i < offset + count; ++i) {
    if (writes)
      write(me, memory.byte(i), byteIndex(i));
    else
      read(me, memory.byte(i), byteIndex(i));
  }
  if (writes && count == 4) {
    word[0] = me.stamp;
    word[1] = 0;
  }
}

/// Each byte gets what the word has.
void SharedRaces::split(uint64_t offset) {
  uint64_t *word = memory.word(offset);
  for (uint64_t i = offset; i < offset + 4; ++i) {
    uint64_t *cell = memory.byte(i);
    cell[0] = word[0];
    cell[1] = word[1];
    if (word[1] & kSet)
      std::copy_n(set(offset / 4), setWords, set(byteIndex(i)));
    if (word[1] & kMany)
      many[byteIndex(i)] = many[offset / 4];
  }
  if (word[1] & kMany)
    many.erase(offset / 4);
  word[0] = kSplit;
  word[1] = 0;
}
