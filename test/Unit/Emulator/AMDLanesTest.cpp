//===- AMDLanesTest.cpp - Exchange between the lanes of a wave ------------===//
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

static constexpr uint64_t kAll = ~uint64_t(0);
static const std::vector<std::string> kNothing;

/// What lane `lane` holds.
static uint32_t valueOf(unsigned lane) { return 1000 + 7 * lane; }

//===----------------------------------------------------------------------===//
// update.dpp
//===----------------------------------------------------------------------===//

static constexpr int kNone = -1;

/// Runs a wave that reads `valueOf` its lanes, with `old` 5 everywhere.
static FakeGroup runDpp(FakeBlock &block, unsigned control, const std::string &rest,
                        const std::string &chip, unsigned lanes = 64, uint64_t mask = kAll) {
  FakeGroup group(block, "rocdl.update.dpp",
                  "dppCtrl=" + std::to_string(control) + " : i32;" + rest, "i32,i32>i32", lanes,
                  mask);
  group.setChip(chip);
  for (unsigned lane = 0; lane < lanes; ++lane) {
    group.put<uint32_t>(lane, 0, 5);
    group.put(lane, 1, valueOf(lane));
  }
  EXPECT_EQ(group.refusal(), nullptr);
  EXPECT_EQ(group.lacking(chip), nullptr);
  group.run();
  EXPECT_EQ(group.reports, kNothing);
  return group;
}

static const char *const kEverywhere = "rowMask=15 : i32;bankMask=15 : i32;boundCtrl=";

static void expectSources(unsigned control, const std::string &chip, unsigned lanes,
                          const std::function<int(int)> &source) {
  for (bool bound : {false, true}) {
    FakeBlock block;
    FakeGroup group =
        runDpp(block, control, kEverywhere + std::string(bound ? "true" : "false"), chip, lanes,
               lanes == 64 ? kAll : 0xFFFFFFFF);
    for (unsigned lane = 0; lane < lanes; ++lane) {
      int from = source(int(lane));
      uint32_t expected = from != kNone ? valueOf(unsigned(from)) : bound ? 0 : 5;
      ASSERT_EQ(group.result<uint32_t>(lane), expected)
          << "control " << control << " lane " << lane;
    }
  }
}

TEST(AMDDpp, QuadPerm) {
  // [3, 1, 0, 2]
  expectSources(3 | 1 << 2 | 0 << 4 | 2 << 6, "gfx942", 64, [](int lane) {
    const int order[] = {3, 1, 0, 2};
    return lane / 4 * 4 + order[lane % 4];
  });
}

TEST(AMDDpp, RowShifts) {
  for (int by : {1, 4, 15}) {
    expectSources(unsigned(0x100 + by), "gfx942", 64,
                  [&](int lane) { return lane % 16 + by < 16 ? lane + by : kNone; });
    expectSources(unsigned(0x110 + by), "gfx1100", 32,
                  [&](int lane) { return lane % 16 >= by ? lane - by : kNone; });
    expectSources(unsigned(0x120 + by), "gfx90a", 64,
                  [&](int lane) { return lane % 16 >= by ? lane - by : lane - by + 16; });
  }
}

TEST(AMDDpp, WaveShifts) {
  expectSources(0x130, "gfx90a", 64, [](int lane) { return lane == 63 ? kNone : lane + 1; });
  expectSources(0x134, "gfx90a", 64, [](int lane) { return lane == 63 ? 0 : lane + 1; });
  expectSources(0x138, "gfx90a", 64, [](int lane) { return lane == 0 ? kNone : lane - 1; });
  expectSources(0x13C, "gfx90a", 64, [](int lane) { return lane == 0 ? 63 : lane - 1; });
}

