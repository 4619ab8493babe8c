//===- AMDLanes.cpp - Exchange between the lanes of a wave ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// What a lane reads from one that takes no part is 0 where hardware says so (ds_swizzle,
// ds_bpermute), follows bound_ctrl (permlane), or is undefined (readlane).
//===----------------------------------------------------------------------===//

#include "AMDChips.h"
#include "AMDTables.h"
#include "Masks.h"
#include "Operands.h"

using namespace posenc::emulator;

static constexpr unsigned kHalf = 32, kRow = 16;

/// Result `element` of `lane` becomes that of another lane's operand.
static void take(Group &group, unsigned lane, unsigned element, unsigned from, unsigned operand,
                 unsigned operandElement) {
  group.set(lane, element, group.get<uint64_t>(from, operand, operandElement));
  if (group.isPoison(from, operand, operandElement))
    group.setPoison(lane, element);
}

/// As above for all scalars, or 0 if `from` takes no part.
static void takeOrZero(Group &group, unsigned lane, unsigned from, unsigned operand) {
  for (unsigned e = 0; e < group.elements(operand); ++e)
    if (from < group.size() && group.present(from))
      take(group, lane, e, from, operand, e);
    else
      group.set<uint64_t>(lane, e, 0);
}

/// An operand that chooses lanes must be defined.
static bool checkSelector(Group &group, unsigned lane, unsigned operand) {
  if (!group.isPoison(lane, operand))
    return true;
  group.report(lane, "poison reaches an instruction");
  return false;
}

//===----------------------------------------------------------------------===//
// ds_swizzle
//===----------------------------------------------------------------------===//

static unsigned reverseFiveBits(unsigned value) {
  unsigned reversed = 0;
  for (unsigned bit = 0; bit < 5; ++bit)
    reversed |= (value >> bit & 1) << (4 - bit);
  return reversed;
}

static unsigned countBits(uint64_t value) {
  unsigned count = 0;
  for (; value; value &= value - 1)
    ++count;
  return count;
}

/// The lane that ds_swizzle with this offset reads for `lane`; all patterns stay
/// within 32 lanes.
static unsigned swizzledLane(unsigned lane, unsigned offset) {
  unsigned half = lane & ~(kHalf - 1), place = lane % kHalf;
  if (offset >= 0xE000) { // FFT
    unsigned mask = offset & 31;
    return half | (reverseFiveBits(place) >> countBits(mask)) | (place & mask);
  }
  if (offset >= 0xC000) { // Rotation of those bits that the mask leaves.
    unsigned mask = offset & 31, by = offset >> 5 & 31;
    unsigned rotated = offset >> 10 & 1 ? place - by : place + by;
    return half | (place & mask) | (rotated & ~mask & 31);
  }
  if (offset & 0x8000) // Any of four lanes.
    return half | (place & ~3u) | (offset >> (2 * (place & 3)) & 3);
  return half | ((((place & (offset & 31)) | (offset >> 5 & 31)) ^ (offset >> 10 & 31)) & 31);
}

static Outcome dsSwizzle(Group &group) {
  if (!checkUniform(group, 1, 0, "the pattern"))
    return Outcome::Done;
  forEachLane(group, [&](unsigned lane) {
    unsigned offset = group.get<uint32_t>(lane, 1) & 0xFFFF;
    takeOrZero(group, lane, swizzledLane(lane, offset), 0);
  });
  return Outcome::Done;
}

//===----------------------------------------------------------------------===//
// ds_bpermute, ds_permute
//===----------------------------------------------------------------------===//

/// The lane that a byte address names. RDNA permutes within 32 lanes.
static unsigned addressedLane(const Group &group, unsigned lane, uint32_t address) {
  unsigned span = chipSet(group.chip()) & kRDNA ? kHalf : group.size();
  return lane / span * span + address / 4 % span;
}

static Outcome dsBpermute(Group &group) {
  forEachLane(group, [&](unsigned lane) {
    if (checkSelector(group, lane, 0))
      takeOrZero(group, lane, addressedLane(group, lane, group.get<uint32_t>(lane, 0)), 1);
  });
  return Outcome::Done;
}

static Outcome dsPermute(Group &group) {
  forEachLane(group, [&](unsigned lane) { group.set<uint64_t>(lane, 0, 0); });
  // Of several lanes that send to one the highest wins.
  forEachLane(group, [&](unsigned lane) {
    if (!checkSelector(group, lane, 0))
      return;
    unsigned to = addressedLane(group, lane, group.get<uint32_t>(lane, 0));
    if (group.present(to))
      take(group, to, 0, lane, 1, 0);
  });
  return Outcome::Done;
}

//===----------------------------------------------------------------------===//
// readlane, readfirstlane
//===----------------------------------------------------------------------===//

static void broadcast(Group &group, unsigned from) {
  forEachLane(group, [&](unsigned lane) {
    for (unsigned e = 0; e < group.elements(0); ++e) {
      if (group.present(from))
        take(group, lane, e, from, 0, e);
      else
        group.setPoison(lane, e);
    }
  });
}

static Outcome readFirstLane(Group &group) {
  broadcast(group, firstLane(group));
  return Outcome::Done;
}

static Outcome readLane(Group &group) {
  unsigned first = firstLane(group);
  if (!checkSelector(group, first, 1) || !checkUniform(group, 1, 0, "the lane to read"))
    return Outcome::Done;
  uint32_t from = group.get<uint32_t>(first, 1);
  if (from >= group.size()) {
    group.report(first, "expected a lane below " + std::to_string(group.size()) + " but got " +
                            std::to_string(from));
    return Outcome::Done;
  }
  broadcast(group, from);
  return Outcome::Done;
}

//===----------------------------------------------------------------------===//
// permlane
//===----------------------------------------------------------------------===//

