//===- SharedRaces.h - Races between threads of a block in its memory -===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// A cell says who wrote last, and who read since: one thread; several that read at the
// same clock, as a set of bits; or, where warps run ahead of each other, a clock for each
// thread. There is a cell per four bytes, and one per byte that takes its place ("split")
// once some of the four were accessed alone. Exact: a report is a race, and a race
// between accesses that happened is reported.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_SHAREDRACES_H
#define POSENC_LIB_RUNTIME_EMULATOR_SHAREDRACES_H

#include "Clock.h"
#include "SharedMemory.h"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace posenc::emulator {

/// The other access of a race.
struct Conflict {
  bool found = false, isWrite = false;
  uint64_t block = 0;
  unsigned thread = 0;
  uint32_t site = 0;
};

class SharedRaces {
public:
  SharedRaces(SharedMemory &memory, Clocks &clocks) : memory(memory), clocks(clocks) {}
  ~SharedRaces();
  SharedRaces(const SharedRaces &) = delete;
  SharedRaces &operator=(const SharedRaces &) = delete;

  bool reserve();
  void reset(unsigned threads) {
    many.clear();
    setWords = (threads + 63) / 64;
  }

  /// The usual cases, without a call. False: not one of them, to be asked again.
  template <bool writes>
  bool tryAccess(unsigned thread, uint64_t offset, uint64_t bytes, uint32_t site);
  template <bool writes>
  Conflict access(unsigned thread, uint64_t offset, uint64_t bytes, uint32_t site);

private:
  // [clock 32] [site 20] [thread 10] [flags 2]
  static constexpr uint64_t kFlags = 3, kSplit = 1; ///< of a write
  static constexpr uint64_t kSet = 1, kMany = 2;    ///< of a read
  static constexpr uint64_t kSites = 0xfffff, kSiteShift = 12, kThreadShift = 2,
                            kThreads = 0x3ff;

  struct Access {
    unsigned thread;
    uint64_t stamp;
    const Knowledge *known;
    Conflict conflict;
  };

  static uint64_t stamp(unsigned thread, uint32_t clock, uint32_t site) {
    return uint64_t(clock) << 32 | std::min<uint64_t>(site, kSites) << kSiteShift |
           thread << kThreadShift;
  }
  static unsigned threadOf(uint64_t stamp) { return stamp >> kThreadShift & kThreads; }
  static uint32_t clockOf(uint64_t stamp) { return uint32_t(stamp >> 32); }
  static uint32_t siteOf(uint64_t stamp) { return stamp >> kSiteShift & kSites; }

  /// Whether the access that left the stamp happened before.
  static bool isPast(const Access &me, uint64_t stamp) {
    return clockOf(stamp) <= me.known->least || threadOf(stamp) == me.thread ||
           clockOf(stamp) <= me.known->past[threadOf(stamp)];
  }

  template <bool writes>
  bool tryCell(uint64_t *cell, uint64_t index, uint64_t stamp, uint32_t least);
  void read(Access &me, uint64_t *cell, uint64_t index);
  void write(Access &me, uint64_t *cell, uint64_t index);
  void readAsWell(Access &me, uint64_t *cell, uint64_t index);
  void makeSet(Access &me, uint64_t *cell, uint64_t index);
  void makeMany(Access &me, uint64_t *cell, uint64_t index);
  void checkReads(Access &me, const uint64_t *cell, uint64_t index);
  void accessBytes(Access &me, uint64_t offset, uint64_t count, bool writes);
  void split(uint64_t word);
  static void conflict(Access &me, uint64_t stamp, unsigned thread, bool isWrite);

  uint64_t *set(uint64_t index) { return sets + index * setWords; }
  static uint64_t byteIndex(uint64_t offset) { return SharedMemory::kWindow / 4 + offset; }

  SharedMemory &memory;
  Clocks &clocks;
  uint64_t *sets = nullptr;
  uint64_t setWords = 16;                                   ///< bits for the threads of a block
  std::unordered_map<uint64_t, std::vector<uint32_t>> many; ///< clocks of reads, by cell
};

template <bool writes>
[[gnu::always_inline]] inline bool SharedRaces::tryCell(uint64_t *cell, uint64_t index,
                                                        uint64_t stamp, uint32_t least) {
  constexpr uint64_t kWho = kThreads << kThreadShift | kFlags;
  uint64_t written = cell[0], reads = cell[1], who = stamp & kWho;
  if (clockOf(written) > least && (written & kWho) != who)
    return false;
  bool isMine = clockOf(reads) <= least || (reads & kWho) == who;
  if (writes) {
    if (!isMine)
      return false;
    cell[0] = stamp;
    cell[1] = 0;
  } else if (isMine) {
    cell[1] = stamp;
  } else if ((reads & kFlags) == kSet && clockOf(reads) == clockOf(stamp)) {
    unsigned thread = threadOf(stamp);
    set(index)[thread / 64] |= 1ull << thread % 64;
  } else {
    return false;
  }
  return true;
}

template <bool writes>
[[gnu::always_inline]] inline bool SharedRaces::tryAccess(unsigned thread, uint64_t offset,
                                                          uint64_t bytes, uint32_t site) {
  const View &view = clocks.view(thread);
  uint64_t mine = stamp(thread, view.clock, site);
  uint64_t *word = memory.word(offset);
  if ((offset | bytes) % 4) {
    if (offset % 4 + bytes > 4 || !(word[0] & kSplit))
      return false;
    for (uint64_t i = offset; i < offset + bytes; ++i)
      if (!tryCell<writes>(memory.byte(i), byteIndex(i), mine, view.least))
        return false;
    return true;
  }
  for (uint64_t i = offset / 4; i < (offset + bytes) / 4; ++i, word += 2)
    if ((word[0] & kSplit) || !tryCell<writes>(word, i, mine, view.least))
      return false;
  return true;
}

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_SHAREDRACES_H