TEST(AMDDpp, MirrorsAndBroadcasts) {
  expectSources(0x140, "gfx942", 64, [](int lane) { return lane / 16 * 16 + 15 - lane % 16; });
  expectSources(0x141, "gfx942", 64, [](int lane) { return lane / 8 * 8 + 7 - lane % 8; });
  expectSources(0x142, "gfx942", 64,
                [](int lane) { return lane < 16 ? kNone : lane / 16 * 16 - 1; });
  expectSources(0x143, "gfx942", 64, [](int lane) { return lane < 32 ? kNone : 31; });
  expectSources(0x15A, "gfx1100", 32, [](int lane) { return lane / 16 * 16 + 10; });
  expectSources(0x165, "gfx1201", 32, [](int lane) { return lane ^ 5; });
}

TEST(AMDDpp, Masks) {
  FakeBlock block;
  FakeGroup group =
      runDpp(block, 0x140, "rowMask=10 : i32;bankMask=6 : i32;boundCtrl=true", "gfx942");
  for (unsigned lane = 0; lane < 64; ++lane) {
    bool enabled = (lane / 16) % 2 == 1 && (lane / 4 % 4 == 1 || lane / 4 % 4 == 2);
    uint32_t expected = enabled ? valueOf(lane / 16 * 16 + 15 - lane % 16) : 5;
    EXPECT_EQ(group.result<uint32_t>(lane), expected) << lane;
  }
}

TEST(AMDDpp, LanesThatTakeNoPart) {
  FakeBlock block;
  FakeGroup keeps = runDpp(block, 0x101, std::string(kEverywhere) + "false", "gfx942", 64, 0xF);
  EXPECT_EQ(keeps.result<uint32_t>(2), valueOf(3));
  EXPECT_EQ(keeps.result<uint32_t>(3), 5u);
  FakeGroup zero = runDpp(block, 0x101, std::string(kEverywhere) + "true", "gfx942", 64, 0xF);
  EXPECT_EQ(zero.result<uint32_t>(3), 0u);
}

TEST(AMDDpp, PoisonFollowsTheValue) {
  FakeBlock block;
  FakeGroup group(block, "rocdl.update.dpp",
                  "dppCtrl=273 : i32;" + std::string(kEverywhere) + "false",
                  "f16x2,f16x2>f16x2", 64, kAll);
  group.setChip("gfx942");
  for (unsigned lane = 0; lane < 64; ++lane)
    group.poison(lane, 0, 1);
  group.poison(4, 1, 0);
  group.run();
  EXPECT_EQ(group.reports, kNothing);
  EXPECT_TRUE(group.resultIsPoison(5, 0)); // row_shr:1
  EXPECT_FALSE(group.resultIsPoison(5, 1));
  EXPECT_FALSE(group.resultIsPoison(4, 0));
  EXPECT_TRUE(group.resultIsPoison(16, 1)); // Keeps `old`.
  EXPECT_FALSE(group.resultIsPoison(16, 0));
}

TEST(AMDDpp, Chips) {
  FakeBlock block;
  FakeGroup wave(block, "rocdl.update.dpp", "dppCtrl=312 : i32", "i32,i32>i32");
  EXPECT_STREQ(wave.lacking("gfx1100"), "gfx900, gfx908, gfx90a, gfx942 or gfx950");
  FakeGroup xmask(block, "rocdl.update.dpp", "dppCtrl=353 : i32", "i32,i32>i32");
  EXPECT_STREQ(xmask.lacking("gfx942"), "gfx10, gfx11 or gfx12");
  FakeGroup unknown(block, "rocdl.update.dpp", "dppCtrl=511 : i32", "i32,i32>i32");
  EXPECT_STREQ(unknown.refusal(), "unknown dpp control");
}

TEST(AMDDpp, AsIntrinsic) {
  FakeBlock block;
  FakeGroup group(block, "llvm.amdgcn.update.dpp.i32", "", "i32,i32,i32,i32,i32,i1>i32", 64,
                  kAll);
  group.setChip("gfx942");
  for (unsigned lane = 0; lane < 64; ++lane)
    group.put(lane, 1, valueOf(lane));
  group.putAll(2, 0x141);
  group.putAll(3, 15);
  group.putAll(4, 15);
  group.run();
  EXPECT_EQ(group.result<uint32_t>(8), valueOf(15));
  group.putAll(2, 0x1FF);
  group.run();
  EXPECT_EQ(group.reports, std::vector<std::string>{"0: unknown dpp control 0x1ff"});
}

