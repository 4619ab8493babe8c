//===- SchedulerTest.cpp - Threads, warps, barriers and their order ---===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

using namespace posenc::emulator::test;

static posenc_emu_site barrier() { return op("nvvm.barrier0"); }
static posenc_emu_site warpSync() { return op("nvvm.bar.warp.sync", "i32>"); }

/// Each thread writes its number; after the barrier it reads its right neighbour's.
static void rotate(posenc_emu_thread *t, void **arguments) {
  auto *tile = reinterpret_cast<uint32_t *>(t->shared);
  auto *out = argument<uint32_t *>(arguments, 0);
  uint32_t i = lane(t), n = t->block_size[0];
  write(t, tile + i, i + 1000 * t->block_id[0], 0);
  execute(t, 1);
  write(t, out + t->block_id[0] * n + i, read(t, tile + (i + 1) % n, 2), 3);
}

static std::vector<posenc_emu_site> rotateSites() {
  return sites({store(), barrier(), load(), store()});
}

TEST(Scheduler, BarrierUnderAllSchedules) {
  for (uint32_t wave : {32u, 64u})
    for (uint64_t seed = 0; seed < 20; ++seed) {
      Conditions setup;
      setup.grid = 5;
      setup.block = 256;
      setup.wave = wave;
      setup.seed = seed;
      setup.workers = 2;
      Machine machine(rotateSites(), rotate, setup);
      auto *out = static_cast<uint32_t *>(machine.allocate(5 * 256 * 4));
      EXPECT_EQ(machine.run(out), "");
      for (uint32_t b = 0; b < 5; ++b)
        for (uint32_t i = 0; i < 256; ++i)
          ASSERT_EQ(out[b * 256 + i], (i + 1) % 256 + 1000 * b);
    }
}

static void someLanes(posenc_emu_thread *t, void **) {
  if (lane(t) < 16)
    execute(t, 0);
}

TEST(Scheduler, DivergentBarrier) {
  Machine machine(sites({barrier()}), someLanes);
  std::string text = machine.run();
  EXPECT_NE(text.find("k.mlir:0:1: error: emulator: divergent barrier in kernel @kernel, block "
                      "(0,0,0), thread (0,0,0)\nk.mlir:0:1: note: thread (16,0,0) has exited"),
            std::string::npos)
      << text;
}

static void someWarps(posenc_emu_thread *t, void **) {
  if (lane(t) < 32)
    execute(t, 0);
  else
    execute(t, 1, 0xffffffffu);
}

TEST(Scheduler, BarrierThatAWarpNeverReaches) {
  Conditions setup;
  setup.block = 64;
  Machine machine(sites({barrier(), warpSync()}), someWarps, setup);
  std::string text = machine.run();
  EXPECT_NE(text.find("divergent barrier in kernel"), std::string::npos) << text;
  EXPECT_NE(text.find("note: thread (32,0,0) has exited"), std::string::npos) << text;
}

static void maskOfAll(posenc_emu_thread *t, void **) {
  if (lane(t) != 7)
    execute(t, 0, 0xffffffffu);
}

static void maskOfThoseThatCome(posenc_emu_thread *t, void **) {
  if (lane(t) != 7)
    execute(t, 0, 0xffffff7fu);
}

TEST(Scheduler, LanesOfAMask) {
  Machine wrong(sites({warpSync()}), maskOfAll);
  std::string text = wrong.run();
  EXPECT_NE(text.find("lanes missing from nvvm.bar.warp.sync in kernel @kernel, block (0,0,0), "
                      "thread (0,0,0)\nk.mlir:0:1: note: thread (7,0,0) has exited"),
            std::string::npos)
      << text;
  Machine right(sites({warpSync()}), maskOfThoseThatCome);
  EXPECT_EQ(right.run(), "");
}

/// Who came first: each thread takes a number.
static void takeNumbers(posenc_emu_thread *t, void **arguments) {
  auto *counter = argument<uint32_t *>(arguments, 0);
  for (uint32_t round = 0; round < 2; ++round) {
    counter[1 + round * t->block_size[0] + lane(t)] = counter[0]++;
    execute(t, 1, 0xffffffffu);
  }
}

static std::vector<uint32_t> orderOf(uint64_t seed) {
  Conditions conditions;
  conditions.block = 128;
  conditions.seed = seed;
  Machine machine(sites({barrier(), warpSync()}), takeNumbers, conditions);
  auto *out = static_cast<uint32_t *>(machine.allocate(257 * 4));
  machine.zero(out, 257 * 4);
  EXPECT_EQ(machine.run(out), "");
  return std::vector<uint32_t>(out + 1, out + 257);
}

