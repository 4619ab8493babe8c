//===- StatisticsTest.cpp - Statistics and poison ---------------------===//
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

static std::vector<posenc_emu_site> ops() {
  return sites({load(), store(), op("nvvm.barrier0"), op("nvvm.bar.warp.sync", "i32>"),
                loop("loop=diagonal")});
}

static Conditions counted() {
  Conditions conditions;
  conditions.statistics = true;
  return conditions;
}

/// Each lane writes and reads a word of shared memory, `stride` words apart, and reads
/// as much from global memory.
static void strided(posenc_emu_thread *t, void **arguments) {
  auto stride = argument<uint32_t>(arguments, 0);
  auto *data = argument<uint32_t *>(arguments, 1);
  auto *tile = reinterpret_cast<uint32_t *>(t->shared);
  for (uint32_t trip = 0; trip < 3; ++trip)
    t->api->trip(t, 4);
  write(t, tile + lane(t) * stride, lane(t), 1);
  read(t, tile + lane(t) * stride, 0);
  read(t, data + lane(t) * stride, 0);
  t->api->count(t, POSENC_EMU_FMA, 2);
  t->api->count(t, POSENC_EMU_EXP, 1);
  execute(t, 3, 0xffffffffu);
  execute(t, 2);
}

static std::string statistics(uint32_t stride, uint64_t seed, bool checks) {
  Conditions conditions = counted();
  conditions.seed = seed;
  conditions.checks = checks;
  Machine machine(ops(), strided, conditions);
  void *data = machine.allocate(4096);
  machine.zero(data, 4096);
  EXPECT_EQ(machine.run(stride, data), "");
  return machine.statistics();
}

TEST(Statistics, Counts) {
  for (uint64_t seed = 0; seed < 3; ++seed)
    for (bool checks : {true, false})
      EXPECT_EQ(
          statistics(1, seed, checks),
          "[{\"name\": \"kernel\", \"launches\": 1, \"blocks\": 1, \"threads\": 32, "
          "\"instructions\": {\"tensor\": 0, \"exp\": 32, \"fma\": 64, \"float\": 0, "
          "\"integer\": 0}, \"shared\": {\"bytes_read\": 128, \"bytes_written\": 128, "
          "\"requests\": 2, \"wavefronts\": 2, \"extra_wavefronts\": 0}, \"global\": "
          "{\"bytes_read\": 128, \"bytes_written\": 0, \"requests\": 1, \"sectors\": 4, "
          "\"least_sectors\": 4}, \"barriers\": 1, \"collectives\": {\"nvvm.bar.warp.sync\": "
          "1}, \"loops\": {\"diagonal\": 3}}]");
}

TEST(Statistics, BankConflictsAndCoalescing) {
  EXPECT_HAS(statistics(2, 1, true), "\"wavefronts\": 4, \"extra_wavefronts\": 2}");
  EXPECT_HAS(statistics(2, 1, true), "\"sectors\": 8, \"least_sectors\": 4}");
  EXPECT_HAS(statistics(32, 0, true), "\"wavefronts\": 64, \"extra_wavefronts\": 62}");
  EXPECT_HAS(statistics(32, 0, true), "\"sectors\": 32, \"least_sectors\": 4}");
  EXPECT_HAS(statistics(17, 0, true), "\"wavefronts\": 2, \"extra_wavefronts\": 0}");
  // All lanes the same word: a broadcast. It is a race, but not here, with checks off.
  EXPECT_HAS(statistics(0, 0, false), "\"wavefronts\": 2, \"extra_wavefronts\": 0}");
  EXPECT_HAS(statistics(0, 0, false), "\"sectors\": 1, \"least_sectors\": 1}");
}

struct Vector {
  uint32_t words[4];
};

/// Eight lanes at a time get 16 bytes each.
static void wide(posenc_emu_thread *t, void **arguments) {
  auto stride = argument<uint32_t>(arguments, 0);
  auto *tile = reinterpret_cast<Vector *>(t->shared);
  write(t, tile + lane(t) * stride, Vector{}, 1);
}

TEST(Statistics, WideAccesses) {
  Conditions conditions = counted();
  for (uint32_t stride : {1u, 2u}) {
    Machine machine(ops(), wide, conditions);
    EXPECT_EQ(machine.run(stride), "");
    EXPECT_HAS(machine.statistics(), stride == 1
                                         ? "\"wavefronts\": 4, \"extra_wavefronts\": 0}"
                                         : "\"wavefronts\": 8, \"extra_wavefronts\": 4}");
  }
}

/// Sites by the kinds that the report tells apart.
static void poisoned(posenc_emu_thread *t, void **) {
  if (lane(t) != 4)
    return;
  for (uint32_t site = 0; site < 3; ++site)
    t->api->poison(t, site);
  posenc_emu_slot operands[2] = {}, result;
  uint8_t operandPoison[2] = {0, 1}, resultPoison = 1;
  t->api->call(t, 3, operands, &result, operandPoison, &resultPoison);
  EXPECT_EQ(resultPoison, 0);
}

TEST(Poison, Reports) {
  auto list = sites({store(), op("llvm.cond_br"), op("llvm.getelementptr"),
                     op("nvvm.setmaxregister", "i32,i32>i32")});
  list[1].kind = POSENC_EMU_BRANCH;
  list[2].kind = POSENC_EMU_ADDRESS;
  Machine machine(list, poisoned);
  std::string text = machine.run();
  for (const char *place : {"0:1: error: emulator: poison reaches a store in",
                            "1:1: error: emulator: poison reaches a branch in",
                            "2:1: error: emulator: poison reaches an address in",
                            "3:1: error: emulator: poison reaches an instruction in"})
    EXPECT_HAS(text, place + std::string(" kernel @kernel, block (0,0,0), thread (4,0,0)"));
}
