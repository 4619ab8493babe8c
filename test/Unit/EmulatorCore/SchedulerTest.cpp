//===- SchedulerTest.cpp - Threads, warps, barriers and their order ---===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

#include <gtest/gtest.h>

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
