//===- AMDWaveMatrixTest.cpp - wmma against the product's definition ------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// As in AMDMatrixTest.cpp: places come from the coordinates of elements.
//===----------------------------------------------------------------------===//

#include "FakeGroup.h"

#include "gtest/gtest.h"

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

using namespace posenc::emulator;

namespace {
/// The words of 0 … 2 per format: signs are tested apart.
const std::map<std::string, std::vector<uint32_t>> words = {
    {"f16", {0, 0x3C00, 0x4000}},
    {"bf16", {0, 0x3F80, 0x4000}},
    {"i8", {0, 1, 2}},
    {"i4", {0, 1, 2}},
    {"fp8", {0, 0x38, 0x40}},
    {"bf8", {0, 0x3C, 0x40}},
};

struct Wmma {
  const char *op, *chip;
  unsigned wave, depth;
  const char *a, *b;
  /// As the signature has them.
  const char *factor, *sum;
  unsigned bits, scalarBits;
};

const Wmma wmmas[] = {
    {"f32.16x16x16.f16", "gfx1100", 32, 16, "f16", "f16", "f16x16", "f32x8", 16, 16},
    {"f32.16x16x16.f16", "gfx1100", 64, 16, "f16", "f16", "f16x16", "f32x4", 16, 16},
    {"f32.16x16x16.f16", "gfx1201", 32, 16, "f16", "f16", "f16x8", "f32x8", 16, 16},
    {"f32.16x16x16.f16", "gfx1201", 64, 16, "f16", "f16", "f16x4", "f32x4", 16, 16},
    {"f32.16x16x16.bf16", "gfx1100", 32, 16, "bf16", "bf16", "i16x16", "f32x8", 16, 16},
    {"f32.16x16x16.bf16", "gfx1201", 32, 16, "bf16", "bf16", "i16x8", "f32x8", 16, 16},
    {"f16.16x16x16.f16", "gfx1100", 32, 16, "f16", "f16", "f16x16", "f16x16", 16, 16},
    {"f16.16x16x16.f16", "gfx1100", 64, 16, "f16", "f16", "f16x16", "f16x8", 16, 16},
    {"f16.16x16x16.f16", "gfx1201", 32, 16, "f16", "f16", "f16x8", "f16x8", 16, 16},
    {"bf16.16x16x16.bf16", "gfx1100", 32, 16, "bf16", "bf16", "i16x16", "i16x16", 16, 16},
    {"bf16.16x16x16.bf16", "gfx1201", 32, 16, "bf16", "bf16", "i16x8", "i16x8", 16, 16},
    {"i32.16x16x16.iu8", "gfx1100", 32, 16, "i8", "i8", "i32x4", "i32x8", 8, 32},
    {"i32.16x16x16.iu8", "gfx1201", 32, 16, "i8", "i8", "i32x2", "i32x8", 8, 32},
    {"i32.16x16x16.iu8", "gfx1201", 64, 16, "i8", "i8", "i32", "i32x4", 8, 32},
    {"i32.16x16x16.iu4", "gfx1100", 32, 16, "i4", "i4", "i32x2", "i32x8", 4, 32},
    {"i32.16x16x16.iu4", "gfx1201", 32, 16, "i4", "i4", "i32", "i32x8", 4, 32},
    {"i32.16x16x16.iu4", "gfx1201", 64, 16, "i4", "i4", "i32", "i32x4", 4, 32},
    {"i32.16x16x32.iu4", "gfx1201", 32, 32, "i4", "i4", "i32x2", "i32x8", 4, 32},
    {"i32.16x16x32.iu4", "gfx1201", 64, 32, "i4", "i4", "i32", "i32x4", 4, 32},
    {"f32.16x16x16.fp8_fp8", "gfx1201", 32, 16, "fp8", "fp8", "i32x2", "f32x8", 8, 32},
    {"f32.16x16x16.fp8_bf8", "gfx1201", 32, 16, "fp8", "bf8", "i32x2", "f32x8", 8, 32},
    {"f32.16x16x16.bf8_bf8", "gfx1201", 64, 16, "bf8", "bf8", "i32", "f32x4", 8, 32},
    {"f32.16x16x16.bf8_fp8", "gfx1201", 32, 16, "bf8", "fp8", "i32x2", "f32x8", 8, 32},
};

bool isGfx11(const Wmma &wmma) { return std::string(wmma.chip) == "gfx1100"; }
bool isHalf(const Wmma &wmma) { return std::string(wmma.sum).find("16x") != std::string::npos; }

struct Place {
  unsigned lane, part;
};

/// Where gfx12 has an element of A or B.
Place placeOfFactor(const Wmma &wmma, unsigned i, unsigned k) {
  if (wmma.bits == 16 && wmma.wave == 32)
    return {16 * (k / 4 % 2) + i, 4 * (k / 8) + k % 4};
  if (wmma.bits == 16)
    return {32 * (k / 8) + 16 * (k / 4 % 2) + i, k % 4};
  unsigned half = wmma.depth / 2;
  if (wmma.wave == 32 || (wmma.bits == 4 && wmma.depth == 16))
    return {16 * (k / half) + i, k % half};
  return {32 * (k / (half / 2) % 2) + 16 * (k / half) + i, k % (half / 2)};
}

Place placeOfResult(const Wmma &wmma, unsigned row, unsigned column) {
  if (isGfx11(wmma) && wmma.wave == 32)
    return {16 * (row % 2) + column, row / 2};
  if (isGfx11(wmma))
    return {16 * (row % 4) + column, row / 4};
  if (wmma.wave == 32)
    return {16 * (row / 8) + column, row % 8};
  return {32 * (row / 4 % 2) + 16 * (row / 8) + column, row % 4};
}

struct Matrices {
  int a[16][32], b[16][32], c[16][16];

