//===- CopiesTest.cpp - Asynchronous copies ---------------------------===//
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

enum Site : uint32_t { CopyOp, Commit, WaitNone, WaitOne, Barrier, Load, Store };

static std::vector<posenc_emu_site> ops() {
  return sites(
      {op("nvvm.cp.async.shared.global", "ptr,ptr,i32>", "size=16 : i32"),
       op("nvvm.cp.async.commit.group"), op("nvvm.cp.async.wait.group", ">", "n=0 : i32"),
       op("nvvm.cp.async.wait.group", ">", "n=1 : i32"), op("nvvm.barrier0"), load(), store()});
}

/// What a test leaves out or does wrong.
enum Bug : int {
  Nothing,
  NoWait,
  NoBarrier,
  ReadsEarly,
  WritesTarget,
  WritesSource,
  WaitsForOther
};

/// Two groups of copies: each thread brings 16 bytes, then reads what its neighbour
/// brought.
static void pipeline(posenc_emu_thread *t, void **arguments) {
  auto *data = argument<char *>(arguments, 0);
  auto *out = argument<uint32_t *>(arguments, 1);
  auto bug = argument<Bug>(arguments, 2);
  uint32_t i = lane(t), n = t->block_size[0];
  for (uint32_t stage = 0; stage < 2; ++stage) {
    uint64_t at = stage * 16 * n + 16 * i;
    // The last thread brings 4 bytes and zeros.
    execute(t, CopyOp, uint64_t(t->shared + at), uint64_t(data + at), i == n - 1 ? 4 : 16);
    execute(t, Commit);
  }
  auto *tile = reinterpret_cast<uint32_t *>(t->shared);
  if (bug == ReadsEarly && i == 1)
    read(t, tile + 4 * i, Load);
  if (bug == WritesTarget && i == 1)
    write<uint32_t>(t, tile + 4 * i, 1, Store);
  if (bug == WritesSource && i == 1)
    write<uint32_t>(t, reinterpret_cast<uint32_t *>(data) + 4 * i, 1, Store);
  if (bug != NoWait)
    execute(t, bug == WaitsForOther ? WaitOne : WaitNone);
  if (bug != NoBarrier)
    execute(t, Barrier);
  uint32_t sum = 0;
  for (uint32_t element = 0; element < 4; ++element)
    sum += read(t, tile + 4 * n + (4 * i + 4 + element) % (4 * n), Load);
  write(t, out + i, sum, Store);
}

struct Copies : testing::TestWithParam<uint64_t> {
  std::string run(Bug bug) {
    Conditions conditions;
    conditions.block = 64;
    conditions.seed = GetParam();
    Machine machine(ops(), pipeline, conditions);
    std::vector<uint32_t> values(512);
    for (uint32_t i = 0; i < 512; ++i)
      values[i] = i;
    auto *data = static_cast<uint32_t *>(machine.allocate(2048));
    machine.upload(data, values.data(), 2048);
    auto *out = static_cast<uint32_t *>(machine.allocate(256));
    std::string text = machine.run(data, out, bug);
    result.assign(out, out + 64);
    return text;
  }
  std::vector<uint32_t> result;
};

TEST_P(Copies, Correct) {
  EXPECT_EQ(run(Nothing), "");
  EXPECT_EQ(result[0], 4 * 260u + 6);
  EXPECT_EQ(result[62], 508u);
  EXPECT_EQ(result[63], 4 * 256u + 6);
}

TEST_P(Copies, MissingWait) {
  std::string text = run(NoWait);
  EXPECT_HAS(text, "read of memory that an asynchronous copy still writes");
  EXPECT_HAS(text, "k.mlir:0:1: note: the copy, begun by thread (");
  EXPECT_HAS(text, "k.mlir:0:1: error: emulator: asynchronous copy that is never waited for");
}

TEST_P(Copies, WaitForTheOtherGroup) {
  EXPECT_HAS(run(WaitsForOther), "read of memory that an asynchronous copy still writes");
}

TEST_P(Copies, MissingBarrier) {
  std::string text = run(NoBarrier);
  bool isRace = text.find("data race on shared memory") != std::string::npos;
  bool isEarly = text.find("asynchronous copy still writes") != std::string::npos;
  bool isUnset = text.find("read of uninitialised shared memory") != std::string::npos;
  EXPECT_TRUE(isRace || isEarly || isUnset) << text;
}

TEST_P(Copies, EarlyAccess) {
  EXPECT_HAS(run(ReadsEarly),
             "k.mlir:5:1: error: emulator: read of memory that an asynchronous "
             "copy still writes in kernel @kernel, block (0,0,0), thread "
             "(1,0,0), address shared+0x10 (buffer tile)\nk.mlir:0:1: note: the "
             "copy, begun by thread (1,0,0)");
  EXPECT_HAS(run(WritesTarget),
             "write to memory that an asynchronous operation still writes in kernel");
  EXPECT_HAS(run(WritesSource),
             "write to memory that an asynchronous operation still reads in kernel");
}

INSTANTIATE_TEST_SUITE_P(Schedules, Copies, testing::Range<uint64_t>(0, 5));