//===----------------------------------------------------------------------===//
// ds_swizzle, ds_bpermute, ds_permute
//===----------------------------------------------------------------------===//

static void expectSwizzle(unsigned offset, const std::function<unsigned(unsigned)> &source) {
  FakeBlock block;
  FakeGroup group(block, "rocdl.ds_swizzle", "", "i32,i32>i32", 64, kAll);
  group.setChip("gfx942");
  group.putAll(1, offset);
  for (unsigned lane = 0; lane < 64; ++lane)
    group.put(lane, 0, valueOf(lane));
  group.run();
  EXPECT_EQ(group.reports, kNothing);
  for (unsigned lane = 0; lane < 64; ++lane)
    ASSERT_EQ(group.result<uint32_t>(lane), valueOf(lane / 32 * 32 + source(lane % 32)))
        << offset << " " << lane;
}

TEST(AMDSwizzle, Patterns) {
  expectSwizzle(0x8000 | 2 | 0 << 2 | 3 << 4 | 1 << 6, [](unsigned lane) {
    const unsigned order[] = {2, 0, 3, 1};
    return lane / 4 * 4 + order[lane % 4];
  });
  for (unsigned mask : {1u, 2u, 4u, 8u, 16u, 31u}) // An exchange with lane ^ mask.
    expectSwizzle(mask << 10 | 0x1F, [&](unsigned lane) { return lane ^ mask; });
  expectSwizzle(3 << 5 | 0x18, [](unsigned lane) { return lane / 8 * 8 + 3; });
  expectSwizzle(0xC000 | 5 << 5, [](unsigned lane) { return (lane + 5) % 32; });
  expectSwizzle(0xC000 | 1 << 10 | 5 << 5, [](unsigned lane) { return (lane + 27) % 32; });
  expectSwizzle(0xE000, [](unsigned lane) {
    return (lane & 1) << 4 | (lane & 2) << 2 | (lane & 4) | (lane & 8) >> 2 | (lane & 16) >> 4;
  });
  expectSwizzle(0xE01F, [](unsigned lane) { return lane; });
}

TEST(AMDSwizzle, LanesThatTakeNoPart) {
  FakeBlock block;
  FakeGroup group(block, "rocdl.ds_swizzle", "", "i32,i32>i32", 64, 1);
  group.putAll(1, 1 << 10 | 0x1F);
  group.run();
  EXPECT_EQ(group.result<uint32_t>(0), 0u);
}

TEST(AMDBpermute, AnyLane) {
  for (bool wide : {true, false}) {
    unsigned lanes = wide ? 64 : 32;
    FakeBlock block;
    FakeGroup group(block, "rocdl.ds_bpermute", "", "i32,i32>i32", lanes, kAll >> (64 - lanes));
    group.setChip(wide ? "gfx90a" : "gfx1100");
    for (unsigned lane = 0; lane < lanes; ++lane) {
      group.put(lane, 0, 4 * ((lane * 5 + 3) % lanes) + 256 * lane + lane % 4);
      group.put(lane, 1, valueOf(lane));
    }
    group.poison(8, 1);
    group.run();
    EXPECT_EQ(group.reports, kNothing);
    for (unsigned lane = 0; lane < lanes; ++lane) {
      unsigned from = (lane * 5 + 3) % lanes;
      EXPECT_EQ(group.result<uint32_t>(lane), valueOf(from));
      EXPECT_EQ(group.resultIsPoison(lane), from == 8);
    }
  }
}

TEST(AMDBpermute, WideWaveOfRDNA) {
  FakeBlock block;
  FakeGroup group(block, "rocdl.ds_bpermute", "", "i32,i32>i32", 64, kAll);
  group.setChip("gfx1100");
  for (unsigned lane = 0; lane < 64; ++lane) {
    group.put(lane, 0, 4 * (63 - lane));
    group.put(lane, 1, valueOf(lane));
  }
  group.run();
  EXPECT_EQ(group.result<uint32_t>(0), valueOf(31)); // Not 63.
  EXPECT_EQ(group.result<uint32_t>(40), valueOf(32 + 23));
}

