//===- MemoryTest.cpp - Bounds, alignment and uninitialised memory ----===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

using namespace posenc::emulator::test;

static std::string where(const char *thread, const char *address) {
  return std::string(" in kernel @kernel, block (0,0,0), thread ") + thread + ", address " +
         address;
}

/// Kernels below access one element by the first argument, of kinds by the site.
static void readShared(posenc_emu_thread *t, void **arguments) {
  if (lane(t) == 3)
    read(t, reinterpret_cast<uint16_t *>(t->shared) + argument<int64_t>(arguments, 0), 0);
}

static void writeShared(posenc_emu_thread *t, void **arguments) {
  if (lane(t) == 3)
    write<uint16_t>(
        t, reinterpret_cast<uint16_t *>(t->shared) + argument<int64_t>(arguments, 0), 1, 1);
}

static void readWhatWasWritten(posenc_emu_thread *t, void **arguments) {
  auto *tile = reinterpret_cast<uint16_t *>(t->shared);
  write<uint16_t>(t, tile + lane(t), 1, 1);
  read(t, tile + lane(t) + argument<int64_t>(arguments, 0), 0);
}

static std::vector<posenc_emu_site> both() { return sites({load(2), store(2)}); }

TEST(Memory, UninitialisedShared) {
  Machine machine(both(), readShared);
  EXPECT_HAS(machine.run(int64_t(32)),
             "k.mlir:0:1: error: emulator: read of uninitialised shared memory" +
                 where("(3,0,0)", "shared+0x40 (buffer tile)"));
  Machine correct(both(), readWhatWasWritten);
  EXPECT_EQ(correct.run(int64_t(0)), "");
  // Exact to the byte: the last thread's neighbour is not written.
  Conditions one;
  one.block = 1;
  Machine wrong(both(), readWhatWasWritten, one);
  EXPECT_HAS(wrong.run(int64_t(1)), "read of uninitialised shared memory" +
                                        where("(0,0,0)", "shared+0x2 (buffer tile)"));
}

TEST(Memory, UninitialisedInEachBlock) {
  // What one block wrote is not there for the next on the same worker.
  static auto kernel = [](posenc_emu_thread *t, void **) {
    if (t->block_id[0] == 0)
      write<uint16_t>(t, reinterpret_cast<uint16_t *>(t->shared) + lane(t), 1, 1);
    else
      read(t, reinterpret_cast<uint16_t *>(t->shared) + lane(t), 0);
  };
  Conditions two;
  two.grid = 2;
  Machine machine(both(), [](posenc_emu_thread *t, void **a) { kernel(t, a); }, two);
  EXPECT_HAS(machine.run(),
             "read of uninitialised shared memory in kernel @kernel, block (1,0,0)");
}

TEST(Memory, OutOfBoundsShared) {
  Machine read(both(), readShared);
  EXPECT_HAS(read.run(int64_t(2048)), "out-of-bounds read of shared memory" +
                                          where("(3,0,0)", "shared+0x1000 (no buffer)"));
  Machine write(both(), writeShared);
  EXPECT_HAS(write.run(int64_t(2048)),
             "k.mlir:1:1: error: emulator: out-of-bounds write of shared memory");
  EXPECT_HAS(write.run(int64_t(-1)), "out-of-bounds write of shared memory" +
                                         where("(3,0,0)", "shared-0x2 (no buffer)"));
  EXPECT_HAS(write.run(int64_t(1) << 17), "out-of-bounds write of shared memory");
  EXPECT_EQ(write.run(int64_t(2047)), "");
}

TEST(Memory, DynamicShared) {
  static auto kernel = [](posenc_emu_thread *t, void **arguments) {
    auto *at = t->dynamic_shared + argument<int64_t>(arguments, 0) + 2 * lane(t);
    write<uint16_t>(t, reinterpret_cast<uint16_t *>(at), 1, 1);
  };
  Conditions conditions;
  conditions.dynamicShared = 64;
  Machine machine(both(), [](posenc_emu_thread *t, void **a) { kernel(t, a); }, conditions);
  EXPECT_EQ(machine.run(int64_t(0)), "");
  EXPECT_HAS(machine.run(int64_t(2)), "out-of-bounds write of shared memory" +
                                          where("(31,0,0)", "shared+0x1440 (no buffer)"));
  conditions.dynamicShared = 300000;
  Machine tooMuch(both(), writeShared, conditions);
  EXPECT_EQ(tooMuch.run(int64_t(0)),
            "expected at most 262144 bytes of shared memory but got 4352 and 300000");
}