  explicit Matrices(unsigned depth) {
    std::mt19937 random(depth);
    for (unsigned i = 0; i < 16; ++i) {
      for (unsigned k = 0; k < 32; ++k)
        a[i][k] = int(random() % 3), b[i][k] = int(random() % 3);
      for (unsigned j = 0; j < 16; ++j)
        c[i][j] = int(random() % 3);
    }
  }
  int product(unsigned depth, unsigned i, unsigned j) const {
    int sum = c[i][j];
    for (unsigned k = 0; k < depth; ++k)
      sum += a[i][k] * b[j][k];
    return sum;
  }
};

std::string signatureOf(const Wmma &wmma) {
  return std::string(wmma.factor) + "," + wmma.factor + "," + wmma.sum + ">" + wmma.sum;
}

void putFactor(FakeGroup &group, const Wmma &wmma, unsigned operand, Place place, int value) {
  unsigned perScalar = wmma.scalarBits / wmma.bits, scalar = place.part / perScalar;
  uint64_t word = group.get<uint64_t>(place.lane, operand, scalar);
  const std::vector<uint32_t> &table = words.at(operand ? wmma.b : wmma.a);
  word |= uint64_t(table[size_t(value)]) << (place.part % perScalar * wmma.bits);
  switch (wmma.scalarBits) { // The emulator leaves the rest of a slot alone.
  case 16:
    return group.put(place.lane, operand, uint16_t(word), scalar);
  case 32:
    return group.put(place.lane, operand, uint32_t(word), scalar);
  default:
    return group.put(place.lane, operand, word, scalar);
  }
}

void putFactors(FakeGroup &group, const Wmma &wmma, const Matrices &m) {
  for (unsigned i = 0; i < 16; ++i)
    for (unsigned k = 0; k < wmma.depth; ++k)
      for (unsigned operand = 0; operand < 2; ++operand) {
        int value = operand ? m.b[i][k] : m.a[i][k];
        if (!isGfx11(wmma))
          putFactor(group, wmma, operand, placeOfFactor(wmma, i, k), value);
        for (unsigned copy = 0; isGfx11(wmma) && copy < wmma.wave; copy += 16)
          putFactor(group, wmma, operand, {i + copy, k}, value);
      }
}

/// Words of f16 and bf16 that hold small integers.
uint16_t halfOf(const Wmma &wmma, int value) {
  float number = float(value);
  uint32_t bits;
  std::memcpy(&bits, &number, sizeof(bits));
  if (std::string(wmma.a) == "bf16" || value == 0)
    return uint16_t(bits >> 16);
  return uint16_t((bits >> 13) - (112 << 10));
}

unsigned scalarOf(const Wmma &wmma, unsigned part, bool opsel) {
  return isGfx11(wmma) && isHalf(wmma) ? 2 * part + opsel : part;
}

FakeGroup makeWmma(FakeBlock &block, const Wmma &wmma, const Matrices &m, bool opsel) {
  FakeGroup group(block, std::string("rocdl.wmma.") + wmma.op, opsel ? "opsel=true" : "",
                  signatureOf(wmma), wmma.wave, wmma.wave == 32 ? 0xFFFFFFFF : ~uint64_t(0));
  group.setChip(wmma.chip);
  putFactors(group, wmma, m);
  for (unsigned i = 0; i < 16; ++i)
    for (unsigned j = 0; j < 16; ++j) {
      Place place = placeOfResult(wmma, i, j);
      unsigned scalar = scalarOf(wmma, place.part, opsel);
      if (isHalf(wmma))
        group.put(place.lane, 2, halfOf(wmma, m.c[i][j]), scalar);
      else if (wmma.sum[0] == 'i')
        group.put(place.lane, 2, m.c[i][j], scalar);
      else
        group.put(place.lane, 2, float(m.c[i][j]), scalar);
      if (isGfx11(wmma) && isHalf(wmma))
        group.poison(place.lane, 2, scalar ^ 1);
    }
  return group;
}

void expectProducts(const FakeGroup &group, const Wmma &wmma, const Matrices &m, bool opsel) {
  for (unsigned i = 0; i < 16; ++i)
    for (unsigned j = 0; j < 16; ++j) {
      Place place = placeOfResult(wmma, i, j);
      unsigned scalar = scalarOf(wmma, place.part, opsel);
      int expected = m.product(wmma.depth, i, j);
      if (isHalf(wmma))
        ASSERT_EQ(group.result<uint16_t>(place.lane, scalar), halfOf(wmma, expected))
            << wmma.op << " " << i << " " << j;
      else if (wmma.sum[0] == 'i')
        ASSERT_EQ(group.result<int>(place.lane, scalar), expected) << wmma.op;
      else
        ASSERT_EQ(group.result<float>(place.lane, scalar), float(expected)) << wmma.op;
      bool other = isGfx11(wmma) && isHalf(wmma);
      if (other)
        ASSERT_TRUE(group.resultIsPoison(place.lane, scalar ^ 1));
      ASSERT_FALSE(group.resultIsPoison(place.lane, scalar));
    }
}
} // namespace

