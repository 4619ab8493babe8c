//===- RaceOracleTest.cpp - The race checker against plain vector clocks --===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Random accesses and synchronisations, where the oracle keeps a clock per thread and
// thread, and the readers of each byte one by one.
//===----------------------------------------------------------------------===//

#include "AtomicOrder.h"
#include "Clock.h"
#include "GlobalMemory.h"
#include "GlobalRaces.h"
#include "Random.h"
#include "SharedMemory.h"
#include "SharedRaces.h"

#include "posenc/Runtime/Emulator/EmulatedCode.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

using namespace posenc::emulator;

namespace {

constexpr unsigned kBytes = 24;

class Oracle {
public:
  explicit Oracle(unsigned threads)
      : clocks(threads, std::vector<uint32_t>(threads, 0)), written(kBytes), read(kBytes) {
    for (unsigned i = 0; i < threads; ++i)
      clocks[i][i] = 1;
  }

  /// Whether the access races with an earlier one.
  bool access(unsigned thread, unsigned offset, unsigned bytes, bool isWrite) {
    bool races = false;
    for (unsigned i = offset; i < offset + bytes; ++i) {
      races |= !isPast(thread, written[i].thread, written[i].clock);
      if (!isWrite) {
        read[i][thread] = clocks[thread][thread];
        continue;
      }
      for (auto [other, clock] : read[i])
        races |= !isPast(thread, other, clock);
      read[i].clear();
      written[i] = {thread, clocks[thread][thread]};
    }
    return races;
  }
  void release(unsigned thread, unsigned object) {
    join(objects[object], clocks[thread]);
    ++clocks[thread][thread];
  }
  void acquire(unsigned thread, unsigned object) { join(clocks[thread], objects[object]); }
  void order(const std::vector<unsigned> &threads) {
    std::vector<uint32_t> all;
    for (unsigned thread : threads)
      join(all, clocks[thread]);
    for (unsigned thread : threads) {
      clocks[thread] = all;
      ++clocks[thread][thread];
    }
  }

private:
  struct Write {
    unsigned thread = 0;
    uint32_t clock = 0;
  };
  bool isPast(unsigned thread, unsigned other, uint32_t clock) const {
    return clock <= clocks[thread][other];
  }
  static void join(std::vector<uint32_t> &into, const std::vector<uint32_t> &from) {
    into.resize(std::max(into.size(), from.size()));
    for (size_t i = 0; i < from.size(); ++i)
      into[i] = std::max(into[i], from[i]);
  }

  std::vector<std::vector<uint32_t>> clocks;
  std::vector<Write> written;
  std::vector<std::map<unsigned, uint32_t>> read;
  std::map<unsigned, std::vector<uint32_t>> objects;
};

/// How often threads synchronise, and with whom.
struct Mix {
  unsigned all, some, objects; ///< one step in so many, 0: never
};

class Checker {
public:
  Checker(unsigned threads, Random &random)
      : threads(threads), random(random), oracle(threads) {
    posenc_emu_module image = {};
    std::string error;
    EXPECT_TRUE(memory.layOut(image, kBytes, /*checks=*/true, error)) << error;
    EXPECT_TRUE(races.reserve());
    memory.reset();
    clocks.reset(threads, 32);
    races.reset(threads);
  }

  /// False where the two disagree.
  bool step(const Mix &mix) {
    unsigned thread = random.below(threads);
    if (mix.all && random.oneIn(mix.all))
      order(threads);
    else if (mix.some && random.oneIn(mix.some))
      order(2 + random.below(threads - 2));
    else if (mix.objects && random.oneIn(mix.objects))
      synchronise(thread);
    else
      return access(thread);
    return true;
  }

private:
  void order(unsigned count) {
    std::vector<unsigned> ids(threads);
    for (unsigned i = 0; i < threads; ++i)
      std::swap(ids[i] = i, ids[random.below(i + 1)]);
    ids.resize(count);
    oracle.order(ids);
    clocks.order(ids.data(), count);
  }
  void synchronise(unsigned thread) {
    static const char keys[3] = {};
    unsigned object = random.below(3);
    if (random.oneIn(2)) {
      oracle.release(thread, object);
      clocks.release(thread, &keys[object]);
    } else {
      oracle.acquire(thread, object);
      clocks.acquire(thread, &keys[object]);
    }
  }
  bool access(unsigned thread) {
    static const unsigned sizes[] = {1, 2, 4, 4, 4, 8, 16};
    unsigned bytes = sizes[random.below(7)];
    unsigned offset = random.below((kBytes - bytes) / bytes + 1) * bytes;
    bool isWrite = random.oneIn(3);
    bool expected = oracle.access(thread, offset, bytes, isWrite);
    bool isUsual = isWrite ? races.tryAccess<true>(thread, offset, bytes, 7)
                           : races.tryAccess<false>(thread, offset, bytes, 7);
    if (isUsual)
      return !expected;
    Conflict found = isWrite ? races.access<true>(thread, offset, bytes, 7)
                             : races.access<false>(thread, offset, bytes, 7);
    return found.found == expected;
  }

