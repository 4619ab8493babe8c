//===- NVIDIAWarpTest.cpp - Exchange between the lanes of a warp ----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeGroup.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace posenc::emulator;

namespace {
FakeBlock block;

FakeGroup shuffle(const char *kind, uint32_t offset, uint32_t maskAndClamp,
                  uint32_t members = 0xFFFFFFFF) {
  FakeGroup group(block, "nvvm.shfl.sync", std::string("kind=#nvvm<shfl_kind ") + kind + ">",
                  "i32,i32,i32,i32>i32,i1", 32, members);
  group.putAll<uint32_t>(0, members);
  for (uint32_t lane = 0; lane < 32; ++lane)
    group.put(lane, 1, 100 + lane);
  group.putAll(2, offset);
  group.putAll(3, maskAndClamp);
  return group;
}

/// CUDA's __shfl_*_sync(value, by, width), in the words of its manual: a lane that
/// would leave its group of `width` keeps its own value.
unsigned cudaSource(const std::string &kind, unsigned lane, unsigned by, unsigned width) {
  unsigned first = lane / width * width, last = first + width - 1;
  if (kind == "idx")
    return first + by % width;
  if (kind == "up")
    return lane >= first + by ? lane - by : lane;
  if (kind == "down")
    return lane + by <= last ? lane + by : lane;
  // A butterfly may read groups before its own, not after.
  return (lane ^ by) <= last ? lane ^ by : lane;
}
} // namespace

TEST(NVIDIAWarp, Shuffle) {
  for (const char *kind : {"idx", "up", "down", "bfly"})
    for (unsigned width : {1, 2, 8, 16, 32})
      for (unsigned by = 0; by < width; ++by) {
        bool up = kind == std::string("up");
        uint32_t maskAndClamp = (32 - width) << 8 | (up ? 0 : 31);
        FakeGroup group = shuffle(kind, by, maskAndClamp);
        group.run();
        EXPECT_TRUE(group.reports.empty());
        for (unsigned lane = 0; lane < 32; ++lane) {
          unsigned source = cudaSource(kind, lane, by, width);
          EXPECT_EQ(group.result<uint32_t>(lane), 100 + source) << kind << width << by << lane;
          bool moved = kind == std::string("idx") || by == 0 || source != lane;
          EXPECT_EQ(group.result<uint8_t>(lane, 1), moved) << kind << width << by << lane;
        }
      }
}

TEST(NVIDIAWarp, ShuffleFloat) {
  FakeGroup group(block, "nvvm.shfl.sync", "kind=#nvvm<shfl_kind bfly>", "i32,f32,i32,i32>f32");
  group.putAll(0, 0xFFFFFFFFu);
  for (unsigned lane = 0; lane < 32; ++lane)
    group.put(lane, 1, 0.5f * float(lane));
  group.putAll(2, 16u);
  group.putAll(3, 31u);
  group.run();
  for (unsigned lane = 0; lane < 32; ++lane)
    EXPECT_EQ(group.result<float>(lane), 0.5f * float(lane ^ 16));
}

TEST(NVIDIAWarp, ShuffleFromLaneThatIsNotThere) {
  FakeGroup group = shuffle("bfly", 1, 31, 0x00FF00FE);
  group.run();
  EXPECT_TRUE(group.reports.empty());
  EXPECT_TRUE(group.resultIsPoison(1)) << "lane 0 takes no part";
  EXPECT_FALSE(group.resultIsPoison(1, 1)) << "its number is in bounds nevertheless";
  EXPECT_FALSE(group.resultIsPoison(2));
}

TEST(NVIDIAWarp, ShufflePassesPoisonOn) {
  FakeGroup group = shuffle("down", 1, 31);
  group.poison(7, 1);
  group.run();
  EXPECT_TRUE(group.reports.empty());
  for (unsigned lane = 0; lane < 32; ++lane)
    EXPECT_EQ(group.resultIsPoison(lane), lane == 6);

  FakeGroup offset = shuffle("down", 1, 31);
  offset.poison(9, 2);
  offset.run();
  ASSERT_EQ(offset.reports.size(), 1u);
  EXPECT_EQ(offset.reports[0], "9: poison reaches an instruction");
}