TEST(AMDWmma, ShapesAndFormats) {
  for (const Wmma &wmma : wmmas)
    for (bool opsel : {false, true}) {
      if (opsel && !(isGfx11(wmma) && isHalf(wmma)))
        continue;
      FakeBlock block;
      Matrices matrices(wmma.depth);
      FakeGroup group = makeWmma(block, wmma, matrices, opsel);
      EXPECT_EQ(group.refusal(), nullptr);
      EXPECT_EQ(group.lacking(wmma.chip), nullptr);
      group.run();
      ASSERT_EQ(group.reports, std::vector<std::string>()) << wmma.op;
      EXPECT_EQ(block.counts[POSENC_EMU_TENSOR], 256u * wmma.depth);
      expectProducts(group, wmma, matrices, opsel);
    }
}

TEST(AMDWmma, DuplicatesMustAgree) {
  FakeBlock block;
  FakeGroup group = makeWmma(block, wmmas[0], Matrices(16), false);
  group.put<uint16_t>(18, 1, 0x4200, 3);
  group.put<uint16_t>(2, 1, 0x3C00, 3);
  group.run();
  EXPECT_EQ(group.reports,
            std::vector<std::string>{"18: expected element 3 of operand 1 to be the same in "
                                     "lanes 2 and 18 but got 0x3c00 and 0x4200"});
}

