//===- RacesTest.cpp - Data races in shared and global memory ---------===//
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
  return sites({store(1), load(1), op("nvvm.barrier0"), op("nvvm.bar.warp.sync", "i32>"),
                atomic(), store(1)});
}

/// Which synchronisation a kernel below has between two accesses.
enum Sync : int { None, Block, Warp };

static void synchronise(posenc_emu_thread *t, Sync sync) {
  if (sync == Block)
    execute(t, 2);
  else if (sync == Warp)
    execute(t, 3, 0xffffffffu);
}

/// Writes an element of T, reads that of a thread `distance` on.
template <class T> static void exchange(posenc_emu_thread *t, void **arguments) {
  auto sync = argument<Sync>(arguments, 0);
  auto distance = argument<uint32_t>(arguments, 1);
  auto *tile = reinterpret_cast<T *>(t->shared);
  write<T>(t, tile + lane(t), T(lane(t)), 0);
  synchronise(t, sync);
  read(t, tile + (lane(t) + distance) % t->block_size[0], 1);
}

template <class T> static void expectExchange() {
  Conditions conditions;
  conditions.block = 128;
  for (uint64_t seed = 0; seed < 5; ++seed) {
    conditions.seed = seed;
    Machine machine(ops(), exchange<T>, conditions);
    EXPECT_EQ(machine.run(None, 0u), "");
    EXPECT_EQ(machine.run(Block, 1u), "");
    EXPECT_EQ(machine.run(Block, 40u), "");
    EXPECT_HAS(machine.run(None, 1u), "data race on shared memory");
    EXPECT_HAS(machine.run(Warp, 40u), "data race on shared memory");
  }
}

TEST(Races, SharedWriteThenRead) {
  expectExchange<uint8_t>();
  expectExchange<uint16_t>();
  expectExchange<uint32_t>();
  expectExchange<uint64_t>();
}

TEST(Races, Report) {
  Machine machine(ops(), exchange<uint32_t>);
  EXPECT_HAS(
      machine.run(None, 31u),
      "k.mlir:1:1: error: emulator: data race on shared memory (this is a read) in kernel "
      "@kernel, block (0,0,0), thread (1,0,0), address shared+0x0 (buffer tile)\n"
      "k.mlir:0:1: note: the other access, a write by thread (0,0,0)\n");
}

/// Within a warp, bar.warp.sync suffices.
static void exchangeInWarp(posenc_emu_thread *t, void **arguments) {
  auto *tile = reinterpret_cast<uint16_t *>(t->shared);
  write<uint16_t>(t, tile + lane(t), 1, 0);
  synchronise(t, argument<Sync>(arguments, 0));
  read(t, tile + (lane(t) ^ 5), 1);
  synchronise(t, argument<Sync>(arguments, 0));
  write<uint16_t>(t, tile + (lane(t) ^ 3), 1, 5);
}

TEST(Races, WarpSync) {
  Conditions conditions;
  conditions.block = 64;
  for (conditions.seed = 0; conditions.seed < 10; ++conditions.seed) {
    Machine machine(ops(), exchangeInWarp, conditions);
    EXPECT_EQ(machine.run(Warp), "");
    EXPECT_HAS(machine.run(None), "data race on shared memory");
  }
}

/// Everybody reads all; then one writes.
static void readThenWrite(posenc_emu_thread *t, void **arguments) {
  auto *tile = reinterpret_cast<uint32_t *>(t->shared);
  if (lane(t) == 0)
    write<uint32_t>(t, tile, 1, 0);
  execute(t, 2);
  read(t, tile, 1);
  // Some lanes read at another clock than the others.
  if (lane(t) < 32)
    execute(t, 3, 0xffffffffu);
  read(t, tile, 1);
  synchronise(t, argument<Sync>(arguments, 0));
  if (lane(t) == 40)
    write<uint32_t>(t, tile, 2, 5);
}

TEST(Races, SharedReadThenWrite) {
  Conditions conditions;
  conditions.block = 96;
  for (conditions.seed = 0; conditions.seed < 10; ++conditions.seed) {
    Machine machine(ops(), readThenWrite, conditions);
    EXPECT_EQ(machine.run(Block), "");
    EXPECT_HAS(machine.run(None), "data race on shared memory");
  }
}

/// Neighbouring elements of any size are different memory.
template <class T> static void neighbours(posenc_emu_thread *t, void **arguments) {
  auto *data = argument<T *>(arguments, 0) + t->block_id[0] * t->block_size[0];
  write<T>(t, data + lane(t), T(1), 0);
  read(t, data + lane(t), 1);
  write<T>(t, data + lane(t), T(2), 0);
}

template <class T> static void expectNeighbours() {
  Conditions conditions;
  conditions.grid = 8;
  conditions.block = 33;
  conditions.workers = 2;
  Machine machine(ops(), neighbours<T>, conditions);
  EXPECT_EQ(machine.run(machine.allocate(8 * 33 * sizeof(T))), "");
}

TEST(Races, GlobalNeighbours) {
  expectNeighbours<uint8_t>();
  expectNeighbours<uint16_t>();
  expectNeighbours<uint32_t>();
  expectNeighbours<uint64_t>();
}

static void blocksWriteOne(posenc_emu_thread *t, void **arguments) {
  if (lane(t) == 0)
    write<uint8_t>(t, argument<uint8_t *>(arguments, 0), 1, 0);
}

