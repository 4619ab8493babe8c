//===- GlobalRaces.h - Races in global memory -------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// As for shared memory, but cells are used by all workers at once, so that they are
// single atomic words, and what they say is only valid for the launch whose tag they
// bear. Of several readers a cell says only that they were of one warp, of one block or
// of several blocks, with the latest clock: who reads alone what several warps of its
// block have read, then writes it, must be ordered after the whole block.
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

  template <AccessKind kind> void accessCell(Access &me, Cell *cell);
  template <AccessKind kind> void accessBytes(Access &me, uint64_t offset, uint64_t count);
  void read(Access &me, Cell *cell);
  void checkReads(Access &me, uint64_t reads);
  void split(uint64_t offset);
  void conflict(Access &me, uint64_t stamp, unsigned thread, bool isWrite) const;

  Clocks &clocks;
  GlobalMemory *memory = nullptr;
  AtomicOrder *order = nullptr;
  AtomicOrder::Known known;
  uint64_t context = 0; ///< tag and block
  unsigned wave = 32;
};

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_GLOBALRACES_H
