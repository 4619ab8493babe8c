//===- AMDWaveMatrix.cpp - RDNA's matrix cores: wmma ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// D = A·B + C of 16 × 16 results. gfx11 and gfx12 share the ops and differ in how much
// of A and B a lane holds, which tells them apart. G = lane / 16 of W / 16 groups.
//   gfx11: a lane holds row (column) lane % 16 whole; all groups must hold the same.
//     C and D element v: row (W / 16)·v + G, column lane % 16. With 16-bit results
//     element 2v + opsel counts; the other half is undefined.
//   gfx12: a lane holds E elements, element e of
//     16 bits: k = (W / 4)(e / 4) + 4G + e % 4
//     fewer bits: k = K/2 (G % 2) + E (G / 2) + e
//     C and D element v: row 8(G % 2) + 4(G / 2) + v.
//
// Numbers: as in AMDMatrix.cpp; 16-bit results are summed in f32 and rounded once, to
// nearest even. i32 sums wrap, or saturate with clamp.
//===----------------------------------------------------------------------===//

#include "AMDChips.h"
#include "AMDFloats.h"
#include "AMDTables.h"
#include "Masks.h"
#include "Operands.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

using namespace posenc::emulator;

static constexpr unsigned kSide = 16;

namespace {
enum class Element { F16, BF16, FP8, BF8, I8, I4 };
enum class Result { F32, F16, BF16, I32 };

struct Form {
  const char *op;
  unsigned depth;
  Element a, b;
  Result result;
  unsigned chips;

  unsigned bits() const {
    return a == Element::F16 || a == Element::BF16 ? 16 : a == Element::I4 ? 4 : 8;
  }
  bool isHalf() const { return result == Result::F16 || result == Result::BF16; }
};

/// Where the parts of the operands of one instruction are.
struct Layout {
  unsigned lanes;      ///< of the wave
  unsigned perLane;    ///< elements of A in a lane
  bool duplicated;     ///< gfx11
  unsigned scalarBits; ///< of A's scalars
  unsigned opsel;

  unsigned results() const { return kSide * kSide / lanes; }
  unsigned k(const Form &form, unsigned lane, unsigned e) const {
    unsigned group = lane / kSide;
    if (duplicated)
      return e;
    if (form.bits() == 16)
      return lanes / 4 * (e / 4) + 4 * group + e % 4;
    return form.depth / 2 * (group % 2) + perLane * (group / 2) + e;
  }
  unsigned row(unsigned lane, unsigned v) const {
    unsigned group = lane / kSide;
    return duplicated ? lanes / kSide * v + group : 8 * (group % 2) + 4 * (group / 2) + v;
  }
  /// Scalar of C and D that holds result `v`.
  unsigned scalar(const Form &form, unsigned v) const {
    return duplicated && form.isHalf() ? 2 * v + opsel : v;
  }
};

template <class T> struct Tiles {
  T a[32][kSide], b[32][kSide]; ///< [k][row or column]
  T sums[kSide][kSide];
};
} // namespace

using E = Element;
using R = Result;
static constexpr unsigned kGfx11Up = kGfx11 | kGfx12;
static constexpr Form forms[] = {
    {"rocdl.wmma.f32.16x16x16.f16", 16, E::F16, E::F16, R::F32, kGfx11Up},
    {"rocdl.wmma.f32.16x16x16.bf16", 16, E::BF16, E::BF16, R::F32, kGfx11Up},
    {"rocdl.wmma.f16.16x16x16.f16", 16, E::F16, E::F16, R::F16, kGfx11Up},
    {"rocdl.wmma.bf16.16x16x16.bf16", 16, E::BF16, E::BF16, R::BF16, kGfx11Up},
    {"rocdl.wmma.i32.16x16x16.iu8", 16, E::I8, E::I8, R::I32, kGfx11Up},
    {"rocdl.wmma.i32.16x16x16.iu4", 16, E::I4, E::I4, R::I32, kGfx11Up},
    {"rocdl.wmma.i32.16x16x32.iu4", 32, E::I4, E::I4, R::I32, kGfx12},
    {"rocdl.wmma.f32.16x16x16.fp8_fp8", 16, E::FP8, E::FP8, R::F32, kGfx12},
    {"rocdl.wmma.f32.16x16x16.fp8_bf8", 16, E::FP8, E::BF8, R::F32, kGfx12},
    {"rocdl.wmma.f32.16x16x16.bf8_bf8", 16, E::BF8, E::BF8, R::F32, kGfx12},
    {"rocdl.wmma.f32.16x16x16.bf8_fp8", 16, E::BF8, E::FP8, R::F32, kGfx12},
};

