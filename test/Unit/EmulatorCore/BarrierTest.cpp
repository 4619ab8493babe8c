//===- BarrierTest.cpp - Barriers: whole blocks, named, split, and wrong ones -------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

using namespace posenc::emulator::test;

static const char *const named = "operandSegmentSizes=array<i32: 1, 1, 0>";

/// barrier0; a second one; id and threads; its arrive; wait on a flag; store; load.
static std::vector<posenc_emu_site> ops() {
  return sites(
      {op("nvvm.barrier0"), op("nvvm.barrier0"), op("nvvm.barrier", "i32,i32>", named),
       op("nvvm.barrier.arrive", "i32,i32>", ""), store(), load(),
       op("nvvm.barrier", "i32>i32",
          "operandSegmentSizes=array<i32: 0, 0, 1>;reductionOp=#nvvm.reduction<popc>")});
}

static Conditions threads(uint32_t count, uint64_t seed = 0) {
  Conditions conditions;
  conditions.block = count;
  conditions.seed = seed;
  return conditions;
}

static void differentOps(posenc_emu_thread *t, void **) { execute(t, lane(t) < 32 ? 0 : 1); }

TEST(Barriers, AtDifferentOps) {
  Machine machine(ops(), differentOps, threads(64));
  EXPECT_HAS(machine.run(),
             "k.mlir:1:1: error: emulator: divergent barrier: another warp is at "
             "another barrier in kernel @kernel, block (0,0,0), thread "
             "(32,0,0)\nk.mlir:0:1: note: thread (0,0,0) waits here");
}

/// Two halves of the block synchronise on their own, then one hands over to the other.
static void pipeline(posenc_emu_thread *t, void **arguments) {
  auto *out = argument<uint32_t *>(arguments, 0);
  auto count = argument<uint32_t>(arguments, 1);
  auto *tile = reinterpret_cast<uint32_t *>(t->shared);
  uint32_t i = lane(t);
  if (i >= 64) {
    write(t, tile + i, i, 4);
    execute(t, 3, 1, count);
  } else {
    execute(t, 2, 1, count);
    write(t, out + i, read(t, tile + i + 64, 5), 4);
  }
}

TEST(Barriers, ProducersAndConsumers) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Machine machine(ops(), pipeline, threads(128, seed));
    auto *out = static_cast<uint32_t *>(machine.allocate(256));
    EXPECT_EQ(machine.run(out, 128u), "");
    for (uint32_t i = 0; i < 64; ++i)
      EXPECT_EQ(out[i], i + 64);
  }
}

TEST(Barriers, WrongThreadCount) {
  Machine machine(ops(), pipeline, threads(128));
  void *out = machine.allocate(256);
  EXPECT_HAS(machine.run(out, 100u),
             "divergent barrier: expected a multiple of 32 threads but got 100");
  EXPECT_HAS(machine.run(out, 160u), "divergent barrier in kernel");
  // Complete without the last warp, which the others then race with.
  EXPECT_HAS(machine.run(out, 96u), "data race on shared memory");
}

static void oppositeOrder(posenc_emu_thread *t, void **) {
  uint32_t first = lane(t) < 32 ? 1 : 2;
  execute(t, 2, first, 64);
  execute(t, 2, 3 - first, 64);
}

TEST(Barriers, Deadlock) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    Machine machine(ops(), oppositeOrder, threads(64, seed));
    EXPECT_HAS(machine.run(),
               "k.mlir:2:1: error: emulator: deadlock: nothing can end the wait at "
               "nvvm.barrier in kernel @kernel, block (0,0,0), thread (0,0,0)");
  }
}

/// One thread waits for an arrival that never comes, the others for that thread.
static void waitForNobody(posenc_emu_thread *t, void **) {
  if (lane(t) == 0)
    execute(t, 0, uint64_t(t->shared), 1);
  execute(t, 2);
  if (lane(t) == 33)
    execute(t, 1, uint64_t(t->shared), 0, 0);
  execute(t, 2);
}

TEST(Barriers, DeadlockAtAnArrivalThatNeverComes) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    Machine machine(
        sites({op("nvvm.mbarrier.init", "ptr,i32>"),
               op("nvvm.mbarrier.try_wait.parity", "ptr,i32,i32>"), op("nvvm.barrier0")}),
        waitForNobody, threads(64, seed));
    EXPECT_EQ(machine.run(),
              "k.mlir:1:1: error: emulator: deadlock: nothing can end the wait at "
              "nvvm.mbarrier.try_wait.parity in kernel @kernel, block (0,0,0), thread "
              "(33,0,0)\nk.mlir:2:1: note: thread (0,0,0) waits at nvvm.barrier0\n");
  }
}

static void differentIds(posenc_emu_thread *t, void **) { execute(t, 2, lane(t) == 5, 32); }

TEST(Barriers, LanesDisagree) {
  Machine machine(ops(), differentIds);
  EXPECT_HAS(machine.run(), "divergent barrier: expected the same barrier id in all lanes but "
                            "got 1 and 0");
}

static void countVotes(posenc_emu_thread *t, void **arguments) {
  posenc_emu_slot operand = lane(t) % 3 == 0, result = 0;
  t->api->call(t, 6, &operand, &result, nullptr, nullptr);
  write(t, argument<uint32_t *>(arguments, 0) + lane(t), uint32_t(result), 4);
}

TEST(Barriers, Reduction) {
  Machine machine(ops(), countVotes, threads(96, 3));
  auto *out = static_cast<uint32_t *>(machine.allocate(96 * 4));
  EXPECT_EQ(machine.run(out), "");
  for (uint32_t i = 0; i < 96; ++i)
    EXPECT_EQ(out[i], 32u);
}

/// A warp arrives, does other work, then waits.
static void split(posenc_emu_thread *t, void **arguments) {
  auto *tile = reinterpret_cast<uint32_t *>(t->shared);
  uint32_t i = lane(t), n = t->block_size[0];
  for (uint32_t round = 0; round < 3; ++round) {
    write(t, tile + round * n + i, i, 2);
    execute(t, 0);
    if (argument<bool>(arguments, 0))
      execute(t, 1);
    read(t, tile + round * n + (i + 64) % n, 3);
  }
}

TEST(Barriers, Split) {
  auto list = sites({op("rocdl.s.barrier.signal", ">", "id=-1 : i32"),
                     op("rocdl.s.barrier.wait", ">", "id=-1 : i16"), store(), load()});
  for (uint64_t seed = 0; seed < 10; ++seed) {
    Conditions conditions = threads(256, seed);
    conditions.wave = 64;
    Machine machine(list, split, conditions);
    EXPECT_EQ(machine.run(true), "");
    EXPECT_HAS(machine.run(false), "shared memory");
  }
}
