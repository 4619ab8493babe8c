//===- AMDMatrix.cpp - CDNA's matrix cores: mfma --------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// D = A·B + C for one or several independent blocks of side × side results. One map
// serves every shape. With g = lane / side, and E elements of A in a lane:
//   A element e: row lane % side, k = E·(g / blocks) + e, of block g % blocks
//   B element e: column lane % side, the same k and block
//   C and D element v, 32 bits: r = v % V, R lane groups per block of at most side / 4,
//     V = side / R: row 4R·(r / 4) + 4(g % R) + r % 4, column lane % side,
//     of block (64 / side / R)·(v / V) + g / R
//   C and D element v, f64: row g / blocks + 4v, of block g % blocks
// cbsz lets 2^cbsz neighbouring blocks use A of the abid-th of them; blgp rearranges
// the lanes that B comes from, or for f64 on gfx942 and gfx950 negates A, B, C.
//
// Numbers. Products of f16, bf16 and fp8 are exact in f32 (unless their exponent leaves
// its range); the sum starts from C and adds them in f32, k ascending, each addition
// rounded to nearest even. f32 and f64 use a fused multiply-add per k. xf32 operands are
// rounded to 10 bits of mantissa, to nearest even. Hardware adds several products at
// once, and gfx908's and gfx90a's bf16 without .1k flush subnormals, so that results
// agree to within units of the last place of the largest term.
//===----------------------------------------------------------------------===//

#include "AMDChips.h"
#include "AMDFloats.h"
#include "AMDTables.h"
#include "Masks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

using namespace posenc::emulator;

namespace {
enum class Element { F64, F32, XF32, F16, BF16, I8, FP8, BF8 };

struct Form {
  const char *op;
  unsigned side, depth, blocks;
  Element a, b;
  unsigned chips;
  /// Whether the instruction has the modifiers cbsz, abid and blgp.
  bool broadcasts, permutes;

  unsigned groups() const { return 64 / side; }
  unsigned perLane() const { return side * depth * blocks / 64; }
  unsigned results() const { return side * side * blocks / 64; }
};

/// Factors and sums of all blocks. Rows of A are columns here: [block][k][row].
template <class Factor, class Sum> struct Tiles {
  Factor a[1024], b[1024];
  Sum sums[2048]; ///< [block][row][column]
};
} // namespace