TEST(Scheduler, SeedsGiveOtherOrders) {
  std::vector<uint32_t> natural = orderOf(0);
  for (uint32_t i = 0; i < 32; ++i)
    EXPECT_EQ(natural[i], i);
  EXPECT_EQ(orderOf(0), natural);
  EXPECT_EQ(orderOf(7), orderOf(7));
  std::set<std::vector<uint32_t>> all;
  bool isWarpAhead = false;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    std::vector<uint32_t> order = orderOf(seed);
    all.insert(order);
    // Some warp is through before another begins.
    for (uint32_t warp = 0; warp < 4; ++warp)
      for (uint32_t other = 0; other < 4; ++other)
        isWarpAhead |= order[128 + 32 * warp + 31] < order[32 * other];
  }
  EXPECT_GE(all.size(), 19u);
  EXPECT_TRUE(isWarpAhead);
}

/// A flag that a thread of another warp raises: the one that spins must let it.
static void spin(posenc_emu_thread *t, void **arguments) {
  auto *flag = argument<volatile uint32_t *>(arguments, 0);
  if (lane(t) == 40)
    *flag = 1;
  if (lane(t) == 0)
    while (*flag == 0)
      execute(t, 2);
}

TEST(Scheduler, SpinningThreadsLetOthersRun) {
  for (uint64_t seed = 0; seed < 4; ++seed) {
    Conditions conditions;
    conditions.block = 64;
    conditions.seed = seed;
    Machine machine(sites({barrier(), warpSync(), op("nvvm.setmaxregister")}), spin,
                    conditions);
    void *flag = machine.allocate(4);
    machine.zero(flag, 4);
    EXPECT_EQ(machine.run(flag), "");
  }
}

/// Two groups of lanes synchronise on their own, in any order.
static void halves(posenc_emu_thread *t, void **) {
  for (uint32_t i = 0; i < 10; ++i)
    execute(t, lane(t) < 16 ? 0 : 1, lane(t) < 16 ? 0xffffu : 0xffff0000u);
}

static void otherMask(posenc_emu_thread *t, void **) {
  execute(t, 0, lane(t) == 3 ? 0xfu : 0xffffffffu);
}

static void notInMask(posenc_emu_thread *t, void **) { execute(t, 0, 0xfffffffeu); }

TEST(Scheduler, Masks) {
  Conditions conditions;
  for (conditions.seed = 0; conditions.seed < 5; ++conditions.seed) {
    Machine machine(sites({warpSync(), warpSync()}), halves, conditions);
    EXPECT_EQ(machine.run(), "");
    Machine other(sites({warpSync()}), otherMask, conditions);
    EXPECT_HAS(other.run(),
               "note: thread (3,0,0) waits at nvvm.bar.warp.sync with another mask");
    Machine missing(sites({warpSync()}), notInMask, conditions);
    EXPECT_HAS(missing.run(),
               "lanes missing from nvvm.bar.warp.sync: the mask does not name the "
               "lane itself in kernel @kernel, block (0,0,0), thread (0,0,0)");
  }
}

static void sitesDiffer(posenc_emu_thread *t, void **) { execute(t, lane(t) % 2, 0xffffffffu); }

TEST(Scheduler, LanesAtDifferentOps) {
  Machine machine(sites({warpSync(), warpSync()}), sitesDiffer);
  std::string text = machine.run();
  EXPECT_HAS(text, "k.mlir:0:1: error: emulator: lanes missing from nvvm.bar.warp.sync");
  EXPECT_HAS(text, "k.mlir:1:1: note: thread (1,0,0) waits at nvvm.bar.warp.sync");
}

static void nothing(posenc_emu_thread *, void **) {}

TEST(Scheduler, ImpossibleLaunches) {
  Conditions conditions;
  conditions.block = 1025;
  Machine machine({}, nothing, conditions);
  EXPECT_EQ(machine.run(), "expected at most 1024 threads in a block of kernel @kernel");
  conditions.block = 1;
  conditions.grid = 0x80000000u;
  Machine wide({}, nothing, conditions);
  EXPECT_EQ(wide.run(),
            "expected at most 2147483647 blocks along x of kernel @kernel but got 2147483648");
  conditions.grid = 1;
  conditions.block = 0;
  Machine none({}, nothing, conditions);
  EXPECT_EQ(none.run(), "expected at least one thread in a block of kernel @kernel");
  conditions.block = 1024;
  conditions.grid = 0;
  Machine empty({}, nothing, conditions);
  EXPECT_EQ(empty.run(), "");
}
