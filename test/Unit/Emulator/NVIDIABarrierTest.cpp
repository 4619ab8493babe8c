//===- NVIDIABarrierTest.cpp - mbarrier, asynchronous copies, fences ------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeGroup.h"

#include "gtest/gtest.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

using namespace posenc::emulator;

namespace {
using Strings = std::vector<std::string>;

class NVIDIABarrier : public ::testing::Test {
protected:
  NVIDIABarrier() {
    block.allow(memory, sizeof(memory));
    block.base = memory;
  }

  /// One thread's instruction. Its reports are kept in `reports`.
  FakeGroup run(const std::string &op, const std::string &attributes,
                const std::string &signature,
                const std::function<void(FakeGroup &)> &operands) {
    FakeGroup group(block, op, attributes, signature, 1, 1);
    operands(group);
    outcome = group.run();
    reports = group.reports;
    return group;
  }
  void init(uint32_t count, char *at = nullptr) {
    run("nvvm.mbarrier.init", "", "ptr,i32>", [&](FakeGroup &group) {
      group.put(0, 0, at ? at : memory);
      group.put(0, 1, count);
    });
  }
  uint64_t arrive(uint32_t count = 1, const std::string &op = "nvvm.mbarrier.arrive",
                  const std::string &attributes = "") {
    return run(op, attributes, "ptr,i32>i64",
               [&](FakeGroup &group) {
                 group.put(0, 0, memory);
                 group.put(0, 1, count);
               })
        .result<uint64_t>(0);
  }
  void addressOnly(const std::string &op, const std::string &attributes = "") {
    run(op, attributes, "ptr>", [&](FakeGroup &group) { group.put(0, 0, memory); });
  }
  void bytes(const std::string &op, uint32_t count) {
    run(op, "", "ptr,i32>", [&](FakeGroup &group) {
      group.put(0, 0, memory);
      group.put(0, 1, count);
    });
  }
  template <class T> bool test(T phase, const std::string &attributes = "") {
    return run("nvvm.mbarrier.test.wait", attributes,
               sizeof(T) == 8 ? "ptr,i64>i1" : "ptr,i32>i1",
               [&](FakeGroup &group) {
                 group.put(0, 0, memory);
                 group.put(0, 1, phase);
               })
        .template result<uint8_t>(0);
  }
  Outcome waitParity(uint32_t parity) {
    run("nvvm.mbarrier.try_wait.parity", "", "ptr,i32,i32>", [&](FakeGroup &group) {
      group.put(0, 0, memory);
      group.put(0, 1, parity);
    });
    return outcome;
  }

  FakeBlock block;
  alignas(16) char memory[128] = {};
  Outcome outcome = Outcome::Done;
  Strings reports;
};
} // namespace

TEST_F(NVIDIABarrier, PhasesByTokenAndParity) {
  init(3);
  EXPECT_FALSE(test<uint32_t>(0));
  EXPECT_TRUE(test<uint32_t>(1)) << "the phase before the first counts as ended";
  uint64_t token = arrive(2);
  EXPECT_FALSE(test(token));
  EXPECT_EQ(waitParity(0), Outcome::Wait);
  EXPECT_EQ(arrive(), token);
  EXPECT_TRUE(test(token));
  EXPECT_TRUE(test<uint32_t>(0));
  EXPECT_FALSE(test<uint32_t>(1));
  EXPECT_EQ(waitParity(0), Outcome::Done);
  EXPECT_EQ(waitParity(1), Outcome::Wait);
  uint64_t second = arrive(3);
  EXPECT_NE(second, token);
  EXPECT_TRUE(test<uint32_t>(1));
  EXPECT_TRUE(reports.empty());
}

TEST_F(NVIDIABarrier, TokenTooOld) {
  init(1);
  uint64_t token = arrive();
  arrive();
  test(token);
  EXPECT_EQ(reports, Strings({"0: expected a token of the current or the preceding phase of "
                              "the mbarrier"}));
}

