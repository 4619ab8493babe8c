//===- NVIDIAWarp.cpp - Exchange between the lanes of a warp --------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// None of these orders memory between lanes; bar.warp.sync, which does, is with the
// barriers of blocks.
//===----------------------------------------------------------------------===//

#include "Chips.h"
#include "Floats.h"
#include "Masks.h"
#include "NVIDIATables.h"
#include "Operands.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace posenc::emulator;

namespace {
struct SourceLane {
  int lane;
  bool inBounds;
};
} // namespace

/// PTX ISA, shfl.sync. `maskAndClamp` has the clamp in bits 0 to 4, the mask that
/// splits the warp into segments in bits 8 to 12.
static SourceLane findSourceLane(std::string_view kind, int lane, uint32_t offset,
                                 uint32_t maskAndClamp) {
  int by = int(offset & 31), clamp = int(maskAndClamp & 31);
  int segments = int(maskAndClamp >> 8 & 31);
  int least = lane & segments, bound = least | (clamp & ~segments);
  if (kind == "up")
    return {lane - by, lane - by >= bound};
  if (kind == "down")
    return {lane + by, lane + by <= bound};
  int source = kind == "bfly" ? lane ^ by : least | (by & ~segments);
  return {source, source <= bound};
}

/// Operands: members, value, offset, mask and clamp. The value of a lane that does
/// not take part is undefined.
static Outcome shuffle(Group &group) {
  bool good = true;
  forEachLane(group, [&](unsigned lane) {
    for (unsigned operand : {0, 2, 3})
      good = checkDefined(group, lane, operand) && good;
  });
  if (!good || !checkMemberMask(group, 0))
    return Outcome::Done;
  std::string_view kind = keyword(group.attribute("kind"));
  bool withPredicate = resultCount(group.site()) == 2;
  forEachLane(group, [&](unsigned lane) {
    SourceLane source = findSourceLane(kind, int(lane), group.get<uint32_t>(lane, 2),
                                       group.get<uint32_t>(lane, 3));
    unsigned from = source.inBounds ? unsigned(source.lane) : lane;
    bool defined = from < group.size() && group.present(from) && !group.isPoison(from, 1);
    if (withPredicate)
      group.set<uint8_t>(lane, 1, source.inBounds);
    group.set<uint32_t>(lane, 0, defined ? group.get<uint32_t>(from, 1) : 0);
    if (!defined)
      group.setPoison(lane, 0);
  });
  return Outcome::Done;
}

static Outcome vote(Group &group) {
  if (!checkMemberMask(group, 0))
    return Outcome::Done;
  uint32_t there = 0, yes = 0;
  forEachLane(group, [&](unsigned lane) {
    there |= 1u << lane;
    yes |= uint32_t(group.get<uint8_t>(lane, 1) & 1) << lane;
  });
  std::string_view kind = keyword(group.attribute("kind"));
  uint32_t result = kind == "ballot" ? yes
                    : kind == "any"  ? yes != 0
                    : kind == "all"  ? yes == there
                                     : yes == 0 || yes == there;
  forEachLane(group, [&](unsigned lane) { group.set(lane, 0, result); });
  return Outcome::Done;
}

static Outcome match(Group &group) {
  if (!checkMemberMask(group, 0))
    return Outcome::Done;
  auto value = [&](unsigned lane) {
    return group.type(1) == "i64" ? group.get<uint64_t>(lane, 1)
                                  : uint64_t(group.get<uint32_t>(lane, 1));
  };
  uint32_t there = 0;
  forEachLane(group, [&](unsigned lane) { there |= 1u << lane; });
  bool all = keyword(group.attribute("kind")) == "all";
  forEachLane(group, [&](unsigned lane) {
    uint32_t same = 0;
    forEachLane(
        group, [&](unsigned other) { same |= uint32_t(value(other) == value(lane)) << other; });
    group.set<uint32_t>(lane, 0, all && same != there ? 0 : same);
    if (all)
      group.set<uint8_t>(lane, 1, same == there);
  });
  return Outcome::Done;
}

static uint32_t reduceIntegers(std::string_view kind, uint32_t a, uint32_t b) {
  if (kind == "add")
    return a + b;
  if (kind == "and")
    return a & b;
  if (kind == "or")
    return a | b;
  if (kind == "xor")
    return a ^ b;
  if (kind == "umin")
    return std::min(a, b);
  if (kind == "umax")
    return std::max(a, b);
  return uint32_t(kind == "min" ? std::min(int32_t(a), int32_t(b))
                                : std::max(int32_t(a), int32_t(b)));
}

/// Minimum or maximum; NaN only if both are, or with `nan` if either is.
static uint32_t reduceFloats(std::string_view kind, bool nan, uint32_t a, uint32_t b) {
  float x = bitsToFloat(a), y = bitsToFloat(b);
  if (std::isnan(x) || std::isnan(y))
    return nan || (std::isnan(x) && std::isnan(y)) ? 0x7FFFFFFF : std::isnan(x) ? b : a;
  // −0 counts as less than +0.
  bool less = x < y || (x == y && std::signbit(x) > std::signbit(y));
  return less == (kind == "fmin") ? a : b;
}

static Outcome reduce(Group &group) {
  if (!checkMemberMask(group, 1))
    return Outcome::Done;
  std::string_view kind = keyword(group.attribute("kind"));
  bool floats = group.type(0) == "f32", nan = isSet(group.attribute("nan"));
  uint32_t keep = isSet(group.attribute("abs")) ? 0x7FFFFFFF : 0xFFFFFFFF, result = 0;
  bool first = true;
  forEachLane(group, [&](unsigned lane) {
    uint32_t value = group.get<uint32_t>(lane, 0) & keep;
    result = first    ? value
             : floats ? reduceFloats(kind, nan, result, value)
                      : reduceIntegers(kind, result, value);
    first = false;
  });
  forEachLane(group, [&](unsigned lane) { group.set(lane, 0, result); });
  return Outcome::Done;
}

/// The leader is any lane; this one takes the lowest. Without an operand all lanes
/// that have not ended are members.
static Outcome elect(Group &group) {
  if (operandCount(group.site()) && !checkMemberMask(group, 0))
    return Outcome::Done;
  bool elected = false;
  forEachLane(group, [&](unsigned lane) {
    group.set<uint8_t>(lane, 0, !elected);
    elected = true;
  });
  return Outcome::Done;
}

/// The minimum and maximum of floats came later.
static const char *lacksReduction(const posenc_emu_site &site, std::string_view chip) {
  if (resultType(site, 0) == "f32")
    return smVersion(chip) >= 100 ? nullptr : "sm_100a and later";
  return sinceSM80(site, chip);
}

static constexpr Instruction
collective(const char *op, Outcome (*run)(Group &), int maskOperand,
           const char *(*lacks)(const posenc_emu_site &, std::string_view) = nullptr) {
  return {op, Scope::Warp, run, maskOperand, false, nullptr, lacks};
}

static const Instruction instructions[] = {
    {"nvvm.shfl.sync", Scope::Warp, shuffle, /*maskOperand=*/0, /*tracksPoison=*/true},
    collective("nvvm.vote.sync", vote, /*maskOperand=*/0),
    collective("nvvm.match.sync", match, /*maskOperand=*/0),
    collective("nvvm.redux.sync", reduce, /*maskOperand=*/1, lacksReduction),
    collective("nvvm.elect.sync", elect, /*maskOperand=*/0, sinceSM90),
};

Table posenc::emulator::nvidiaWarpInstructions() {
  return {instructions, sizeof(instructions) / sizeof(instructions[0])};
}