using E = Element;
static constexpr Form forms[] = {
    {"rocdl.mfma.f32.32x32x1f32", 32, 1, 2, E::F32, E::F32, kCDNA, true, true},
    {"rocdl.mfma.f32.16x16x1f32", 16, 1, 4, E::F32, E::F32, kCDNA, true, true},
    {"rocdl.mfma.f32.4x4x1f32", 4, 1, 16, E::F32, E::F32, kCDNA, true, true},
    {"rocdl.mfma.f32.32x32x2f32", 32, 2, 1, E::F32, E::F32, kCDNA, false, true},
    {"rocdl.mfma.f32.16x16x4f32", 16, 4, 1, E::F32, E::F32, kCDNA, false, true},
    {"rocdl.mfma.f32.32x32x4f16", 32, 4, 2, E::F16, E::F16, kCDNA, true, true},
    {"rocdl.mfma.f32.16x16x4f16", 16, 4, 4, E::F16, E::F16, kCDNA, true, true},
    {"rocdl.mfma.f32.4x4x4f16", 4, 4, 16, E::F16, E::F16, kCDNA, true, true},
    {"rocdl.mfma.f32.32x32x8f16", 32, 8, 1, E::F16, E::F16, kCDNA, false, false},
    {"rocdl.mfma.f32.16x16x16f16", 16, 16, 1, E::F16, E::F16, kCDNA, false, false},
    {"rocdl.mfma.i32.32x32x4i8", 32, 4, 2, E::I8, E::I8, kCDNA, true, true},
    {"rocdl.mfma.i32.16x16x4i8", 16, 4, 4, E::I8, E::I8, kCDNA, true, true},
    {"rocdl.mfma.i32.4x4x4i8", 4, 4, 16, E::I8, E::I8, kCDNA, true, true},
    {"rocdl.mfma.i32.32x32x8i8", 32, 8, 1, E::I8, E::I8, kGfx908 | kGfx90a, false, false},
    {"rocdl.mfma.i32.16x16x16i8", 16, 16, 1, E::I8, E::I8, kGfx908 | kGfx90a, false, false},
    {"rocdl.mfma.f32.32x32x2bf16", 32, 2, 2, E::BF16, E::BF16, kGfx908 | kGfx90a, true, true},
    {"rocdl.mfma.f32.16x16x2bf16", 16, 2, 4, E::BF16, E::BF16, kGfx908 | kGfx90a, true, true},
    {"rocdl.mfma.f32.4x4x2bf16", 4, 2, 16, E::BF16, E::BF16, kGfx908 | kGfx90a, true, true},
    {"rocdl.mfma.f32.32x32x4bf16", 32, 4, 1, E::BF16, E::BF16, kGfx908 | kGfx90a, false, false},
    {"rocdl.mfma.f32.16x16x8bf16", 16, 8, 1, E::BF16, E::BF16, kGfx908 | kGfx90a, false, false},
    {"rocdl.mfma.f32.32x32x4bf16.1k", 32, 4, 2, E::BF16, E::BF16, kCDNA2Up, true, true},
    {"rocdl.mfma.f32.16x16x4bf16.1k", 16, 4, 4, E::BF16, E::BF16, kCDNA2Up, true, true},
    {"rocdl.mfma.f32.4x4x4bf16.1k", 4, 4, 16, E::BF16, E::BF16, kCDNA2Up, true, true},
    {"rocdl.mfma.f32.32x32x8bf16.1k", 32, 8, 1, E::BF16, E::BF16, kCDNA2Up, false, false},
    {"rocdl.mfma.f32.16x16x16bf16.1k", 16, 16, 1, E::BF16, E::BF16, kCDNA2Up, false, false},
    {"rocdl.mfma.f64.16x16x4f64", 16, 4, 1, E::F64, E::F64, kCDNA2Up, false, false},
    {"rocdl.mfma.f64.4x4x4f64", 4, 4, 4, E::F64, E::F64, kCDNA2Up, false, false},
    {"rocdl.mfma.i32.16x16x32.i8", 16, 32, 1, E::I8, E::I8, kCDNA3Up, false, false},
    {"rocdl.mfma.i32.32x32x16.i8", 32, 16, 1, E::I8, E::I8, kCDNA3Up, false, false},
    {"rocdl.mfma.f32.16x16x8.xf32", 16, 8, 1, E::XF32, E::XF32, kGfx942, false, false},
    {"rocdl.mfma.f32.32x32x4.xf32", 32, 4, 1, E::XF32, E::XF32, kGfx942, false, false},
    {"rocdl.mfma.f32.16x16x32.bf8.bf8", 16, 32, 1, E::BF8, E::BF8, kCDNA3Up, false, false},
    {"rocdl.mfma.f32.16x16x32.bf8.fp8", 16, 32, 1, E::BF8, E::FP8, kCDNA3Up, false, false},
    {"rocdl.mfma.f32.16x16x32.fp8.bf8", 16, 32, 1, E::FP8, E::BF8, kCDNA3Up, false, false},
    {"rocdl.mfma.f32.16x16x32.fp8.fp8", 16, 32, 1, E::FP8, E::FP8, kCDNA3Up, false, false},
    {"rocdl.mfma.f32.32x32x16.bf8.bf8", 32, 16, 1, E::BF8, E::BF8, kCDNA3Up, false, false},
    {"rocdl.mfma.f32.32x32x16.bf8.fp8", 32, 16, 1, E::BF8, E::FP8, kCDNA3Up, false, false},
    {"rocdl.mfma.f32.32x32x16.fp8.bf8", 32, 16, 1, E::FP8, E::BF8, kCDNA3Up, false, false},
    {"rocdl.mfma.f32.32x32x16.fp8.fp8", 32, 16, 1, E::FP8, E::FP8, kCDNA3Up, false, false},
    {"rocdl.mfma.f32.16x16x32.bf16", 16, 32, 1, E::BF16, E::BF16, kGfx950, false, false},
    {"rocdl.mfma.f32.16x16x32.f16", 16, 32, 1, E::F16, E::F16, kGfx950, false, false},
    {"rocdl.mfma.f32.32x32x16.bf16", 32, 16, 1, E::BF16, E::BF16, kGfx950, false, false},
    {"rocdl.mfma.f32.32x32x16.f16", 32, 16, 1, E::F16, E::F16, kGfx950, false, false},
    {"rocdl.mfma.i32.16x16x64.i8", 16, 64, 1, E::I8, E::I8, kGfx950, false, false},
    {"rocdl.mfma.i32.32x32x32.i8", 32, 32, 1, E::I8, E::I8, kGfx950, false, false},
};