TEST_F(NVIDIABarrier, OrdersPerPhase) {
  init(1);
  arrive();
  test<uint32_t>(0);
  arrive(1, "nvvm.mbarrier.arrive", "relaxed=true");
  EXPECT_TRUE(test<uint32_t>(1, "relaxed=true"));
  arrive();
  waitParity(0);
  EXPECT_EQ(block.events,
            Strings({"release 0 0", "acquire 0 0", "release 0 0", "acquire 0 0"}));
  block.events.clear();
  arrive();
  waitParity(1);
  EXPECT_EQ(block.events, Strings({"release 0 1", "acquire 0 1"}))
      << "phases of the other parity meet elsewhere";
}

TEST_F(NVIDIABarrier, Bytes) {
  init(1);
  arrive(512, "nvvm.mbarrier.arrive.expect_tx");
  EXPECT_FALSE(test<uint32_t>(0));
  bytes("nvvm.mbarrier.complete_tx", 500);
  EXPECT_FALSE(test<uint32_t>(0));
  bytes("nvvm.mbarrier.complete_tx", 12);
  EXPECT_TRUE(test<uint32_t>(0));

  // Bytes that arrive before they are expected keep the phase open as well.
  bytes("nvvm.mbarrier.complete_tx", 64);
  arrive();
  EXPECT_FALSE(test<uint32_t>(1));
  bytes("nvvm.mbarrier.expect_tx", 128);
  EXPECT_FALSE(test<uint32_t>(1));
  bytes("nvvm.mbarrier.complete_tx", 64);
  EXPECT_TRUE(test<uint32_t>(1));
  EXPECT_TRUE(reports.empty());
}

TEST_F(NVIDIABarrier, Drop) {
  init(3);
  arrive(1, "nvvm.mbarrier.arrive_drop");
  arrive(2);
  EXPECT_TRUE(test<uint32_t>(0));
  arrive(2);
  EXPECT_TRUE(test<uint32_t>(1)) << "two are expected from now on";
  EXPECT_TRUE(reports.empty());
}

TEST_F(NVIDIABarrier, WrongArrivals) {
  init(2);
  arrive(3);
  EXPECT_EQ(reports, Strings({"0: expected between 1 and 2 arrivals, which this phase of the "
                              "mbarrier lacks, but got 3"}));
  arrive(0);
  EXPECT_EQ(reports.size(), 1u);
  arrive(1, "nvvm.mbarrier.arrive.nocomplete");
  EXPECT_TRUE(reports.empty());
  arrive(1, "nvvm.mbarrier.arrive.nocomplete");
  EXPECT_EQ(
      reports,
      Strings({"0: expected an arrival that leaves the phase of the mbarrier incomplete"}));
}

TEST_F(NVIDIABarrier, WrongObjects) {
  init(0);
  EXPECT_EQ(reports, Strings({"0: expected the count of an mbarrier to be in [1, 1048575] but "
                              "got 0"}));
  init(1, memory + 4);
  EXPECT_EQ(reports, Strings({"0: misaligned access: expected the address of an mbarrier to be "
                              "a multiple of 8"}));
  arrive();
  EXPECT_EQ(reports, Strings({"0: expected an initialised mbarrier"}));
  init(1);
  addressOnly("nvvm.mbarrier.inval");
  EXPECT_TRUE(reports.empty());
  arrive();
  EXPECT_EQ(reports, Strings({"0: expected an initialised mbarrier"}));
  init(1);
  EXPECT_TRUE(reports.empty());
  init(2);
  EXPECT_EQ(reports, Strings({"0: expected an mbarrier to be invalidated before it is "
                              "initialised again"}));
  init(1, memory + sizeof(memory));
  EXPECT_EQ(reports, Strings({"0: out-of-bounds write"}));
}

TEST_F(NVIDIABarrier, Predicate) {
  auto predicated = [&](bool on) {
    run("nvvm.mbarrier.init", "", "ptr,i32,i1>", [&](FakeGroup &group) {
      group.put(0, 0, memory);
      group.put(0, 1, 7u);
      group.put(0, 2, uint8_t(on));
    });
  };
  predicated(false);
  EXPECT_TRUE(block.states.empty());
  predicated(true);
  EXPECT_FALSE(block.states.empty());
}

