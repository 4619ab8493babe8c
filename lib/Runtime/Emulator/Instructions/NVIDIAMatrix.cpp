//===- NVIDIAMatrix.cpp - Matrices between memory and registers -----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// ldmatrix and stmatrix of 8×8 matrices of 16-bit elements. Lane 8q + r gives the
// address of row r of matrix q; register q of lane l holds elements 2(l % 4) and one
// more of row l / 4 of matrix q, or with layout = col of column l / 4.
//===----------------------------------------------------------------------===//

#include "Chips.h"
#include "Masks.h"
#include "NVIDIATables.h"
#include "Operands.h"

using namespace posenc::emulator;

static constexpr unsigned kSize = 8, kRowBytes = 16;

namespace {
/// One 8×8 matrix in memory.
struct Tile {
  uint16_t at[kSize][kSize];

  /// Element `half` of lane `lane`'s register.
  uint16_t &fragment(unsigned lane, unsigned half, bool transposed) {
    unsigned major = lane / 4, minor = 2 * (lane % 4) + half;
    return transposed ? at[minor][major] : at[major][minor];
  }
};
} // namespace

static const char *refuseShape(const posenc_emu_site &site) {
  std::string_view type = attribute(site, "eltType"), shape = attribute(site, "shape");
  if (!type.empty() && keyword(type) != "b16")
    return "only 16-bit elements have a model";
  if (!shape.empty() && (parameter(shape, "m") != 8 || parameter(shape, "n") != 8))
    return "only matrices of 8 by 8 have a model";
  return nullptr;
}

static bool checkRow(Group &group, unsigned lane, const void *row) {
  uint64_t address = reinterpret_cast<uint64_t>(row);
  if (address % kRowBytes == 0)
    return true;
  group.report(lane, "misaligned access: expected the address of a row to be a multiple of 16");
  return false;
}

static Outcome loadMatrix(Group &group) {
  if (!checkWholeWarp(group))
    return Outcome::Done;
  bool transposed = keyword(group.attribute("layout")) == "col";
  unsigned count = resultCount(group.site());
  for (unsigned matrix = 0; matrix < count; ++matrix) {
    Tile tile = {};
    for (unsigned row = 0; row < kSize; ++row) {
      unsigned lane = kSize * matrix + row;
      auto *address = group.get<const void *>(lane, 0);
      if (checkRow(group, lane, address))
        group.load(lane, address, tile.at[row], kRowBytes);
    }
    for (unsigned lane = 0; lane < group.size(); ++lane)
      group.set(lane, matrix,
                uint32_t(tile.fragment(lane, 0, transposed)) |
                    uint32_t(tile.fragment(lane, 1, transposed)) << 16);
  }
  return Outcome::Done;
}

static Outcome storeMatrix(Group &group) {
  if (!checkWholeWarp(group))
    return Outcome::Done;
  bool transposed = keyword(group.attribute("layout")) == "col";
  unsigned count = operandCount(group.site()) - 1;
  for (unsigned matrix = 0; matrix < count; ++matrix) {
    Tile tile = {};
    for (unsigned lane = 0; lane < group.size(); ++lane) {
      uint32_t word = group.get<uint32_t>(lane, 1 + matrix);
      tile.fragment(lane, 0, transposed) = uint16_t(word);
      tile.fragment(lane, 1, transposed) = uint16_t(word >> 16);
    }
    for (unsigned row = 0; row < kSize; ++row) {
      unsigned lane = kSize * matrix + row;
      auto *address = group.get<void *>(lane, 0);
      if (checkRow(group, lane, address))
        group.store(lane, address, tile.at[row], kRowBytes);
    }
  }
  return Outcome::Done;
}

static const Instruction instructions[] = {
    {"nvvm.ldmatrix", Scope::Warp, loadMatrix, -1, false, refuseShape},
    {"nvvm.stmatrix", Scope::Warp, storeMatrix, -1, false, refuseShape, sinceSM90},
};

Table posenc::emulator::nvidiaMatrixInstructions() {
  return {instructions, sizeof(instructions) / sizeof(instructions[0])};
}