static void blocksReadWhatOneWrites(posenc_emu_thread *t, void **arguments) {
  if (t->block_id[0] == 2 && lane(t) == 5)
    write<uint8_t>(t, argument<uint8_t *>(arguments, 0), 1, 0);
  else
    read(t, argument<uint8_t *>(arguments, 0), 1);
}

static void blocksRead(posenc_emu_thread *t, void **arguments) {
  for (uint32_t i = 0; i < 64; ++i)
    read(t, argument<uint8_t *>(arguments, 0) + (i + lane(t)) % 64, 1);
}

TEST(Races, GlobalBetweenBlocks) {
  Conditions conditions;
  conditions.grid = 4;
  Machine machine(ops(), blocksWriteOne, conditions);
  EXPECT_HAS(
      machine.run(machine.allocate(4)),
      "k.mlir:0:1: error: emulator: data race on global memory (this is a write) in "
      "kernel @kernel, block (1,0,0), thread (0,0,0), address global+0x0 (allocation of 4 "
      "bytes)\nk.mlir:0:1: note: the other access, a write by block (0,0,0), thread "
      "(0,0,0)\n");
  Machine mixed(ops(), blocksReadWhatOneWrites, conditions);
  void *data = mixed.allocate(4);
  mixed.zero(data, 4);
  EXPECT_HAS(mixed.run(data), "data race on global memory");
  // Launches are ordered.
  conditions.grid = 1;
  Machine one(ops(), blocksWriteOne, conditions);
  data = one.allocate(4);
  for (int i = 0; i < 600; ++i)
    ASSERT_EQ(one.run(data), "");
  conditions.grid = 20;
  conditions.workers = 2;
  Machine readers(ops(), blocksRead, conditions);
  data = readers.allocate(64);
  readers.zero(data, 64);
  EXPECT_EQ(readers.run(data), "");
}

static void globalInBlock(posenc_emu_thread *t, void **arguments) {
  auto *data = argument<uint16_t *>(arguments, 0);
  write<uint16_t>(t, data + lane(t), 1, 0);
  synchronise(t, argument<Sync>(arguments, 1));
  read(t, data + (lane(t) + 1) % t->block_size[0], 1);
  synchronise(t, argument<Sync>(arguments, 1));
  write<uint16_t>(t, data + (lane(t) + 2) % t->block_size[0], 1, 5);
}

TEST(Races, GlobalWithinABlock) {
  Conditions conditions;
  conditions.block = 128;
  for (conditions.seed = 0; conditions.seed < 5; ++conditions.seed) {
    Machine machine(ops(), globalInBlock, conditions);
    void *data = machine.allocate(256);
    EXPECT_EQ(machine.run(data, Block), "");
    EXPECT_HAS(machine.run(data, None), "data race on global memory");
    EXPECT_HAS(machine.run(data, Warp), "data race on global memory");
  }
}

static uint32_t add(posenc_emu_thread *t, uint32_t *address, uint32_t value) {
  if (t->api->atomic)
    t->api->atomic(t, address, 4, 4);
  return __atomic_fetch_add(address, value, __ATOMIC_ACQ_REL);
}

/// The last block that comes sums up what all have written.
static void sumByLast(posenc_emu_thread *t, void **arguments) {
  auto *partial = argument<uint32_t *>(arguments, 0), *counter = partial + 64;
  if (lane(t) != 0)
    return;
  write<uint32_t>(t, partial + t->block_id[0], t->block_id[0], 0);
  if (argument<bool>(arguments, 1) && add(t, counter, 1) != t->grid_size[0] - 1)
    return;
  uint32_t sum = 0;
  for (uint32_t i = 0; i < t->grid_size[0]; ++i)
    sum += read(t, partial + i, 1);
  write<uint32_t>(t, counter + 1, sum, 5);
}

TEST(Races, AtomicsOrderBlocks) {
  Conditions conditions;
  conditions.grid = 16;
  conditions.workers = 2;
  Machine machine(ops(), sumByLast, conditions);
  auto *data = static_cast<uint32_t *>(machine.allocate(66 * 4));
  machine.zero(data, 66 * 4);
  EXPECT_EQ(machine.run(data, true), "");
  EXPECT_EQ(data[65], 120u);
  EXPECT_HAS(machine.run(data, false), "data race on global memory");
}

static void atomicsOfAll(posenc_emu_thread *t, void **arguments) {
  add(t, argument<uint32_t *>(arguments, 0), 1);
  add(t, reinterpret_cast<uint32_t *>(t->shared), 1);
}

static void atomicAndPlain(posenc_emu_thread *t, void **arguments) {
  if (lane(t) == 9)
    read(t, argument<uint32_t *>(arguments, 0), 1);
  else
    add(t, argument<uint32_t *>(arguments, 0), 1);
}

TEST(Races, Atomics) {
  Conditions conditions;
  conditions.grid = 3;
  Machine machine(ops(), atomicsOfAll, conditions);
  auto *data = static_cast<uint32_t *>(machine.allocate(4));
  machine.zero(data, 4);
  EXPECT_HAS(machine.run(data), "read of uninitialised shared memory");
  EXPECT_EQ(*data, 96u);
  Machine plain(ops(), atomicAndPlain, conditions);
  data = static_cast<uint32_t *>(plain.allocate(4));
  plain.zero(data, 4);
  EXPECT_HAS(plain.run(data), "data race on global memory");
}