TEST_F(NVIDIABarrier, WaitWithResult) {
  init(1);
  auto wait = [&] {
    return run("nvvm.mbarrier.try_wait", "", "ptr,i32,i32>i1", [&](FakeGroup &group) {
      group.put(0, 0, memory);
      group.put(0, 1, 0u);
    });
  };
  wait();
  EXPECT_EQ(outcome, Outcome::Wait);
  arrive();
  EXPECT_EQ(wait().result<uint8_t>(0), 1);
  EXPECT_EQ(outcome, Outcome::Done);
}

TEST_F(NVIDIABarrier, ArriveAfterCopies) {
  init(1);
  addressOnly("nvvm.cp.async.mbarrier.arrive", "noinc=false");
  EXPECT_FALSE(test<uint32_t>(0)) << "the pending count went up by one first";
  addressOnly("nvvm.cp.async.mbarrier.arrive", "noinc=true");
  EXPECT_TRUE(test<uint32_t>(0));
  EXPECT_EQ(block.events, Strings({"copied 0 0", "copied 0 0", "release 0 0", "acquire 0 0"}));
}

TEST_F(NVIDIABarrier, Copy) {
  char *to = memory + 64, *from = memory;
  for (int i = 0; i < 64; ++i)
    from[i] = char(i + 1);
  auto copy = [&](char *target, char *source, uint32_t size, int64_t read = -1) {
    run("nvvm.cp.async.shared.global",
        "modifier=#nvvm<load_cache_modifier ca>;size=" + std::to_string(size) + " : i32",
        read < 0 ? "ptr,ptr>" : "ptr,ptr,i32>", [&](FakeGroup &group) {
          group.put(0, 0, target);
          group.put(0, 1, source);
          if (read >= 0)
            group.put(0, 2, uint32_t(read));
        });
  };
  auto commit = [&] { run("nvvm.cp.async.commit.group", "", ">", [](FakeGroup &) {}); };
  auto wait = [&](int n) {
    run("nvvm.cp.async.wait.group", "n=" + std::to_string(n) + " : i32", ">",
        [](FakeGroup &) {});
  };
  std::memset(to, 0x55, 64);
  copy(to, from, 16);
  commit();
  copy(to + 16, from + 16, 8, 5);
  copy(to + 24, from + 24, 4, 0);
  commit();
  EXPECT_EQ(to[0], 0x55) << "nothing was waited for";
  wait(1);
  EXPECT_EQ(to[15], 16);
  EXPECT_EQ(to[16], 0x55);
  wait(0);
  EXPECT_EQ(std::string(to + 16, 12), std::string("\x11\x12\x13\x14\x15\0\0\0\0\0\0\0", 12));
  copy(to + 32, from + 32, 16);
  run("llvm.nvvm.cp.async.wait.all", "", ">", [](FakeGroup &) {});
  EXPECT_EQ(to[47], 48);
  EXPECT_TRUE(reports.empty());

  copy(to + 8, from, 16);
  EXPECT_EQ(reports, Strings({"0: misaligned access: expected an address that is a multiple of "
                              "16"}));
  copy(to, from + 4, 8);
  EXPECT_EQ(reports, Strings({"0: misaligned access: expected an address that is a multiple of "
                              "8"}));
  copy(to, from, 8, 9);
  EXPECT_EQ(reports, Strings({"0: expected to copy at most 8 bytes but got 9"}));
}

TEST_F(NVIDIABarrier, Fences) {
  auto run = [&](const char *op) { FakeGroup(block, op, "", ">", 1, 1).run(); };
  run("nvvm.memory.barrier");
  EXPECT_EQ(block.events, Strings({"acquire 0 elsewhere", "release 0 elsewhere"}));
  run("nvvm.fence.proxy");
  EXPECT_EQ(block.events.size(), 2u);
}