TEST(AMDBpermute, UndefinedLane) {
  FakeBlock block;
  FakeGroup group(block, "rocdl.ds_bpermute", "", "i32,i32>i32", 64, kAll);
  group.setChip("gfx942");
  group.poison(9, 0);
  group.run();
  EXPECT_EQ(group.reports, std::vector<std::string>{"9: poison reaches an instruction"});
}

TEST(AMDPermute, HighestLaneWins) {
  FakeBlock block;
  FakeGroup group(block, "llvm.amdgcn.ds.permute", "", "i32,i32>i32", 64, kAll);
  group.setChip("gfx942");
  for (unsigned lane = 0; lane < 64; ++lane) {
    group.put(lane, 0, 4 * (lane / 2));
    group.put(lane, 1, valueOf(lane));
  }
  group.run();
  for (unsigned lane = 0; lane < 64; ++lane)
    EXPECT_EQ(group.result<uint32_t>(lane), lane < 32 ? valueOf(2 * lane + 1) : 0);
}

//===----------------------------------------------------------------------===//
// readlane, permlane, ballot, mbcnt
//===----------------------------------------------------------------------===//

TEST(AMDReadlane, Lanes) {
  FakeBlock block;
  FakeGroup group(block, "rocdl.readlane", "", "f32,i32>f32", 64, kAll - 16);
  for (unsigned lane = 0; lane < 64; ++lane)
    group.put(lane, 0, float(lane));
  group.putAll(1, 37);
  group.run();
  EXPECT_EQ(group.reports, kNothing);
  EXPECT_EQ(group.result<float>(3), 37.0f);
  group.putAll(1, 4);
  group.run();
  EXPECT_TRUE(group.resultIsPoison(3));
  group.putAll(1, 64);
  group.run();
  EXPECT_EQ(group.reports.back(), "0: expected a lane below 64 but got 64");
  group.put(5, 1, 3);
  group.run();
  EXPECT_EQ(group.reports.back(),
            "5: expected the lane to read to be the same in all lanes, 0x40, but got 0x3");
}

TEST(AMDReadlane, First) {
  FakeBlock block;
  FakeGroup group(block, "rocdl.readfirstlane", "", "i64>i64", 64, kAll << 3);
  for (unsigned lane = 0; lane < 64; ++lane)
    group.put<uint64_t>(lane, 0, uint64_t(valueOf(lane)) << 20);
  group.run();
  EXPECT_EQ(group.result<uint64_t>(60), uint64_t(valueOf(3)) << 20);
}

TEST(AMDPermlane, Selectors) {
  for (bool other : {false, true}) {
    FakeBlock block;
    FakeGroup group(block, other ? "rocdl.permlanex16" : "llvm.amdgcn.permlane16.i32",
                    "fi=false;boundControl=true", "i32,i32,i32,i32,i1,i1>i32", 32);
    group.setChip("gfx1100");
    group.putAll(2, 0x76543210u);
    group.putAll(3, 0x01234567u);
    for (unsigned lane = 0; lane < 32; ++lane)
      group.put(lane, 1, valueOf(lane));
    group.run();
    EXPECT_EQ(group.reports, kNothing);
    for (unsigned lane = 0; lane < 32; ++lane) {
      unsigned place = lane % 16 < 8 ? lane % 16 : 15 - lane % 16;
      unsigned row = other ? 16 - lane / 16 * 16 : lane / 16 * 16;
      EXPECT_EQ(group.result<uint32_t>(lane), valueOf(row + place));
    }
    EXPECT_STREQ(group.lacking("gfx942"), "gfx10, gfx11 or gfx12");
  }
}

