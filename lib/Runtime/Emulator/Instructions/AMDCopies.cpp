//===- AMDCopies.cpp - Copies from global memory to LDS -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// A wave copies one piece of memory per lane to consecutive places of LDS: lane L writes
// to the address that all lanes give, plus L times the size, at least 4 bytes (smaller
// pieces are extended with zeros). Each copy counts in vmcnt until it is complete, oldest
// first, and s_waitcnt vmcnt(N) waits until at most N count. Ordinary loads and stores
// count there too on the chip; here only copies do, so that the emulator asks for a wait
// that names the number of younger copies.
//===----------------------------------------------------------------------===//

#include "AMDBuffers.h"
#include "AMDChips.h"
#include "AMDTables.h"
#include "Masks.h"
#include "Operands.h"

#include <algorithm>

using namespace posenc::emulator;

static constexpr int64_t kLeastPiece = 4;

static const char *refuseSize(int64_t size) {
  return size == 1 || size == 2 || size == 4 || size == 16 ? nullptr
                                                           : "expected 1, 2, 4 or 16 bytes";
}
static const char *refuseCopy(const posenc_emu_site &site) {
  std::string_view size = attribute(site, "size");
  return size.empty() ? nullptr : refuseSize(integer(size));
}

static const char *lacksCopy(const posenc_emu_site &site, std::string_view chip) {
  unsigned chips =
      integer(attribute(site, "size")) > 4 ? unsigned(kGfx950) : unsigned(kGfx9 | kGfx10);
  return chipSet(chip) & chips ? nullptr : chipNames(chips);
}
static const char *lacksGlobalCopy(const posenc_emu_site &site, std::string_view chip) {
  unsigned chips =
      integer(attribute(site, "size")) > 4 ? unsigned(kGfx950) : unsigned(kCDNA3Up);
  return chipSet(chip) & chips ? nullptr : chipNames(chips);
}

static bool checkCopy(Group &group, unsigned target, int64_t size) {
  if (const char *reason = refuseSize(size)) {
    group.report(firstLane(group), std::string(reason) + " but got " + std::to_string(size));
    return false;
  }
  return checkUniform(group, target, 0, "the address in LDS");
}

/// Where a lane's piece goes.
static char *placeOf(const Group &group, unsigned lane, unsigned target, int64_t offset,
                     int64_t size) {
  return group.get<char *>(lane, target) + offset + int64_t(lane) * std::max(size, kLeastPiece);
}

static bool checkAligned(Group &group, unsigned lane, const void *address, int64_t size,
                         const char *what) {
  auto alignment = uint64_t(std::min<int64_t>(size, 4));
  if (reinterpret_cast<uint64_t>(address) % alignment == 0)
    return true;
  group.report(lane, std::string("misaligned access: expected the ") + what +
                         " of a copy to LDS at a multiple of " + std::to_string(alignment) +
                         " bytes");
  return false;
}

static void beginCopy(Group &group, unsigned lane, char *to, const char *from, int64_t size,
                      bool inRange) {
  if (!checkAligned(group, lane, to, kLeastPiece, "target") ||
      (inRange && !checkAligned(group, lane, from, size, "source")))
    return;
  int64_t piece = std::max(size, kLeastPiece);
  if (inRange)
    group.beginCopy(lane, to, from, size_t(size), size_t(piece - size));
  else
    group.beginCopy(lane, to, to, 0, size_t(piece));
}

static Outcome copyGlobal(Group &group) {
  int64_t size = immediate(group, "size", 2), offset = immediate(group, "offset", 3);
  if (!checkCopy(group, 1, size))
    return Outcome::Done;
  forEachLane(group, [&](unsigned lane) {
    beginCopy(group, lane, placeOf(group, lane, 1, offset, size),
              group.get<const char *>(lane, 0) + offset, size, true);
    group.commitCopies(lane);
  });
  return Outcome::Done;
}

static Outcome copyBuffer(Group &group) {
  unsigned first = firstLane(group);
  int64_t size = group.get<int32_t>(first, 2), offset = group.get<int32_t>(first, 5),
          aux = group.get<int32_t>(first, 6);
  if (!checkCopy(group, 1, size))
    return Outcome::Done;
  forEachLane(group, [&](unsigned lane) {
    BufferAccess access;
    if (!readBufferAccess(group, lane, 0, 3, offset, aux, access))
      return;
    beginCopy(group, lane, placeOf(group, lane, 1, offset, size), access.address(), size,
              access.contains());
    group.commitCopies(lane);
  });
  return Outcome::Done;
}

//===----------------------------------------------------------------------===//
// Waits
//===----------------------------------------------------------------------===//

/// The field vmcnt of s_waitcnt.
static unsigned vmcnt(std::string_view chip, uint32_t bits) {
  return chipSet(chip) & kGfx11 ? bits >> 10 & 63 : (bits & 15) | (bits >> 14 & 3) << 4;
}

static Outcome waitCounters(Group &group) {
  unsigned pending = vmcnt(group.chip(), uint32_t(immediate(group, "bitfield", 0)));
  if (pending == 63) // The counter's largest value waits for nothing.
    return Outcome::Done;
  forEachLane(group, [&](unsigned lane) { group.waitCopies(lane, pending); });
  // The counter is the wave's: it waits for the copies of all lanes.
  group.orderLanes();
  return Outcome::Done;
}

/// On gfx12, which has no copies to LDS: all else that the counters count is complete
/// when the next op begins.
static Outcome nothing(Group &) { return Outcome::Done; }

static const Instruction instructions[] = {
    {"rocdl.global.load.lds", Scope::Warp, copyGlobal, -1, false, refuseCopy, lacksGlobalCopy},
    {"rocdl.load.to.lds", Scope::Warp, copyGlobal, -1, false, refuseCopy, lacksGlobalCopy},
    {"rocdl.raw.ptr.buffer.load.lds", Scope::Warp, copyBuffer, -1, false, nullptr, lacksCopy},
    {"rocdl.s.waitcnt", Scope::Warp, waitCounters, -1, false, nullptr,
     notOn<kGfx9 | kGfx10 | kGfx11>},
    {"rocdl.s.wait.dscnt", Scope::Thread, nothing, -1, false, nullptr, notOn<kGfx12>},
    {"rocdl.s.wait.loadcnt", Scope::Thread, nothing, -1, false, nullptr, notOn<kGfx12>},
    {"rocdl.s.wait.storecnt", Scope::Thread, nothing, -1, false, nullptr, notOn<kGfx12>},
    {"rocdl.s.wait.expcnt", Scope::Thread, nothing, -1, false, nullptr, notOn<kGfx12>},
    {"rocdl.s.wait.kmcnt", Scope::Thread, nothing, -1, false, nullptr, notOn<kGfx12>},
};

Table posenc::emulator::amdCopyInstructions() {
  return {instructions, sizeof(instructions) / sizeof(instructions[0])};
}