static unsigned bitsOf(Element element) {
  switch (element) {
  case E::F64:
    return 64;
  case E::F32:
  case E::XF32:
    return 32;
  case E::F16:
  case E::BF16:
    return 16;
  default:
    return 8;
  }
}

template <class T> static T decodeElement(Element element, uint64_t bits, bool ocp) {
  switch (element) {
  case E::F64: {
    double value;
    std::memcpy(&value, &bits, sizeof(value));
    return T(value);
  }
  case E::F32:
    return T(bitsToFloat(uint32_t(bits)));
  case E::XF32: {
    float value = bitsToFloat(uint32_t(bits));
    return T(std::isnan(value) ? value : decode(kTF32, encode(kTF32, value)));
  }
  case E::F16:
    return T(fromF16(uint16_t(bits)));
  case E::BF16:
    return T(fromBF16(uint16_t(bits)));
  case E::I8:
    return T(int8_t(bits));
  case E::FP8:
    return T(fromFP8(uint8_t(bits), ocp));
  case E::BF8:
    return T(fromBF8(uint8_t(bits), ocp));
  }
  return T();
}

/// The lane that B's operand of `lane` comes from.
static unsigned permutedLane(unsigned lane, unsigned blgp) {
  switch (blgp) {
  case 1:
    return lane % 32;
  case 2:
    return lane % 32 + 32;
  case 3:
    return (lane + 16) % 64;
  case 4:
  case 5:
  case 6:
  case 7:
    return lane % 16 + 16 * (blgp - 4);
  default:
    return lane;
  }
}

namespace {
struct Modifiers {
  unsigned cbsz, abid, blgp;
  bool negates; ///< blgp negates A, B, C
};
} // namespace

static bool checkModifier(Group &group, const char *name, unsigned value, unsigned most) {
  if (value <= most)
    return true;
  group.report(firstLane(group), std::string("expected ") + name + " of " + group.site().op +
                                     " to be at most " + std::to_string(most) + " but got " +
                                     std::to_string(value));
  return false;
}

static bool readModifiers(Group &group, const Form &form, Modifiers &modifiers) {
  unsigned first = firstLane(group);
  modifiers.cbsz = group.get<uint32_t>(first, 3);
  modifiers.abid = group.get<uint32_t>(first, 4);
  modifiers.blgp = group.get<uint32_t>(first, 5);
  modifiers.negates = form.a == E::F64 && (chipSet(group.chip()) & kCDNA3Up);
  unsigned most = 0;
  while (form.broadcasts && 2u << most <= form.blocks)
    ++most;
  return checkModifier(group, "cbsz", modifiers.cbsz, most) &&
         checkModifier(group, "abid", modifiers.abid, (1u << modifiers.cbsz) - 1) &&
         checkModifier(group, "blgp", modifiers.blgp,
                       form.permutes || modifiers.negates ? 7 : 0);
}

/// Scalar `index` of bits of an operand, whatever its scalars are.
static uint64_t element(const Group &group, unsigned lane, unsigned operand, unsigned index,
                        unsigned bits, unsigned scalarBits) {
  unsigned perScalar = scalarBits / bits;
  uint64_t word = group.get<uint64_t>(lane, operand, index / perScalar);
  return word >> (index % perScalar * bits);
}

template <class Factor, class Sum>
static void gather(const Group &group, const Form &form, const Modifiers &modifiers,
                   Tiles<Factor, Sum> &tiles) {
  bool ocp = chipSet(group.chip()) & kGfx950;
  unsigned perLane = form.perLane();
  for (unsigned operand = 0; operand < 2; ++operand) {
    Element kind = operand ? form.b : form.a;
    Factor *to = operand ? tiles.b : tiles.a;
    bool negated = modifiers.negates && (modifiers.blgp >> operand & 1);
    unsigned scalarBits = 8 * bytesOf(group.type(operand));
    for (unsigned lane = 0; lane < 64; ++lane) {
      bool permuted = operand == 1 && !modifiers.negates;
      unsigned from = permuted ? permutedLane(lane, modifiers.blgp) : lane;
      unsigned laneGroup = lane / form.side, block = laneGroup % form.blocks;
      for (unsigned e = 0; e < perLane; ++e) {
        unsigned k = perLane * (laneGroup / form.blocks) + e;
        Factor value = decodeElement<Factor>(
            kind, element(group, from, operand, e, bitsOf(kind), scalarBits), ocp);
        to[(block * form.depth + k) * form.side + lane % form.side] = negated ? -value : value;
      }
    }
  }
}

