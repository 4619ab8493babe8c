//===- PollingTest.cpp - Threads that poll what others do -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

#include "gtest/gtest.h"

#include <cstdint>
#include <string>
#include <vector>

using namespace posenc::emulator::test;

static std::vector<posenc_emu_site> ops() {
  return sites({atomic(), load(), store(), op("nvvm.barrier0"),
                op("nvvm.mbarrier.init", "ptr,i32>"),
                op("nvvm.mbarrier.test.wait", "ptr,i64>i1"),
                op("nvvm.mbarrier.try_wait.parity", "ptr,i32,i32>"),
                op("nvvm.mbarrier.arrive", "ptr>i64")});
}

static Conditions threads(unsigned block, uint64_t seed, unsigned grid = 1) {
  Conditions setup;
  setup.block = block;
  setup.seed = seed;
  setup.grid = grid;
  return setup;
}

static uint32_t exchange(posenc_emu_thread *t, uint32_t *address, uint32_t value) {
  t->api->atomic(t, address, 4, 0);
  return __atomic_exchange_n(address, value, __ATOMIC_SEQ_CST);
}

static uint32_t add(posenc_emu_thread *t, uint32_t *address, uint32_t value) {
  t->api->atomic(t, address, 4, 0);
  return __atomic_fetch_add(address, value, __ATOMIC_SEQ_CST);
}

/// Adds 1 under a lock in global memory, which one thread keeps.
static void countUnderLock(posenc_emu_thread *t, void **arguments) {
  auto *memory = argument<uint32_t *>(arguments, 0);
  while (exchange(t, memory, 1))
    ;
  write(t, memory + 1, read(t, memory + 1, 1) + 1, 2);
  if (lane(t) != argument<uint32_t>(arguments, 1))
    exchange(t, memory, 0);
}

TEST(Polling, Lock) {
  for (uint64_t seed = 0; seed < 5; ++seed)
    for (bool checks : {true, false}) {
      Conditions setup = threads(200, seed, 3);
      setup.checks = checks;
      setup.workers = 2;
      Machine machine(ops(), countUnderLock, setup);
      auto *memory = static_cast<uint32_t *>(machine.allocate(8));
      machine.zero(memory, 8);
      EXPECT_EQ(machine.run(memory, ~0u), "");
      EXPECT_EQ(memory[1], 600u);
    }
}

TEST(Polling, LockThatIsNeverReleased) {
  for (uint64_t seed = 0; seed < 5; ++seed)
    for (bool checks : {true, false}) {
      Conditions setup = threads(64, seed, 3);
      setup.checks = checks;
      setup.workers = 1 + seed % 2;
      Machine machine(ops(), countUnderLock, setup);
      auto *memory = static_cast<uint32_t *>(machine.allocate(8));
      machine.zero(memory, 8);
      std::string text = machine.run(memory, 40u);
      EXPECT_HAS(text, "k.mlir:0:1: error: emulator: deadlock: nothing can end the wait at "
                       "llvm.atomicrmw in kernel @kernel, block (");
      EXPECT_HAS(text, "address global+0x0 (allocation of 8 bytes)");
      EXPECT_HAS(text, "note: thread (");
    }
}

/// Every block waits until all have come.
static void gridBarrier(posenc_emu_thread *t, void **arguments) {
  auto *count = argument<uint32_t *>(arguments, 0);
  if (lane(t) == 0) {
    add(t, count, 1);
    while (add(t, count, 0) < argument<uint32_t>(arguments, 1))
      ;
  }
  execute(t, 3);
}

TEST(Polling, BarrierOfTheGrid) {
  for (uint64_t seed = 0; seed < 5; ++seed)
    for (uint32_t missing : {0, 1}) {
      Conditions setup = threads(64, seed, 40);
      setup.workers = 1 + seed % 2;
      Machine machine(ops(), gridBarrier, setup);
      auto *count = static_cast<uint32_t *>(machine.allocate(4));
      machine.zero(count, 4);
      std::string text = machine.run(count, 40 + missing);
      if (!missing) {
        EXPECT_EQ(text, "");
        continue;
      }
      EXPECT_HAS(text, "deadlock: nothing can end the wait at llvm.atomicrmw in kernel "
                       "@kernel, block (0,0,0), thread (0,0,0)");
      EXPECT_HAS(text, "k.mlir:3:1: note: thread (1,0,0) waits at nvvm.barrier0");
    }
}

/// More blocks than run at a time: as on a GPU.
TEST(Polling, BarrierOfTooLargeAGrid) {
  Machine machine(ops(), gridBarrier, threads(32, 0, 1000));
  auto *count = static_cast<uint32_t *>(machine.allocate(4));
  machine.zero(count, 4);
  EXPECT_HAS(machine.run(count, 1000u), "deadlock");
}

/// Lane 0 tests an mbarrier that lane 33 arrives at, if anybody does; the rest wait.
static void testWait(posenc_emu_thread *t, void **arguments) {
  auto object = uint64_t(t->shared);
  if (lane(t) == 0)
    execute(t, 4, object, 2);
  execute(t, 3);
  if (lane(t) == argument<uint32_t>(arguments, 0))
    execute(t, 7, object);
  if (lane(t) > 0)
    return execute(t, 6, object, 0, 0);
  posenc_emu_slot operands[] = {object, 0}, done = 0;
  t->api->call(t, 7, operands, operands + 1, nullptr, nullptr);
  while (!(done & 1))
    t->api->call(t, 5, operands, &done, nullptr, nullptr);
}

TEST(Polling, TestOfAnMBarrier) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    Machine machine(ops(), testWait, threads(64, seed));
    EXPECT_EQ(machine.run(33u), "");
    EXPECT_HAS(machine.run(99u), "k.mlir:5:1: error: emulator: deadlock: nothing can end the "
                                 "wait at nvvm.mbarrier.test.wait in kernel @kernel, block "
                                 "(0,0,0), thread (0,0,0)");
  }
}

/// Two flags, and a loop that looks at both by plain loads; nobody sets one.
static void twoFlags(posenc_emu_thread *t, void **) {
  auto *flags = reinterpret_cast<uint32_t *>(t->shared);
  if (lane(t) == 0)
    for (unsigned i : {0, 1})
      write(t, flags + i, 0u, 2);
  execute(t, 3);
  for (unsigned i = 0; !read(t, flags + i % 2, 1); ++i)
    execute(t, 3);
}

TEST(Polling, FlagsBetweenBarriers) {
  Machine machine(ops(), twoFlags, threads(64, 0));
  EXPECT_HAS(machine.run(), "k.mlir:1:1: error: emulator: deadlock: nothing can end the wait "
                            "at llvm.load");
}

/// Repeats itself for long, and then does not.
static void patience(posenc_emu_thread *t, void **arguments) {
  auto *memory = argument<uint32_t *>(arguments, 0);
  for (unsigned i = 0; i < 4000; ++i)
    add(t, memory, 0);
  for (unsigned i = 0; i < 100000; ++i)
    read(t, memory + 1 + i % 63, 1);
  for (unsigned i = 0; i < 20000; ++i)
    add(t, memory, i & 1 ? 1 : -1);
}

TEST(Polling, LoopsThatEnd) {
  Machine machine(ops(), patience, threads(2, 0));
  auto *memory = static_cast<uint32_t *>(machine.allocate(256));
  machine.zero(memory, 256);
  EXPECT_EQ(machine.run(memory), "");
}
