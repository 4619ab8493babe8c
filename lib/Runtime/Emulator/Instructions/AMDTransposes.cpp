//===- AMDTransposes.cpp - Reads of LDS that transpose --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Sixteen lanes read four rows of sixteen elements, lane L the four elements from
// column 4(L % 4) on of row L / 4, and each gets a column: element e of lane L is row e,
// column L.
//===----------------------------------------------------------------------===//

#include "AMDChips.h"
#include "AMDTables.h"
#include "Masks.h"
#include "Operands.h"

using namespace posenc::emulator;

static Outcome readTransposed(Group &group) {
  if (!checkWholeWave(group))
    return Outcome::Done;
  uint16_t pieces[64][4];
  bool good = true;
  forEachLane(group, [&](unsigned lane) {
    auto *address = group.get<const char *>(lane, 0);
    if (reinterpret_cast<uint64_t>(address) % sizeof(pieces[0]) != 0) {
      group.report(lane, "misaligned access: expected a transposing read at a multiple of 8 "
                         "bytes");
      good = false;
    } else if (!group.load(lane, address, pieces[lane], sizeof(pieces[0]))) {
      good = false;
    }
  });
  if (!good)
    return Outcome::Done;
  forEachLane(group, [&](unsigned lane) {
    for (unsigned e = 0; e < 4; ++e)
      group.set(lane, e, pieces[lane / 16 * 16 + 4 * e + lane % 16 / 4][lane % 4]);
  });
  return Outcome::Done;
}

static const char *refuseType(const posenc_emu_site &site) {
  return bytesOf(resultType(site, 0)) == 2 && resultCount(site) == 4
             ? nullptr
             : "expected a result of four 16-bit elements";
}

static const Instruction instructions[] = {
    {"rocdl.ds.read.tr16.b64", Scope::Warp, readTransposed, -1, false, refuseType,
     notOn<kGfx950>},
};

Table posenc::emulator::amdTransposeInstructions() {
  return {instructions, sizeof(instructions) / sizeof(instructions[0])};
}
