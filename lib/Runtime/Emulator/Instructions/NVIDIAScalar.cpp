//===- NVIDIAScalar.cpp - Integers, clocks and hints ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Chips.h"
#include "NVIDIATables.h"
#include "Operands.h"

#include <algorithm>
#include <atomic>

using namespace posenc::emulator;

/// What changes no result: register budgets, sleeping, prefetches, profiling, and the
/// order of grids, which run one after another here.
static Outcome nothing(Group &) { return Outcome::Done; }

static int32_t extend(uint32_t value, unsigned bits, bool isSigned) {
  uint32_t high = value << (32 - bits);
  return isSigned ? int32_t(high) >> (32 - bits) : int32_t(high >> (32 - bits));
}

static bool isSigned(const Group &group, std::string_view name) {
  return keyword(group.attribute(name)) == "signed";
}

static Outcome finishDot(Group &group, uint32_t sum) {
  group.set(0, 0, sum);
  for (unsigned operand = 0; operand < 3; ++operand)
    for (unsigned i = 0; i < group.elements(operand); ++i)
      if (group.isPoison(0, operand, i))
        group.setPoison(0, 0);
  return Outcome::Done;
}

/// dp4a; the sum wraps.
static Outcome dotOfBytes(Group &group) {
  bool signedA = isSigned(group, "a_type"), signedB = isSigned(group, "b_type");
  uint32_t sum = group.get<uint32_t>(0, 2);
  for (unsigned i = 0; i < 4; ++i)
    sum += uint32_t(extend(group.get<uint8_t>(0, 0, i), 8, signedA)) *
           uint32_t(extend(group.get<uint8_t>(0, 1, i), 8, signedB));
  return finishDot(group, sum);
}

/// dp2a: two of four bytes of b.
static Outcome dotOfWords(Group &group) {
  bool signedA = isSigned(group, "a_type"), signedB = isSigned(group, "b_type");
  unsigned first = isSet(group.attribute("b_hi")) ? 2 : 0;
  uint32_t sum = group.get<uint32_t>(0, 2);
  for (unsigned i = 0; i < 2; ++i)
    sum += uint32_t(extend(group.get<uint16_t>(0, 0, i), 16, signedA)) *
           uint32_t(extend(group.get<uint8_t>(0, 1, first + i), 8, signedB));
  return finishDot(group, sum);
}

/// Which byte of {hi, lo} goes to byte `i` of the result, in the modes that only look at
/// the low two bits of the selector.
static unsigned selectByte(std::string_view mode, unsigned i, unsigned selector) {
  if (mode == "f4e")
    return i + selector;
  if (mode == "b4e")
    return (8 + selector - i) % 8;
  if (mode == "rc8")
    return selector;
  if (mode == "ecl")
    return std::max(i, selector);
  if (mode == "ecr")
    return std::min(i, selector);
  return i % 2 + 2 * (selector % 2); // rc16
}

static Outcome permute(Group &group) {
  bool hasHigh = operandCount(group.site()) == 3;
  uint32_t low = group.get<uint32_t>(0, 0), high = hasHigh ? group.get<uint32_t>(0, 1) : 0;
  uint32_t selector = group.get<uint32_t>(0, hasHigh ? 2 : 1);
  uint64_t pool = uint64_t(high) << 32 | low;
  std::string_view mode = keyword(group.attribute("mode"));
  uint32_t result = 0;
  for (unsigned i = 0; i < 4; ++i) {
    unsigned nibble = selector >> 4 * i & 15;
    unsigned from = mode == "default" ? nibble & 7 : selectByte(mode, i, selector & 3);
    uint8_t byte = uint8_t(pool >> 8 * from);
    // Bit 3 of a nibble: the byte's sign instead of the byte.
    if (mode == "default" && nibble & 8)
      byte = byte & 0x80 ? 0xFF : 0;
    result |= uint32_t(byte) << 8 * i;
  }
  group.set(0, 0, result);
  for (unsigned operand = 0; operand < operandCount(group.site()); ++operand)
    if (group.isPoison(0, operand))
      group.setPoison(0, 0);
  return Outcome::Done;
}

/// Time only goes on. It counts reads, so that a run can be repeated.
template <class T> static Outcome readClock(Group &group) {
  static std::atomic<uint64_t> ticks{0};
  group.set<T>(0, 0, T(++ticks));
  return Outcome::Done;
}

/// Lanes `from` to `to` − 1 of a warp.
static uint32_t lanes(unsigned from, unsigned to) {
  return uint32_t((uint64_t(1) << to) - (uint64_t(1) << from));
}

/// A function of the lane's number.
template <uint32_t (*function)(unsigned)> static Outcome ofLane(Group &group) {
  group.set(0, 0, function(group.laneId(0)));
  return Outcome::Done;
}
static uint32_t own(unsigned lane) { return lane; }
static uint32_t equal(unsigned lane) { return lanes(lane, lane + 1); }
static uint32_t less(unsigned lane) { return lanes(0, lane); }
static uint32_t lessOrEqual(unsigned lane) { return lanes(0, lane + 1); }
static uint32_t greater(unsigned lane) { return lanes(lane + 1, 32); }
static uint32_t greaterOrEqual(unsigned lane) { return lanes(lane, 32); }
static uint32_t warpSize(unsigned) { return 32; }

static constexpr Instruction pure(const char *op, Outcome (*run)(Group &)) {
  return {op, Scope::Thread, run, -1, /*tracksPoison=*/true};
}

static const Instruction instructions[] = {
    pure("nvvm.dot.accumulate.4way", dotOfBytes),
    pure("nvvm.dot.accumulate.2way", dotOfWords),
    pure("nvvm.prmt", permute),
    {"nvvm.read.ptx.sreg.clock", Scope::Thread, readClock<uint32_t>},
    {"nvvm.read.ptx.sreg.clock64", Scope::Thread, readClock<uint64_t>},
    {"nvvm.read.ptx.sreg.globaltimer", Scope::Thread, readClock<uint64_t>},
    {"nvvm.read.ptx.sreg.globaltimer.lo", Scope::Thread, readClock<uint32_t>},
    {"nvvm.read.ptx.sreg.laneid", Scope::Thread, ofLane<own>},
    {"nvvm.read.ptx.sreg.warpsize", Scope::Thread, ofLane<warpSize>},
    {"nvvm.read.ptx.sreg.lanemask.eq", Scope::Thread, ofLane<equal>},
    {"nvvm.read.ptx.sreg.lanemask.lt", Scope::Thread, ofLane<less>},
    {"nvvm.read.ptx.sreg.lanemask.le", Scope::Thread, ofLane<lessOrEqual>},
    {"nvvm.read.ptx.sreg.lanemask.gt", Scope::Thread, ofLane<greater>},
    {"nvvm.read.ptx.sreg.lanemask.ge", Scope::Thread, ofLane<greaterOrEqual>},
    // Which lanes are active together is up to the hardware; here each is alone.
    {"llvm.nvvm.activemask", Scope::Thread, ofLane<equal>},
    {"nvvm.setmaxregister", Scope::Thread, nothing, -1, false, nullptr, sinceSM90},
    {"nvvm.griddepcontrol", Scope::Thread, nothing, -1, false, nullptr, sinceSM90},
    {"nvvm.nanosleep", Scope::Thread, nothing},
    {"nvvm.pmevent", Scope::Thread, nothing},
    {"nvvm.prefetch", Scope::Thread, nothing},
};

Table posenc::emulator::nvidiaScalarInstructions() {
  return {instructions, sizeof(instructions) / sizeof(instructions[0])};
}