/// Where result `v` of a lane lies in Tiles::sums.
static unsigned placeOfResult(const Form &form, unsigned lane, unsigned v) {
  unsigned laneGroup = lane / form.side, block, row;
  if (form.a == E::F64) {
    block = laneGroup % form.blocks;
    row = laneGroup / form.blocks + 4 * v;
  } else {
    unsigned perBlock = std::min(form.groups(), form.side / 4);
    unsigned registers = form.side / perBlock, r = v % registers;
    block = form.groups() / perBlock * (v / registers) + laneGroup / perBlock;
    row = 4 * perBlock * (r / 4) + 4 * (laneGroup % perBlock) + r % 4;
  }
  return (block * form.side + row) * form.side + lane % form.side;
}

static float accumulate(float sum, float a, float b, bool fused) {
  return fused ? std::fma(a, b, sum) : sum + a * b;
}
static double accumulate(double sum, double a, double b, bool) { return std::fma(a, b, sum); }
static uint32_t accumulate(uint32_t sum, int32_t a, int32_t b, bool) {
  return sum + uint32_t(a * b);
}

/// Sums of one block; `a` may be another block's.
template <bool fused, unsigned side, class Factor, class Sum>
static void multiplyBlock(unsigned depth, const Factor *a, const Factor *b, Sum *sums) {
  for (unsigned row = 0; row < side; ++row)
    for (unsigned k = 0; k < depth; ++k) {
      Factor factor = a[k * side + row];
      for (unsigned column = 0; column < side; ++column)
        sums[row * side + column] =
            accumulate(sums[row * side + column], factor, b[k * side + column], fused);
    }
}

template <bool fused, class Factor, class Sum>
static void multiply(const Form &form, const Modifiers &modifiers, Tiles<Factor, Sum> &tiles) {
  unsigned factors = form.depth * form.side, results = form.side * form.side;
  for (unsigned block = 0; block < form.blocks; ++block) {
    unsigned source = (block & ~((1u << modifiers.cbsz) - 1)) | modifiers.abid;
    const Factor *a = tiles.a + source * factors, *b = tiles.b + block * factors;
    Sum *sums = tiles.sums + block * results;
    if (form.side == 32)
      multiplyBlock<fused, 32>(form.depth, a, b, sums);
    else if (form.side == 16)
      multiplyBlock<fused, 16>(form.depth, a, b, sums);
    else
      multiplyBlock<fused, 4>(form.depth, a, b, sums);
  }
}

template <bool fused, class Factor, class Sum>
static void run(Group &group, const Form &form, const Modifiers &modifiers) {
  Tiles<Factor, Sum> tiles;
  gather(group, form, modifiers, tiles);
  bool negated = modifiers.negates && (modifiers.blgp >> 2 & 1);
  for (unsigned lane = 0; lane < 64; ++lane)
    for (unsigned v = 0; v < form.results(); ++v) {
      Sum value = group.get<Sum>(lane, 2, v);
      tiles.sums[placeOfResult(form, lane, v)] = negated ? -value : value;
    }
  multiply<fused>(form, modifiers, tiles);
  for (unsigned lane = 0; lane < 64; ++lane)
    for (unsigned v = 0; v < form.results(); ++v)
      group.set<Sum>(lane, v, tiles.sums[placeOfResult(form, lane, v)]);
}

static Outcome runForm(Group &group, const Form &form) {
  Modifiers modifiers;
  if (!checkWholeWave(group) || !readModifiers(group, form, modifiers))
    return Outcome::Done;
  group.count(POSENC_EMU_TENSOR, uint64_t(form.side) * form.side * form.depth * form.blocks);
  if (form.a == E::F64)
    run<true, double, double>(group, form, modifiers);
  else if (form.a == E::I8)
    run<false, int32_t, uint32_t>(group, form, modifiers);
  else if (form.a == E::F32 || form.a == E::XF32)
    run<true, float, float>(group, form, modifiers);
  else
    run<false, float, float>(group, form, modifiers);
  return Outcome::Done;
}

template <size_t i> static Outcome runNth(Group &group) { return runForm(group, forms[i]); }

template <size_t... is>
static std::array<Instruction, sizeof...(is)> instructionsOf(std::index_sequence<is...>) {
  return {
      {{forms[is].op, Scope::Warp, runNth<is>, -1, false, nullptr, notOn<forms[is].chips>}...}};
}

Table posenc::emulator::amdMatrixInstructions() {
  static const auto all =
      instructionsOf(std::make_index_sequence<sizeof(forms) / sizeof(forms[0])>());
  return {all.data(), all.size()};
}