static void readGlobal(posenc_emu_thread *t, void **arguments) {
  auto *data = argument<char *>(arguments, 0);
  if (lane(t) == 0)
    read(t, reinterpret_cast<uint16_t *>(data + argument<int64_t>(arguments, 1)), 0);
}

static void writeGlobal(posenc_emu_thread *t, void **arguments) {
  auto *data = argument<char *>(arguments, 0);
  if (lane(t) == 0)
    write<uint16_t>(t, reinterpret_cast<uint16_t *>(data + argument<int64_t>(arguments, 1)), 1,
                    1);
}

TEST(Memory, OutOfBoundsGlobal) {
  Machine machine(both(), readGlobal);
  void *data = machine.allocate(102);
  machine.zero(data, 102);
  EXPECT_EQ(machine.run(data, int64_t(100)), "");
  EXPECT_HAS(machine.run(data, int64_t(102)),
             "out-of-bounds read of global memory" +
                 where("(0,0,0)", "global+0x66 (allocation of 102 bytes)"));
  EXPECT_HAS(machine.run(data, int64_t(-2)), "out-of-bounds read of global memory");
  EXPECT_HAS(machine.run(data, int64_t(1) << 20), "out-of-bounds read of global memory");
  EXPECT_HAS(machine.run(data, int64_t(1) << 45), "out-of-bounds read of global memory");
  machine.release(data);
  EXPECT_HAS(machine.run(data, int64_t(0)),
             "out-of-bounds read of global memory that has been freed" +
                 where("(0,0,0)", "global+0x0 (freed allocation of 102 bytes)"));
}

TEST(Memory, OutOfBoundsGlobalWrite) {
  Machine machine(both(), writeGlobal);
  void *data = machine.allocate(102);
  EXPECT_EQ(machine.run(data, int64_t(100)), "");
  EXPECT_HAS(machine.run(data, int64_t(102)), "out-of-bounds write of global memory");
}

TEST(Memory, UninitialisedGlobal) {
  Machine machine(both(), readGlobal);
  auto *data = static_cast<char *>(machine.allocate(64));
  machine.zero(data, 32);
  EXPECT_EQ(machine.run(data, int64_t(30)), "");
  EXPECT_HAS(machine.run(data, int64_t(32)),
             "read of uninitialised global memory" +
                 where("(0,0,0)", "global+0x20 (allocation of 64 bytes)"));
  // A copy takes with it what is uninitialised.
  void *other = machine.allocate(64);
  machine.upload(other, data, 64);
  EXPECT_EQ(machine.run(other, int64_t(30)), "");
  EXPECT_HAS(machine.run(other, int64_t(32)), "read of uninitialised global memory");
}

TEST(Memory, Misaligned) {
  Machine machine(both(), readGlobal);
  auto *data = static_cast<char *>(machine.allocate(64));
  machine.zero(data, 64);
  EXPECT_EQ(machine.run(data, int64_t(2)), "");
  EXPECT_HAS(machine.run(data, int64_t(1)),
             "k.mlir:0:1: error: emulator: misaligned access" +
                 where("(0,0,0)", "global+0x1 (allocation of 64 bytes)"));
}

TEST(Memory, Constants) {
  static uint16_t table[8] = {};
  Conditions conditions;
  conditions.constants = {{table, sizeof(table)}};
  Machine machine(both(), readGlobal, conditions);
  EXPECT_EQ(machine.run(table, int64_t(14)), "");
  EXPECT_HAS(machine.run(table, int64_t(16)), "out-of-bounds read of global memory");
  Machine write(both(), writeGlobal, conditions);
  EXPECT_HAS(write.run(table, int64_t(0)), "write of constant memory");
}

TEST(Memory, PrivateMemory) {
  static auto kernel = [](posenc_emu_thread *t, void **) {
    uint16_t own = 0;
    write<uint16_t>(t, &own, 1, 1);
    read(t, &own, 0);
  };
  Machine machine(both(), [](posenc_emu_thread *t, void **a) { kernel(t, a); });
  EXPECT_EQ(machine.run(), "");
}