TEST(AMDWmma, OperandsOfAnotherChip) {
  FakeBlock block;
  FakeGroup wide(block, "rocdl.wmma.f32.16x16x16.f16", "", "f16x16,f16x16,f32x8>f32x8");
  wide.setChip("gfx1201");
  wide.run();
  EXPECT_EQ(wide.reports,
            std::vector<std::string>{
                "0: expected 128 bits of factors per lane of a wave of 32 but got 256"});
  FakeGroup narrow(block, "rocdl.wmma.f32.16x16x16.f16", "", "f16x8,f16x8,f32x8>f32x8");
  narrow.setChip("gfx1100");
  narrow.run();
  EXPECT_EQ(narrow.reports,
            std::vector<std::string>{
                "0: expected 256 bits of factors per lane of a wave of 32 but got 128"});
  FakeGroup sums(block, "rocdl.wmma.f32.16x16x16.f16", "", "f16x16,f16x16,f32x4>f32x4");
  sums.setChip("gfx1100");
  sums.run();
  EXPECT_EQ(sums.reports,
            std::vector<std::string>{"0: expected 8 scalars of the sum per lane but got 4"});
}

TEST(AMDWmma, SignsAndSaturation) {
  for (bool clamp : {false, true}) {
    FakeBlock block;
    FakeGroup group(block, "rocdl.wmma.i32.16x16x16.iu8",
                    std::string("signA=true;signB=false;clamp=") + (clamp ? "true" : "false"),
                    "i32x4,i32x4,i32x8>i32x8");
    group.setChip("gfx1100");
    for (unsigned lane = 0; lane < 32; ++lane) {
      group.put(lane, 0, 0x80); // −128
      group.put(lane, 1, 0xFF); // 255
      group.put(lane, 2, INT32_MIN, 0);
    }
    group.run();
    EXPECT_EQ(group.reports, std::vector<std::string>());
    EXPECT_EQ(group.result<int>(0, 1), -128 * 255);
    EXPECT_EQ(group.result<int>(0, 0), clamp ? INT32_MIN : INT32_MAX - 128 * 255 + 1);
  }
}

TEST(AMDWmma, UndefinedOperands) {
  for (unsigned operand = 0; operand < 3; ++operand) {
    FakeBlock block;
    FakeGroup group = makeWmma(block, wmmas[0], Matrices(16), false);
    group.poison(3, operand, 5);
    group.run();
    EXPECT_EQ(group.reports, std::vector<std::string>{"3: poison reaches an instruction"});
  }
}

TEST(AMDWmma, Chips) {
  FakeBlock block;
  FakeGroup fp8(block, "rocdl.wmma.f32.16x16x16.fp8_fp8", "", "i32x2,i32x2,f32x8>f32x8");
  EXPECT_STREQ(fp8.lacking("gfx1100"), "gfx12");
  FakeGroup f16(block, "rocdl.wmma.f32.16x16x16.f16", "", "f16x16,f16x16,f32x8>f32x8");
  EXPECT_STREQ(f16.lacking("gfx942"), "gfx11 or gfx12");
  FakeGroup intrinsic(block, "llvm.amdgcn.wmma.i32.16x16x16.iu8.v8i32.v4i32", "",
                      "i1,i32x4,i1,i32x4,i32x8,i1>i32x8");
  EXPECT_STREQ(intrinsic.refusal(), "expected the rocdl op");
}
