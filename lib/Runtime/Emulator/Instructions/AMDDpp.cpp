//===- AMDDpp.cpp - Data parallel primitives: update.dpp ------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// A row is 16 lanes, a bank the four lanes of a row with the same lane / 4 % 4. A lane
// whose row or bank is masked out keeps `old`. A lane whose source lies outside of the
// row (or wave), or takes no part, gets 0 with bound_ctrl and else keeps `old`.
//===----------------------------------------------------------------------===//

#include "AMDChips.h"
#include "AMDTables.h"
#include "Masks.h"
#include "Operands.h"

using namespace posenc::emulator;

static constexpr unsigned kRow = 16;
static constexpr int kNoLane = -1;

namespace {
/// The controls from `first` to `last`, and the lane that `lane` reads, given the
/// control's distance from `zero`.
struct Control {
  int64_t first, last, zero;
  unsigned chips;
  int (*source)(int lane, int amount, int lanes);
};
} // namespace

/// `place` in the row of `lane`, if it is in there.
static int inRow(int lane, int place) {
  return place < 0 || place >= int(kRow) ? kNoLane : lane - lane % int(kRow) + place;
}
static int inWave(int place, int lanes) {
  return place < 0 || place >= lanes ? kNoLane : place;
}

static int quadPerm(int lane, int selectors, int) {
  return lane - lane % 4 + (selectors >> (2 * (lane % 4)) & 3);
}
static int rowShl(int lane, int by, int) { return inRow(lane, lane % 16 + by); }
static int rowShr(int lane, int by, int) { return inRow(lane, lane % 16 - by); }
static int rowRor(int lane, int by, int) { return inRow(lane, (lane % 16 - by + 16) % 16); }
static int waveShl(int lane, int, int lanes) { return inWave(lane + 1, lanes); }
static int waveRol(int lane, int, int lanes) { return (lane + 1) % lanes; }
static int waveShr(int lane, int, int lanes) { return inWave(lane - 1, lanes); }
static int waveRor(int lane, int, int lanes) { return (lane + lanes - 1) % lanes; }
static int rowMirror(int lane, int, int) { return inRow(lane, 15 - lane % 16); }
static int rowHalfMirror(int lane, int, int) { return lane - lane % 8 + 7 - lane % 8; }
static int rowBcast15(int lane, int, int lanes) {
  return inWave(lane - lane % int(kRow) - 1, lanes);
}
static int rowBcast31(int lane, int, int) { return lane < 32 ? kNoLane : 31; }
static int rowShare(int lane, int place, int) { return inRow(lane, place); }
static int rowXmask(int lane, int mask, int) { return inRow(lane, lane % 16 ^ mask); }

static constexpr unsigned kAll = kGfx9 | kRDNA;
static constexpr Control controls[] = {
    {0x000, 0x0FF, 0x000, kAll, quadPerm},
    {0x101, 0x10F, 0x100, kAll, rowShl},
    {0x111, 0x11F, 0x110, kAll, rowShr},
    {0x121, 0x12F, 0x120, kAll, rowRor},
    {0x130, 0x130, 0x130, kGfx9, waveShl},
    {0x134, 0x134, 0x134, kGfx9, waveRol},
    {0x138, 0x138, 0x138, kGfx9, waveShr},
    {0x13C, 0x13C, 0x13C, kGfx9, waveRor},
    {0x140, 0x140, 0x140, kAll, rowMirror},
    {0x141, 0x141, 0x141, kAll, rowHalfMirror},
    {0x142, 0x142, 0x142, kGfx9, rowBcast15},
    {0x143, 0x143, 0x143, kGfx9, rowBcast31},
    // From gfx90a to gfx950 it goes by the name of row_newbcast.
    {0x150, 0x15F, 0x150, kCDNA2Up | kRDNA, rowShare},
    {0x160, 0x16F, 0x160, kRDNA, rowXmask},
};

static const Control *findControl(int64_t code) {
  for (const Control &control : controls)
    if (code >= control.first && code <= control.last)
      return &control;
  return nullptr;
}

static const char *refuseDpp(const posenc_emu_site &site) {
  std::string_view code = attribute(site, "dppCtrl");
  return code.empty() || findControl(integer(code)) ? nullptr : "unknown dpp control";
}

static const char *lacksDpp(const posenc_emu_site &site, std::string_view chip) {
  std::string_view code = attribute(site, "dppCtrl");
  const Control *control = code.empty() ? nullptr : findControl(integer(code));
  unsigned chips = control ? control->chips : kAll;
  return chipSet(chip) & chips ? nullptr : chipNames(chips);
}

namespace {
struct Options {
  int64_t code, rowMask, bankMask;
  bool boundControl;
};
} // namespace

static void updateLane(Group &group, const Control &control, const Options &options,
                       unsigned lane) {
  bool enabled =
      (options.rowMask >> (lane / kRow) & 1) && (options.bankMask >> (lane / 4 % 4) & 1);
  int from = control.source(int(lane), int(options.code - control.zero), int(group.size()));
  bool valid = from != kNoLane && group.present(unsigned(from));
  for (unsigned e = 0; e < group.elements(0); ++e) {
    if (enabled && !valid && options.boundControl) {
      group.set<uint64_t>(lane, e, 0);
      continue;
    }
    unsigned source = enabled && valid ? unsigned(from) : lane;
    unsigned operand = enabled && valid ? 1 : 0;
    group.set(lane, e, group.get<uint64_t>(source, operand, e));
    if (group.isPoison(source, operand, e))
      group.setPoison(lane, e);
  }
}

static Outcome updateDpp(Group &group) {
  Options options = {immediate(group, "dppCtrl", 2), immediate(group, "rowMask", 3),
                     immediate(group, "bankMask", 4), immediate(group, "boundCtrl", 5) != 0};
  const Control *control = findControl(options.code);
  if (!control) {
    group.report(firstLane(group), "unknown dpp control " + hex(uint64_t(options.code)));
    return Outcome::Done;
  }
  forEachLane(group, [&](unsigned lane) { updateLane(group, *control, options, lane); });
  return Outcome::Done;
}

static const Instruction instructions[] = {
    {"rocdl.update.dpp", Scope::Warp, updateDpp, -1, true, refuseDpp, lacksDpp},
};

Table posenc::emulator::amdDppInstructions() {
  return {instructions, sizeof(instructions) / sizeof(instructions[0])};
}
