//===- GlobalRaces.h - Races in global memory -------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// As for shared memory, but cells are used by all workers at once, so that they are
// single atomic words, and what they say is only valid for the launch whose tag they
// bear. Of several readers a cell names the latest, and says whether all were of one
// warp, of one block or of several blocks. A write then takes all threads of the warp or
// block for readers, which is exact while only whole warps or blocks were ordered;
// afterwards it looks at the latest reader alone, which may hide a race, and makes none up.
// Another block is never ordered before but through atomic accesses.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_GLOBALRACES_H
#define POSENC_LIB_RUNTIME_EMULATOR_GLOBALRACES_H

#include "AtomicOrder.h"
#include "Clock.h"
#include "GlobalMemory.h"
#include "SharedRaces.h"

#include <atomic>
#include <cstdint>

namespace posenc::emulator {

enum class AccessKind { Read, Write, Atomic };

/// The races of one block at a time.
class GlobalRaces {
public:
  explicit GlobalRaces(Clocks &clocks) : clocks(clocks) {}

  /// For the next block.
  void reset(GlobalMemory *newMemory, AtomicOrder *newOrder, uint32_t newTag, uint64_t newBlock,
             unsigned newWave) {
    memory = newMemory;
    order = newOrder;
    wave = newWave;
    known.clear();
    context = uint64_t(newTag) << kTagShift | (newBlock & kBlocks) << kBlockShift;
  }
  /// The usual cases of reads and writes, without a call. False: to be asked again.
  template <bool writes>
  bool tryAccess(unsigned thread, uint64_t offset, uint64_t bytes, uint32_t site);
  template <AccessKind kind>
  Conflict access(unsigned thread, uint64_t offset, uint64_t bytes, uint32_t site);
  /// An atomic access orders its block after those that made one before.
  void synchronise(uint64_t address, uint32_t clock) {
    order->access(address, context >> kBlockShift & kBlocks, clock, known);
  }

private:
  using Cell = std::atomic<uint64_t>;
  // [tag 8] [block 24] [clock 16] [thread 10] [flags 2]
  static constexpr uint64_t kTagShift = 52, kBlockShift = 28, kBlocks = 0xffffff,
                            kClockShift = 12, kClocks = 0xffff, kThreadShift = 2,
                            kThreads = 0x3ff, kFlags = 3;
  static constexpr uint64_t kSplit = 1, kAtomic = 2;          ///< of a write
  static constexpr uint64_t kWarp = 1, kBlock = 2, kGrid = 3; ///< of reads

  struct Access {
    unsigned thread;
    uint64_t stamp;
    uint32_t site;
    const Knowledge *known;
    std::atomic<uint32_t> *sites;
    Conflict conflict;
  };

  static uint64_t load(const Cell &cell) { return cell.load(std::memory_order_relaxed); }
  static void store(Cell &cell, uint64_t value) {
    cell.store(value, std::memory_order_relaxed);
  }
  static unsigned threadOf(uint64_t stamp) { return stamp >> kThreadShift & kThreads; }
  static uint32_t clockOf(uint64_t stamp) { return stamp >> kClockShift & kClocks; }
  static uint64_t blockOf(uint64_t stamp) { return stamp >> kBlockShift & kBlocks; }
  bool isOfLaunch(uint64_t stamp) const { return (stamp ^ context) >> kTagShift == 0; }
  bool isOfBlock(uint64_t stamp) const { return (stamp ^ context) >> kBlockShift == 0; }
  bool isPast(const Access &me, uint64_t stamp) const;
  bool isPast(const Access &me, unsigned thread, uint32_t clock) const;

  template <bool writes>
  bool tryCell(Cell *cell, std::atomic<uint32_t> *sites, uint64_t stamp, uint32_t least,
               uint32_t site);
  template <AccessKind kind> void accessCell(Access &me, Cell *cell, uint64_t written);
  template <AccessKind kind> void accessBytes(Access &me, uint64_t offset, uint64_t count);
  void read(Access &me, Cell *cell);
  void checkReads(Access &me, uint64_t reads);
  void split(uint64_t offset, uint64_t written);
  void conflict(Access &me, uint64_t stamp, unsigned thread, bool isWrite) const;

  Clocks &clocks;
  GlobalMemory *memory = nullptr;
  AtomicOrder *order = nullptr;
  mutable AtomicOrder::Known known; ///< isPast may learn
  uint64_t context = 0;             ///< tag and block
  unsigned wave = 32;
};

template <bool writes>
[[gnu::always_inline]] inline bool
GlobalRaces::tryCell(Cell *cell, std::atomic<uint32_t> *sites, uint64_t stamp, uint32_t least,
                     uint32_t site) {
  constexpr uint64_t kWho = kThreads << kThreadShift;
  uint64_t written = load(cell[0]), reads = load(cell[1]);
  auto isPast = [&](uint64_t other) {
    return !isOfLaunch(other) ||
           (isOfBlock(other) && (clockOf(other) <= least || !((other ^ stamp) & kWho)));
  };
  if (!isPast(written))
    return false;
  bool isMine = isPast(reads) && (!isOfLaunch(reads) || !(reads & kFlags));
  if (writes) {
    if (!isMine)
      return false;
    store(cell[0], stamp);
    store(cell[1], 0);
    sites[0].store(site, std::memory_order_relaxed);
    return true;
  }
  if (isMine) {
    if (reads != stamp) {
      store(cell[1], stamp);
      sites[1].store(site, std::memory_order_relaxed);
    }
    return true;
  }
  // Read by many blocks, or by warps of this one at the same clock.
  return (reads & kFlags) == kGrid ||
         ((reads & kFlags) == kBlock && isOfBlock(reads) && clockOf(reads) == clockOf(stamp));
}

template <bool writes>
[[gnu::always_inline]] inline bool GlobalRaces::tryAccess(unsigned thread, uint64_t offset,
                                                          uint64_t bytes, uint32_t site) {
  const View &view = clocks.view(thread);
  if (view.clock >= kClocks)
    return false;
  uint64_t stamp = context | uint64_t(view.clock) << kClockShift | thread << kThreadShift;
  Cell *word = memory->words(offset);
  std::atomic<uint32_t> *sites = memory->sites(offset);
  auto isSplit = [&] { return (load(word[0]) & kSplit) && isOfLaunch(load(word[0])); };
  if ((offset | bytes) % 4) {
    if (offset % 4 + bytes > 4 || !isSplit())
      return false;
    for (uint64_t i = offset; i < offset + bytes; ++i)
      if (!tryCell<writes>(memory->bytes(i), sites, stamp, view.least, site))
        return false;
    return true;
  }
  // A word that is split between the two looks is not past, and asked for again.
  for (uint64_t i = 0; i < bytes; i += 4, word += 2, sites += 2)
    if (isSplit() || !tryCell<writes>(word, sites, stamp, view.least, site))
      return false;
  return true;
}

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_GLOBALRACES_H