TEST(NVIDIAWarp, BadMemberMask) {
  FakeGroup group = shuffle("idx", 0, 31);
  group.put(4, 0, 0xFFFFFFEFu);
  group.run();
  ASSERT_EQ(group.reports.size(), 1u);
  EXPECT_EQ(group.reports[0], "4: expected the member mask to name lane 4 but got 0xffffffef");

  FakeGroup different = shuffle("idx", 0, 31);
  different.put(4, 0, 0x1Fu);
  different.run();
  ASSERT_EQ(different.reports.size(), 1u);
  EXPECT_EQ(different.reports[0], "4: expected the same member mask in all lanes, 0xffffffff, "
                                  "but got 0x1f");
}

static FakeGroup vote(const char *kind, uint32_t members, uint32_t yes) {
  FakeGroup group(block, "nvvm.vote.sync",
                  std::string("kind=#nvvm<vote_sync_kind ") + kind + ">",
                  kind == std::string("ballot") ? "i32,i1>i32" : "i32,i1>i1", 32, members);
  group.putAll(0, members);
  for (unsigned lane = 0; lane < 32; ++lane)
    group.put(lane, 1, uint8_t(yes >> lane & 1));
  group.run();
  EXPECT_TRUE(group.reports.empty());
  return group;
}

TEST(NVIDIAWarp, Vote) {
  for (uint32_t members : {0xFFFFFFFFu, 0x0000FFFFu, 0x80000000u})
    for (uint32_t yes : {0u, 0xFFFFFFFFu, 0x0000F00Fu, 0x80000000u, 0x0000FFFFu}) {
      unsigned first = members == 0x80000000u ? 31 : 0;
      uint32_t among = yes & members;
      EXPECT_EQ(vote("ballot", members, yes).result<uint32_t>(first), among);
      EXPECT_EQ(vote("any", members, yes).result<uint8_t>(first), among != 0);
      EXPECT_EQ(vote("all", members, yes).result<uint8_t>(first), among == members);
      EXPECT_EQ(vote("uni", members, yes).result<uint8_t>(first),
                among == members || among == 0);
    }
}

TEST(NVIDIAWarp, MatchAny) {
  FakeGroup group(block, "nvvm.match.sync", "kind=#nvvm<match_sync_kind any>", "i32,i32>i32",
                  32, 0xFFFFFF0F);
  group.putAll(0, 0xFFFFFF0Fu);
  for (unsigned lane = 0; lane < 32; ++lane)
    group.put(lane, 1, lane % 3);
  group.run();
  for (unsigned lane : {0, 1, 2, 3, 8, 31}) {
    uint32_t same = 0;
    for (unsigned other = 0; other < 32; ++other)
      if ((other < 4 || other > 7) && other % 3 == lane % 3)
        same |= 1u << other;
    EXPECT_EQ(group.result<uint32_t>(lane), same);
  }
}

TEST(NVIDIAWarp, MatchAll) {
  for (bool equal : {true, false}) {
    FakeGroup group(block, "nvvm.match.sync", "kind=#nvvm<match_sync_kind all>",
                    "i32,i64>i32,i1");
    group.putAll(0, 0xFFFFFFFFu);
    group.putAll(1, uint64_t(1) << 40);
    if (!equal)
      group.put(31, 1, uint64_t(1) << 41);
    group.run();
    for (unsigned lane = 0; lane < 32; ++lane) {
      EXPECT_EQ(group.result<uint32_t>(lane), equal ? 0xFFFFFFFF : 0);
      EXPECT_EQ(group.result<uint8_t>(lane, 1), equal);
    }
  }
}