/// The low bits of `bits` as a number.
template <class T> static T decodeElement(Element kind, uint64_t bits, bool isSigned) {
  switch (kind) {
  case E::F16:
    return T(fromF16(uint16_t(bits)));
  case E::BF16:
    return T(fromBF16(uint16_t(bits)));
  case E::FP8:
    return T(fromFP8(uint8_t(bits), true));
  case E::BF8:
    return T(fromBF8(uint8_t(bits), true));
  case E::I8:
    return isSigned ? T(int8_t(bits)) : T(uint8_t(bits));
  case E::I4:
    return isSigned ? T(int8_t(bits << 4) >> 4) : T(bits & 15);
  }
  return T();
}

static bool readLayout(Group &group, const Form &form, Layout &layout) {
  unsigned scalarBits = 8 * bytesOf(group.type(0));
  unsigned bits = scalarBits * group.elements(0);
  unsigned wholeBits = form.depth * form.bits(), spreadBits = kSide * wholeBits / group.size();
  // A register has at least 32 bits: where 16 would do, the upper lanes hold nothing.
  spreadBits = std::max(spreadBits, 32u);
  bool duplicated = bits == wholeBits && (chipSet(group.chip()) & kGfx11);
  if (!duplicated && (bits != spreadBits || (chipSet(group.chip()) & kGfx11))) {
    unsigned expected = chipSet(group.chip()) & kGfx11 ? wholeBits : spreadBits;
    group.report(firstLane(group), "expected " + std::to_string(expected) +
                                       " bits of factors per lane of a wave of " +
                                       std::to_string(group.size()) + " but got " +
                                       std::to_string(bits));
    return false;
  }
  layout = {group.size(), bits / form.bits(), duplicated, scalarBits,
            group.attribute("opsel").substr(0, 4) == "true"};
  unsigned scalars = layout.results() * (duplicated && form.isHalf() ? 2 : 1);
  if (group.elements(2) == scalars)
    return true;
  group.report(firstLane(group), "expected " + std::to_string(scalars) +
                                     " scalars of the sum per lane but got " +
                                     std::to_string(group.elements(2)));
  return false;
}

/// In gfx11 the lanes from 16 on must repeat the first 16.
static bool checkDuplicates(Group &group, unsigned operand) {
  for (unsigned lane = kSide; lane < group.size(); ++lane)
    for (unsigned e = 0; e < group.elements(operand); ++e) {
      uint64_t expected = scalarBits(group, lane % kSide, operand, e);
      uint64_t bits = scalarBits(group, lane, operand, e);
      if (bits == expected)
        continue;
      group.report(lane, "expected element " + std::to_string(e) + " of operand " +
                             std::to_string(operand) + " to be the same in lanes " +
                             std::to_string(lane % kSide) + " and " + std::to_string(lane) +
                             " but got " + hex(expected) + " and " + hex(bits));
      return false;
    }
  return true;
}

template <class T>
static bool gatherFactor(Group &group, const Form &form, const Layout &layout, unsigned operand,
                         T (*to)[kSide]) {
  bool isSigned = group.attribute(operand ? "signB" : "signA").substr(0, 4) == "true";
  // Sixteen 4-bit factors do not fill a wave of 64 on gfx12.
  unsigned perRow = layout.duplicated ? 1 : form.depth / layout.perLane;
  unsigned lanes = kSide * std::min(perRow, layout.lanes / kSide);
  unsigned perScalar = layout.scalarBits / form.bits();
  for (unsigned lane = 0; lane < lanes; ++lane)
    for (unsigned e = 0; e < layout.perLane; ++e) {
      if (group.isPoison(lane, operand, e / perScalar)) {
        group.report(lane, "poison reaches an instruction");
        return false;
      }
      uint64_t bits =
          group.get<uint64_t>(lane, operand, e / perScalar) >> (e % perScalar * form.bits());
      to[layout.k(form, lane, e)][lane % kSide] =
          decodeElement<T>(operand ? form.b : form.a, bits, isSigned);
    }
  return !layout.duplicated || checkDuplicates(group, operand);
}

