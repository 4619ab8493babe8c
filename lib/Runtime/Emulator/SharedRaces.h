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
  void reset() { many.clear(); }

  template <bool writes>
  Conflict access(unsigned thread, uint64_t offset, uint64_t bytes, uint32_t site) {
    Access me = {thread, stamp(thread, clocks.clock(thread), site), &clocks.known(thread), {}};
    for (uint64_t end = offset + bytes; offset < end;) {
      uint64_t *cell = memory.word(offset);
      uint64_t count = std::min(4 - offset % 4, end - offset);
      if (__builtin_expect(count == 4 && !(cell[0] & kSplit), 1))
        writes ? write(me, cell, offset / 4) : read(me, cell, offset / 4);
      else
        accessBytes(me, offset, count, writes);
      offset += count;
    }
    return me.conflict;
  }

private:
  // [clock 32] [site 20] [thread 10] [flags 2]
  static constexpr uint64_t kFlags = 3, kSplit = 1; ///< of a write
  static constexpr uint64_t kSet = 1, kMany = 2;    ///< of a read
  static constexpr uint64_t kSites = 0xfffff, kSiteShift = 12, kThreadShift = 2,
                            kThreads = 0x3ff;
  static constexpr uint64_t kSetWords = 16; ///< bits for 1024 threads

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

  void read(Access &me, uint64_t *cell, uint64_t index) {
    if (__builtin_expect(!isPast(me, cell[0]), 0))
      conflict(me, cell[0], threadOf(cell[0]), /*isWrite=*/true);
    if (__builtin_expect((cell[1] & kFlags) == 0 && isPast(me, cell[1]), 1))
      cell[1] = me.stamp;
    else
      readAsWell(me, cell, index);
  }
  void write(Access &me, uint64_t *cell, uint64_t index) {
    if (__builtin_expect(!isPast(me, cell[0]), 0))
      conflict(me, cell[0], threadOf(cell[0]), /*isWrite=*/true);
    if (__builtin_expect(clockOf(cell[1]) > me.known->least, 0))
      checkReads(me, cell, index);
    cell[0] = me.stamp;
    cell[1] = 0;
  }

  void readAsWell(Access &me, uint64_t *cell, uint64_t index);
  void makeSet(Access &me, uint64_t *cell, uint64_t index);
  void makeMany(Access &me, uint64_t *cell, uint64_t index);
  void checkReads(Access &me, const uint64_t *cell, uint64_t index);
  void accessBytes(Access &me, uint64_t offset, uint64_t count, bool writes);
  void split(uint64_t word);
  static void conflict(Access &me, uint64_t stamp, unsigned thread, bool isWrite);

  uint64_t *set(uint64_t index) { return sets + index * kSetWords; }
  static uint64_t byteIndex(uint64_t offset) { return SharedMemory::kWindow / 4 + offset; }

  SharedMemory &memory;
  Clocks &clocks;
  uint64_t *sets = nullptr;
  std::unordered_map<uint64_t, std::vector<uint32_t>> many; ///< clocks of reads, by cell
};

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_SHAREDRACES_H