static uint32_t reduce(const char *kind, const std::vector<uint32_t> &values,
                       const char *type = "i32") {
  uint32_t members = values.size() == 32 ? 0xFFFFFFFF : (1u << values.size()) - 1;
  FakeGroup group(block, "nvvm.redux.sync",
                  std::string("abs=false;kind=#nvvm<redux_kind ") + kind + ">;nan=false",
                  std::string(type) + ",i32>" + type, 32, members);
  group.putAll(1, members);
  for (unsigned lane = 0; lane < values.size(); ++lane)
    group.put(lane, 0, values[lane]);
  group.run();
  EXPECT_TRUE(group.reports.empty());
  for (unsigned lane = 0; lane < values.size(); ++lane)
    EXPECT_EQ(group.result<uint32_t>(lane), group.result<uint32_t>(0));
  return group.result<uint32_t>(0);
}

TEST(NVIDIAWarp, ReduceIntegers) {
  std::vector<uint32_t> values;
  for (uint32_t i = 0; i < 32; ++i)
    values.push_back(i * 0x9E3779B9u);
  uint32_t add = 0, conjunction = ~0u, disjunction = 0, exclusive = 0;
  for (uint32_t value : values) {
    add += value;
    conjunction &= value;
    disjunction |= value;
    exclusive ^= value;
  }
  std::vector<int32_t> asSigned(values.begin(), values.end());
  EXPECT_EQ(reduce("add", values), add);
  EXPECT_EQ(reduce("and", values), conjunction);
  EXPECT_EQ(reduce("or", values), disjunction);
  EXPECT_EQ(reduce("xor", values), exclusive);
  EXPECT_EQ(reduce("umin", values), *std::min_element(values.begin(), values.end()));
  EXPECT_EQ(reduce("umax", values), *std::max_element(values.begin(), values.end()));
  EXPECT_EQ(int32_t(reduce("min", values)),
            *std::min_element(asSigned.begin(), asSigned.end()));
  EXPECT_EQ(int32_t(reduce("max", values)),
            *std::max_element(asSigned.begin(), asSigned.end()));
  EXPECT_EQ(reduce("add", {5}), 5u);
}

TEST(NVIDIAWarp, ReduceFloats) {
  auto bits = [](float value) {
    uint32_t word;
    std::memcpy(&word, &value, 4);
    return word;
  };
  float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(reduce("fmin", {bits(2), bits(-3), bits(1)}, "f32"), bits(-3));
  EXPECT_EQ(reduce("fmax", {bits(2), bits(-3), bits(nan)}, "f32"), bits(2));
  EXPECT_EQ(reduce("fmin", {bits(0.0f), bits(-0.0f)}, "f32"), bits(-0.0f));
}

TEST(NVIDIAWarp, ReduceFloatsOfMagnitudesOrNaN) {
  FakeGroup group(block, "nvvm.redux.sync", "abs=true;kind=#nvvm<redux_kind fmax>;nan=true",
                  "f32,i32>f32", 32, 3);
  group.putAll(1, 3u);
  group.put(0, 0, 2.0f);
  group.put(1, 0, -3.0f);
  group.run();
  EXPECT_EQ(group.result<float>(0), 3.0f);
  group.put(1, 0, std::numeric_limits<float>::quiet_NaN());
  group.run();
  EXPECT_EQ(group.result<uint32_t>(0), 0x7FFFFFFFu);
}

TEST(NVIDIAWarp, Elect) {
  FakeGroup masked(block, "nvvm.elect.sync", "", "i32>i1", 32, 0xFF00);
  masked.putAll(0, 0xFF00u);
  masked.run();
  for (unsigned lane = 8; lane < 16; ++lane)
    EXPECT_EQ(masked.result<uint8_t>(lane), lane == 8);
  FakeGroup all(block, "nvvm.elect.sync", "", ">i1");
  all.run();
  for (unsigned lane = 0; lane < 32; ++lane)
    EXPECT_EQ(all.result<uint8_t>(lane), lane == 0);
}