/// `lane` takes operand `operand` of `from`, or what fi and bound_ctrl say.
static void takePermuted(Group &group, unsigned lane, unsigned element, unsigned from,
                         unsigned operand, unsigned oldOperand, bool fetches, bool bound) {
  if (group.present(from))
    return take(group, lane, element, from, operand, 0);
  if (fetches) // A register of a lane that takes no part.
    return group.setPoison(lane, element);
  if (bound)
    return group.set<uint64_t>(lane, element, 0);
  take(group, lane, element, lane, oldOperand, 0);
}

/// permlane16 reads its own row, permlanex16 the other row of the pair.
template <unsigned otherRow> static Outcome permlane16(Group &group) {
  unsigned first = firstLane(group);
  if (!checkSelector(group, first, 2) || !checkSelector(group, first, 3) ||
      !checkUniform(group, 2, 0, "the selectors") ||
      !checkUniform(group, 3, 0, "the selectors"))
    return Outcome::Done;
  uint64_t selectors = group.get<uint32_t>(first, 2) | uint64_t(group.get<uint32_t>(first, 3))
                                                           << 32;
  bool fetches = immediate(group, "fi", 4), bound = immediate(group, "boundControl", 5);
  forEachLane(group, [&](unsigned lane) {
    unsigned row = (lane & ~(kRow - 1)) ^ otherRow;
    unsigned from = row | unsigned(selectors >> (4 * (lane % kRow)) & 15);
    takePermuted(group, lane, 0, from, 1, 0, fetches, bound);
  });
  return Outcome::Done;
}

/// Swaps the odd runs of `width` lanes of the first operand with the even runs of the
/// second.
template <unsigned width> static Outcome permlaneSwap(Group &group) {
  bool fetches = immediate(group, "fi", 2), bound = immediate(group, "boundControl", 3);
  forEachLane(group, [&](unsigned lane) {
    bool odd = lane / width & 1;
    unsigned other = lane ^ width;
    if (odd) {
      takePermuted(group, lane, 0, other, 1, 0, fetches, bound);
      take(group, lane, 1, lane, 1, 0);
    } else {
      take(group, lane, 0, lane, 0, 0);
      takePermuted(group, lane, 1, other, 0, 1, fetches, bound);
    }
  });
  return Outcome::Done;
}

static Outcome permlane64(Group &group) {
  forEachLane(group, [&](unsigned lane) {
    unsigned from = group.size() == 64 ? lane ^ kHalf : lane;
    for (unsigned e = 0; e < group.elements(0); ++e) {
      if (group.present(from))
        take(group, lane, e, from, 0, e);
      else
        group.setPoison(lane, e);
    }
  });
  return Outcome::Done;
}

//===----------------------------------------------------------------------===//
// Votes and lane numbers
//===----------------------------------------------------------------------===//

static const char *refuseBallot(const posenc_emu_site &site) {
  std::string_view type = resultType(site, 0);
  return type == "i32" || type == "i64" ? nullptr : "expected a result of i32 or i64";
}

static Outcome ballot(Group &group) {
  uint64_t votes = 0;
  forEachLane(group, [&](unsigned lane) {
    votes |= uint64_t(group.get<uint8_t>(lane, 0) & 1) << lane;
  });
  if (group.size() > 32 && resultType(group.site(), 0) == "i32") {
    group.report(firstLane(group), "expected a result of i64 for a wave of 64 but got i32");
    return Outcome::Done;
  }
  forEachLane(group, [&](unsigned lane) { group.set(lane, 0, votes); });
  return Outcome::Done;
}

/// Adds how many of the mask's bits stand for lanes below this one; the mask is that of
/// lanes from `base` on.
template <unsigned base> static Outcome countBelow(Group &group) {
  unsigned lane = group.laneId(0);
  unsigned below = lane <= base ? 0 : lane - base < 32 ? lane - base : 32;
  uint32_t mask = group.get<uint32_t>(0, 0);
  uint32_t low = uint32_t((uint64_t(1) << below) - 1);
  group.set<uint32_t>(0, 0, group.get<uint32_t>(0, 1) + countBits(mask & low));
  return Outcome::Done;
}

static const Instruction instructions[] = {
    {"rocdl.ds_swizzle", Scope::Warp, dsSwizzle, -1, true},
    {"rocdl.ds_bpermute", Scope::Warp, dsBpermute, -1, true},
    {"rocdl.ds_permute", Scope::Warp, dsPermute, -1, true},
    {"rocdl.readlane", Scope::Warp, readLane, -1, true},
    {"rocdl.readfirstlane", Scope::Warp, readFirstLane, -1, true},
    {"rocdl.permlane16", Scope::Warp, permlane16<0>, -1, true, nullptr, notOn<kRDNA>},
    {"rocdl.permlanex16", Scope::Warp, permlane16<kRow>, -1, true, nullptr, notOn<kRDNA>},
    {"rocdl.permlane16.swap", Scope::Warp, permlaneSwap<16>, -1, true, nullptr, notOn<kGfx950>},
    {"rocdl.permlane32.swap", Scope::Warp, permlaneSwap<32>, -1, true, nullptr, notOn<kGfx950>},
    {"rocdl.permlane64", Scope::Warp, permlane64, -1, true, nullptr, notOn<kGfx11 | kGfx12>},
    {"rocdl.ballot", Scope::Warp, ballot, -1, false, refuseBallot},
    {"rocdl.mbcnt.lo", Scope::Thread, countBelow<0>},
    {"rocdl.mbcnt.hi", Scope::Thread, countBelow<32>},
};

Table posenc::emulator::amdLaneInstructions() {
  return {instructions, sizeof(instructions) / sizeof(instructions[0])};
}