TEST(AMDPermlane, LanesThatTakeNoPart) {
  for (const char *bits : {"00", "01", "10"}) {
    FakeBlock block;
    FakeGroup group(block, "rocdl.permlanex16",
                    std::string("fi=") + (bits[0] == '1' ? "true" : "false") +
                        ";boundControl=" + (bits[1] == '1' ? "true" : "false"),
                    "i32,i32,i32,i32>i32", 32, 0xFFFF);
    group.putAll(0, 5);
    group.run();
    EXPECT_EQ(group.resultIsPoison(2), bits[0] == '1');
    if (bits[0] == '0') {
      EXPECT_EQ(group.result<uint32_t>(2), bits[1] == '1' ? 0u : 5u);
    }
  }
}

TEST(AMDPermlane, Swaps) {
  for (unsigned width : {16u, 32u}) {
    FakeBlock block;
    FakeGroup group(block, "rocdl.permlane" + std::to_string(width) + ".swap",
                    "fi=false;boundControl=false", "i32,i32>i32,i32", 64, kAll);
    for (unsigned lane = 0; lane < 64; ++lane) {
      group.put(lane, 0, valueOf(lane));
      group.put(lane, 1, valueOf(lane + 100));
    }
    group.run();
    EXPECT_EQ(group.reports, kNothing);
    for (unsigned lane = 0; lane < 64; ++lane) {
      bool odd = lane / width % 2 == 1;
      EXPECT_EQ(group.result<uint32_t>(lane, 0), valueOf(odd ? lane - width + 100 : lane));
      EXPECT_EQ(group.result<uint32_t>(lane, 1), valueOf(odd ? lane + 100 : lane + width));
    }
    EXPECT_STREQ(group.lacking("gfx942"), "gfx950");
  }
}

TEST(AMDPermlane, Halves) {
  FakeBlock block;
  FakeGroup group(block, "llvm.amdgcn.permlane64.i32", "", "i32>i32", 64, kAll);
  for (unsigned lane = 0; lane < 64; ++lane)
    group.put(lane, 0, valueOf(lane));
  group.run();
  EXPECT_EQ(group.result<uint32_t>(5), valueOf(37));
  EXPECT_EQ(group.result<uint32_t>(60), valueOf(28));
}

TEST(AMDBallot, Votes) {
  FakeBlock block;
  FakeGroup group(block, "rocdl.ballot", "", "i1>i64", 64, kAll - 8);
  uint64_t expected = 0;
  for (unsigned lane = 0; lane < 64; ++lane) {
    group.put<uint8_t>(lane, 0, lane % 3 == 0);
    if (lane % 3 == 0 && lane != 3)
      expected |= uint64_t(1) << lane;
  }
  group.run();
  EXPECT_EQ(group.result<uint64_t>(7), expected);
  FakeGroup narrow(block, "rocdl.ballot", "", "i1>i32", 64, kAll);
  narrow.run();
  EXPECT_EQ(narrow.reports, std::vector<std::string>{
                                "0: expected a result of i64 for a wave of 64 but got i32"});
  FakeGroup tiny(block, "rocdl.ballot", "", "i1>i16", 64, kAll);
  EXPECT_STREQ(tiny.refusal(), "expected a result of i32 or i64");
}

TEST(AMDMbcnt, CountsBelow) {
  for (unsigned lane : {0u, 1u, 31u, 32u, 33u, 63u}) {
    FakeBlock block;
    FakeGroup low(block, "rocdl.mbcnt.lo", "", "i32,i32>i32", 1, 1);
    low.setFirstLane(lane);
    low.put(0, 0, ~0u);
    low.put(0, 1, 100);
    low.run();
    EXPECT_EQ(low.result<uint32_t>(0), 100 + (lane < 32 ? lane : 32));
    FakeGroup high(block, "rocdl.mbcnt.hi", "", "i32,i32>i32", 1, 1);
    high.setFirstLane(lane);
    high.put(0, 0, 0x55555555);
    high.run();
    EXPECT_EQ(high.result<uint32_t>(0), lane <= 32 ? 0 : (lane - 31) / 2);
  }
}