TEST(Memory, UninitialisedPrivateMemory) {
  static auto kernel = [](posenc_emu_thread *t, void **arguments) {
    uint16_t own[4];
    t->api->allocated(t, own, sizeof(own), 1);
    for (uint32_t i = 0; i < argument<uint32_t>(arguments, 0); ++i)
      write<uint16_t>(t, own + i, 1, 1);
    if (lane(t) == 2)
      read(t, own + 2, 0);
  };
  Machine machine(both(), [](posenc_emu_thread *t, void **a) { kernel(t, a); });
  EXPECT_EQ(machine.run(3u), "");
  EXPECT_HAS(machine.run(2u),
             "k.mlir:0:1: error: emulator: read of uninitialised private memory" +
                 where("(2,0,0)", "in private memory"));
}

TEST(Memory, ReportsOfAFailedBlockStop) {
  // Each block ends at its first access out of bounds; equal reports are one.
  Conditions conditions;
  conditions.grid = 50;
  conditions.workers = 2;
  Machine machine(both(), writeShared, conditions);
  std::string text = machine.run(int64_t(3000));
  EXPECT_EQ(text, "k.mlir:1:1: error: emulator: out-of-bounds write of shared memory" +
                      where("(3,0,0)", "shared+0x1770 (no buffer)") + "\n");
}

/// An uninitialised read per site.
static void readAtManyOps(posenc_emu_thread *t, void **) {
  for (uint32_t site = 0; site < 25; ++site)
    read(t, reinterpret_cast<uint16_t *>(t->shared), site);
}

TEST(Memory, TwentyReportsArePrinted) {
  std::vector<std::string> locations;
  for (int i = 0; i < 25; ++i)
    locations.push_back("k.mlir:" + std::to_string(i) + ":1");
  std::vector<posenc_emu_site> list(25, load(2));
  for (int i = 0; i < 25; ++i)
    list[i].location = locations[i].c_str();
  Machine machine(list, readAtManyOps);
  std::string text = machine.run();
  EXPECT_HAS(text, "k.mlir:19:1: error: emulator: read of uninitialised shared memory");
  EXPECT_EQ(text.find("k.mlir:20:1"), std::string::npos);
  EXPECT_HAS(text, "\nemulator: 5 more reports\n");
}

TEST(Memory, ChecksOff) {
  Conditions conditions;
  conditions.checks = false;
  Machine machine(both(), readShared, conditions);
  EXPECT_EQ(machine.run(int64_t(32)), "");
  EXPECT_EQ(machine.run(int64_t(2048)), "");
}

static void unknown(posenc_emu_thread *t, void **) { execute(t, 0); }

TEST(Memory, UnknownInstruction) {
  Machine machine(sites({op("nvvm.frobnicate")}), unknown);
  EXPECT_HAS(machine.run(), "k.mlir:0:1: error: emulator: expected an instruction that the "
                            "emulator models but got nvvm.frobnicate in kernel @kernel");
}

#if defined(__SANITIZE_ADDRESS__)
constexpr bool keepsFreedMemory = true;
#elif defined(__has_feature)
constexpr bool keepsFreedMemory = __has_feature(address_sanitizer);
#else
constexpr bool keepsFreedMemory = false;
#endif

TEST(Memory, TenThousandLaunchesDoNotGrow) {
  if (keepsFreedMemory)
    GTEST_SKIP() << "the sanitizer keeps what was freed";
  Machine machine(both(), writeGlobal);
  auto resident = [] {
    long pages = 0, unused = 0;
    FILE *file = std::fopen("/proc/self/statm", "r");
    if (file && std::fscanf(file, "%ld %ld", &unused, &pages) != 2)
      pages = 0;
    if (file)
      std::fclose(file);
    return pages;
  };
  long before = 0;
  for (int i = 0; i < 10000; ++i) {
    void *data = machine.allocate(1000);
    ASSERT_EQ(machine.run(data, int64_t(2 * (i % 500))), "");
    machine.release(data);
    if (i == 2000)
      before = resident();
  }
  EXPECT_LT(resident(), before + 256);
}