static void readSum(const Group &group, const Form &form, unsigned lane, unsigned scalar,
                    float &sum) {
  if (form.result == R::F32)
    sum = group.get<float>(lane, 2, scalar);
  else
    sum = form.result == R::F16 ? fromF16(group.get<uint16_t>(lane, 2, scalar))
                                : fromBF16(group.get<uint16_t>(lane, 2, scalar));
}
static void readSum(const Group &group, const Form &, unsigned lane, unsigned scalar,
                    int64_t &sum) {
  sum = group.get<int32_t>(lane, 2, scalar);
}

static void writeSum(Group &group, const Form &form, unsigned lane, unsigned scalar,
                     float sum) {
  if (form.result == R::F32)
    group.set<float>(lane, scalar, sum);
  else
    group.set<uint16_t>(lane, scalar, form.result == R::F16 ? toF16(sum) : toBF16(sum));
}
static void writeSum(Group &group, const Form &, unsigned lane, unsigned scalar, int64_t sum) {
  using Limits = std::numeric_limits<int32_t>;
  if (group.attribute("clamp").substr(0, 4) == "true")
    sum = std::clamp<int64_t>(sum, Limits::min(), Limits::max());
  group.set<uint32_t>(lane, scalar, uint32_t(sum));
}

template <class T>
static bool gatherSums(Group &group, const Form &form, const Layout &layout, Tiles<T> &tiles) {
  for (unsigned lane = 0; lane < layout.lanes; ++lane)
    for (unsigned v = 0; v < layout.results(); ++v) {
      unsigned scalar = layout.scalar(form, v);
      if (group.isPoison(lane, 2, scalar)) {
        group.report(lane, "poison reaches an instruction");
        return false;
      }
      readSum(group, form, lane, scalar, tiles.sums[layout.row(lane, v)][lane % kSide]);
    }
  return true;
}

template <class T> static void multiply(Group &group, const Form &form, const Layout &layout) {
  Tiles<T> tiles;
  if (!gatherFactor(group, form, layout, 0, tiles.a) ||
      !gatherFactor(group, form, layout, 1, tiles.b) || !gatherSums(group, form, layout, tiles))
    return;
  for (unsigned row = 0; row < kSide; ++row)
    for (unsigned k = 0; k < form.depth; ++k)
      for (unsigned column = 0; column < kSide; ++column)
        tiles.sums[row][column] += tiles.a[k][row] * tiles.b[k][column];
  for (unsigned lane = 0; lane < layout.lanes; ++lane)
    for (unsigned v = 0; v < layout.results(); ++v) {
      unsigned scalar = layout.scalar(form, v);
      writeSum(group, form, lane, scalar, tiles.sums[layout.row(lane, v)][lane % kSide]);
      if (layout.duplicated && form.isHalf())
        group.setPoison(lane, scalar ^ 1);
    }
}

static Outcome runForm(Group &group, const Form &form) {
  Layout layout;
  if (!checkWholeWave(group) || !readLayout(group, form, layout))
    return Outcome::Done;
  group.count(POSENC_EMU_TENSOR, uint64_t(kSide) * kSide * form.depth);
  if (form.result == R::I32)
    multiply<int64_t>(group, form, layout);
  else
    multiply<float>(group, form, layout);
  return Outcome::Done;
}

/// The intrinsics have immediates between the matrices.
static const char *refuseIntrinsic(const posenc_emu_site &site) {
  return std::string_view(site.op).substr(0, 5) == "llvm." ? "expected the rocdl op" : nullptr;
}

template <size_t i> static Outcome runNth(Group &group) { return runForm(group, forms[i]); }

template <size_t... is>
static std::array<Instruction, sizeof...(is)> instructionsOf(std::index_sequence<is...>) {
  return {{{forms[is].op, Scope::Warp, runNth<is>, -1, true, refuseIntrinsic,
            notOn<forms[is].chips>}...}};
}

Table posenc::emulator::amdWaveMatrixInstructions() {
  static const auto all =
      instructionsOf(std::make_index_sequence<sizeof(forms) / sizeof(forms[0])>());
  return {all.data(), all.size()};
}