  unsigned threads;
  Random &random;
  Oracle oracle;
  SharedMemory memory;
  Clocks clocks;
  SharedRaces races{memory, clocks};
};

TEST(RaceOracle, Agrees) {
  const Mix mixes[] = {{20, 0, 0}, {0, 6, 0}, {0, 0, 3}, {30, 8, 4}, {100, 3, 2}, {5, 5, 5}};
  uint64_t seed = 0;
  for (unsigned threads : {3u, 32u, 70u})
    for (const Mix &mix : mixes)
      for (unsigned round = 0; round < 40; ++round) {
        Random random(++seed);
        Checker checker(threads, random);
        for (unsigned step = 0; step < 500; ++step)
          ASSERT_TRUE(checker.step(mix)) << "seed " << seed << ", step " << step;
      }
}

/// Two blocks that use the same global memory.
class GlobalChecker {
public:
  static constexpr unsigned kThreads = 70, kWave = 32;

  explicit GlobalChecker(Random &random) : random(random), oracle(2 * kThreads) {
    data = static_cast<char *>(memory.allocate(kBytes, /*isDefined=*/true));
    for (unsigned block = 0; block < 2; ++block) {
      clocks[block].reset(kThreads, kWave);
      races[block].reset(&memory, &order, /*tag=*/1, block, kWave);
    }
  }

  /// 1 and -1 where the checker finds a race too many or too few.
  int step(const Mix &mix) {
    unsigned block = random.oneIn(4);
    if (mix.all && random.oneIn(mix.all))
      orderThreads(block, 0, kThreads);
    else if (mix.some && random.oneIn(mix.some))
      orderSome(block);
    else if (mix.objects && random.oneIn(mix.objects))
      synchronise(block);
    else
      return access(block);
    return 0;
  }

private:
  void orderThreads(unsigned block, unsigned first, unsigned count) {
    std::vector<unsigned> ids(count);
    for (unsigned i = 0; i < count; ++i)
      ids[i] = first + i;
    clocks[block].order(ids.data(), count);
    for (unsigned &id : ids)
      id += block * kThreads;
    oracle.order(ids);
  }
  /// A warp, two of the three, or some neighbours.
  void orderSome(unsigned block) {
    unsigned first = random.below(kThreads - 1);
    if (random.oneIn(3))
      orderThreads(block, random.below(2) * kWave, kWave);
    else if (random.oneIn(2))
      orderThreads(block, 0, 2 * kWave);
    else
      orderThreads(block, first, 2 + random.below(kThreads - first - 1));
  }
  void synchronise(unsigned block) {
    static const char keys[3] = {};
    unsigned object = random.below(3), thread = random.below(kThreads);
    if (random.oneIn(2)) {
      oracle.release(block * kThreads + thread, block * 3 + object);
      clocks[block].release(thread, &keys[object]);
    } else {
      oracle.acquire(block * kThreads + thread, block * 3 + object);
      clocks[block].acquire(thread, &keys[object]);
    }
  }
  int access(unsigned block) {
    static const unsigned sizes[] = {1, 2, 4, 4, 4, 8, 16};
    unsigned thread = random.below(kThreads), bytes = sizes[random.below(7)];
    unsigned at = random.below((kBytes - bytes) / bytes + 1) * bytes;
    uint64_t offset = memory.offset(data) + at;
    bool isWrite = random.oneIn(3);
    bool expected = oracle.access(block * kThreads + thread, at, bytes, isWrite);
    GlobalRaces &own = races[block];
    if (isWrite ? own.tryAccess<true>(thread, offset, bytes, 7)
                : own.tryAccess<false>(thread, offset, bytes, 7))
      return -int(expected);
    Conflict found = isWrite ? own.access<AccessKind::Write>(thread, offset, bytes, 7)
                             : own.access<AccessKind::Read>(thread, offset, bytes, 7);
    return int(found.found) - int(expected);
  }

  Random &random;
  Oracle oracle;
  GlobalMemory memory{/*checks=*/true};
  AtomicOrder order;
  Clocks clocks[2];
  GlobalRaces races[2] = {GlobalRaces(clocks[0]), GlobalRaces(clocks[1])};
  char *data;
};

TEST(RaceOracle, GlobalIsExactWithBarriersOfBlocks) {
  for (uint64_t seed = 1; seed < 200; ++seed) {
    Random random(seed);
    GlobalChecker checker(random);
    for (unsigned step = 0; step < 300; ++step)
      ASSERT_EQ(checker.step({10, 0, 0}), 0) << "seed " << seed << ", step " << step;
  }
}

TEST(RaceOracle, GlobalMakesNoRacesUp) {
  const Mix mixes[] = {{20, 4, 0}, {0, 3, 0}, {20, 0, 3}, {30, 6, 3}};
  for (uint64_t seed = 1; seed < 400; ++seed) {
    Random random(seed);
    GlobalChecker checker(random);
    for (unsigned step = 0; step < 300; ++step)
      ASSERT_LE(checker.step(mixes[seed % 4]), 0) << "seed " << seed << ", step " << step;
  }
}

} // namespace
