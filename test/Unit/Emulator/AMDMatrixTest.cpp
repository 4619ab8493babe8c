//===- AMDMatrixTest.cpp - mfma and wmma against the product's definition -===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Which lane and scalar holds an element is computed here from the element's
// coordinates, as AMD's ISA documents have it per shape. Factors are small integers, so
// that every order of summation gives the same.
//===----------------------------------------------------------------------===//

#include "FakeGroup.h"

#include "gtest/gtest.h"

#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

using namespace posenc::emulator;

namespace {
/// The words of −2 … 2 per format.
const std::map<std::string, std::vector<uint32_t>> words = {
    {"f16", {0xC000, 0xBC00, 0, 0x3C00, 0x4000}},
    {"bf16", {0xC000, 0xBF80, 0, 0x3F80, 0x4000}},
    {"f32", {0xC0000000, 0xBF800000, 0, 0x3F800000, 0x40000000}},
    {"i8", {0xFE, 0xFF, 0, 1, 2}},
    {"i4", {0xE, 0xF, 0, 1, 2}},
    {"fp8", {0xC0, 0xB8, 0, 0x38, 0x40}},
    {"bf8", {0xC0, 0xBC, 0, 0x3C, 0x40}},
    {"fp8fnuz", {0xC8, 0xC0, 0, 0x40, 0x48}},
    {"bf8fnuz", {0xC4, 0xC0, 0, 0x40, 0x44}},
};
unsigned bitsOf(const std::string &format) {
  return format == "f32"                       ? 32
         : format == "f16" || format == "bf16" ? 16
         : format == "i4"                      ? 4
                                               : 8;
}

/// Where an element lies: `part` counts elements of a lane.
struct Place {
  unsigned lane, part;
};

/// Numbers of a few blocks of matrices.
struct Matrices {
  unsigned side, depth, blocks;
  std::vector<int> a, b, c;

  Matrices(unsigned side, unsigned depth, unsigned blocks)
      : side(side), depth(depth), blocks(blocks), a(side * depth * blocks), b(a.size()),
        c(side * side * blocks) {
    std::mt19937 random(side * 1000 + depth);
    for (std::vector<int> *matrix : {&a, &b, &c})
      for (int &value : *matrix)
        value = int(random() % 5) - 2;
  }
  int &atA(unsigned block, unsigned row, unsigned k) {
    return a[(block * side + row) * depth + k];
  }
  int &atB(unsigned block, unsigned column, unsigned k) {
    return b[(block * side + column) * depth + k];
  }
  int &atC(unsigned block, unsigned row, unsigned column) {
    return c[(block * side + row) * side + column];
  }
  int product(unsigned block, unsigned row, unsigned column) {
    int sum = atC(block, row, column);
    for (unsigned k = 0; k < depth; ++k)
      sum += atA(block, row, k) * atB(block, column, k);
    return sum;
  }
};

/// Puts a factor into the scalars of a lane, `scalarBits` wide.
void putFactor(FakeGroup &group, unsigned operand, Place place, const std::string &format,
               int value, unsigned scalarBits) {
  unsigned bits = bitsOf(format), perScalar = scalarBits / bits;
  unsigned scalar = place.part / perScalar;
  uint64_t word = group.get<uint64_t>(place.lane, operand, scalar);
  word |= uint64_t(words.at(format)[size_t(value + 2)]) << (place.part % perScalar * bits);
  switch (scalarBits) { // The emulator leaves the rest of a slot alone.
  case 16:
    return group.put(place.lane, operand, uint16_t(word), scalar);
  case 32:
    return group.put(place.lane, operand, uint32_t(word), scalar);
  default:
    return group.put(place.lane, operand, word, scalar);
  }
}

//===----------------------------------------------------------------------===//
// mfma
//===----------------------------------------------------------------------===//

struct Mfma {
  const char *op, *chip;
  unsigned side, depth, blocks;
  const char *a, *b;
  /// Of an operand in the signature, and its scalar's bits.
  const char *factor;
  unsigned scalarBits;
};

const Mfma mfmas[] = {
    {"rocdl.mfma.f32.32x32x1f32", "gfx90a", 32, 1, 2, "f32", "f32", "f32", 32},
    {"rocdl.mfma.f32.16x16x1f32", "gfx90a", 16, 1, 4, "f32", "f32", "f32", 32},
    {"rocdl.mfma.f32.4x4x1f32", "gfx90a", 4, 1, 16, "f32", "f32", "f32", 32},
    {"rocdl.mfma.f32.32x32x2f32", "gfx90a", 32, 2, 1, "f32", "f32", "f32", 32},
    {"rocdl.mfma.f32.16x16x4f32", "gfx90a", 16, 4, 1, "f32", "f32", "f32", 32},
    {"rocdl.mfma.f32.32x32x4f16", "gfx90a", 32, 4, 2, "f16", "f16", "f16x4", 16},
    {"rocdl.mfma.f32.16x16x4f16", "gfx90a", 16, 4, 4, "f16", "f16", "f16x4", 16},
    {"rocdl.mfma.f32.4x4x4f16", "gfx90a", 4, 4, 16, "f16", "f16", "f16x4", 16},
    {"rocdl.mfma.f32.32x32x8f16", "gfx90a", 32, 8, 1, "f16", "f16", "f16x4", 16},
    {"rocdl.mfma.f32.16x16x16f16", "gfx90a", 16, 16, 1, "f16", "f16", "f16x4", 16},
    {"rocdl.mfma.i32.32x32x4i8", "gfx90a", 32, 4, 2, "i8", "i8", "i32", 32},
    {"rocdl.mfma.i32.16x16x4i8", "gfx90a", 16, 4, 4, "i8", "i8", "i32", 32},
    {"rocdl.mfma.i32.4x4x4i8", "gfx90a", 4, 4, 16, "i8", "i8", "i32", 32},
    {"rocdl.mfma.i32.32x32x8i8", "gfx90a", 32, 8, 1, "i8", "i8", "i32", 32},
    {"rocdl.mfma.i32.16x16x16i8", "gfx90a", 16, 16, 1, "i8", "i8", "i32", 32},
    {"rocdl.mfma.f32.32x32x2bf16", "gfx90a", 32, 2, 2, "bf16", "bf16", "i16x2", 16},
    {"rocdl.mfma.f32.16x16x2bf16", "gfx90a", 16, 2, 4, "bf16", "bf16", "i16x2", 16},
    {"rocdl.mfma.f32.4x4x2bf16", "gfx90a", 4, 2, 16, "bf16", "bf16", "i16x2", 16},
    {"rocdl.mfma.f32.32x32x4bf16", "gfx90a", 32, 4, 1, "bf16", "bf16", "i16x2", 16},
    {"rocdl.mfma.f32.16x16x8bf16", "gfx90a", 16, 8, 1, "bf16", "bf16", "i16x2", 16},
    {"rocdl.mfma.f32.32x32x4bf16.1k", "gfx942", 32, 4, 2, "bf16", "bf16", "i16x4", 16},
    {"rocdl.mfma.f32.16x16x4bf16.1k", "gfx942", 16, 4, 4, "bf16", "bf16", "i16x4", 16},
    {"rocdl.mfma.f32.4x4x4bf16.1k", "gfx942", 4, 4, 16, "bf16", "bf16", "i16x4", 16},
    {"rocdl.mfma.f32.32x32x8bf16.1k", "gfx942", 32, 8, 1, "bf16", "bf16", "i16x4", 16},
    {"rocdl.mfma.f32.16x16x16bf16.1k", "gfx942", 16, 16, 1, "bf16", "bf16", "i16x4", 16},
    {"rocdl.mfma.i32.16x16x32.i8", "gfx942", 16, 32, 1, "i8", "i8", "i64", 64},
    {"rocdl.mfma.i32.32x32x16.i8", "gfx942", 32, 16, 1, "i8", "i8", "i64", 64},
    {"rocdl.mfma.f32.16x16x8.xf32", "gfx942", 16, 8, 1, "f32", "f32", "f32x2", 32},
    {"rocdl.mfma.f32.32x32x4.xf32", "gfx942", 32, 4, 1, "f32", "f32", "f32x2", 32},
    {"rocdl.mfma.f32.16x16x32.bf8.bf8", "gfx942", 16, 32, 1, "bf8fnuz", "bf8fnuz", "i64", 64},
    {"rocdl.mfma.f32.16x16x32.bf8.fp8", "gfx942", 16, 32, 1, "bf8fnuz", "fp8fnuz", "i64", 64},
    {"rocdl.mfma.f32.16x16x32.fp8.bf8", "gfx950", 16, 32, 1, "fp8", "bf8", "i64", 64},
    {"rocdl.mfma.f32.16x16x32.fp8.fp8", "gfx950", 16, 32, 1, "fp8", "fp8", "i64", 64},
    {"rocdl.mfma.f32.32x32x16.bf8.bf8", "gfx942", 32, 16, 1, "bf8fnuz", "bf8fnuz", "i64", 64},
    {"rocdl.mfma.f32.32x32x16.bf8.fp8", "gfx950", 32, 16, 1, "bf8", "fp8", "i64", 64},
    {"rocdl.mfma.f32.32x32x16.fp8.bf8", "gfx942", 32, 16, 1, "fp8fnuz", "bf8fnuz", "i64", 64},
    {"rocdl.mfma.f32.32x32x16.fp8.fp8", "gfx950", 32, 16, 1, "fp8", "fp8", "i64", 64},
    {"rocdl.mfma.f32.16x16x32.bf16", "gfx950", 16, 32, 1, "bf16", "bf16", "bf16x8", 16},
    {"rocdl.mfma.f32.16x16x32.f16", "gfx950", 16, 32, 1, "f16", "f16", "f16x8", 16},
    {"rocdl.mfma.f32.32x32x16.bf16", "gfx950", 32, 16, 1, "bf16", "bf16", "bf16x8", 16},
    {"rocdl.mfma.f32.32x32x16.f16", "gfx950", 32, 16, 1, "f16", "f16", "f16x8", 16},
    {"rocdl.mfma.i32.16x16x64.i8", "gfx950", 16, 64, 1, "i8", "i8", "i32x4", 32},
    {"rocdl.mfma.i32.32x32x32.i8", "gfx950", 32, 32, 1, "i8", "i8", "i32x4", 32},
};

/// Lanes for a block stand side by side; k runs through a lane's elements, then through
/// groups of lanes.
Place placeOfFactor(const Mfma &mfma, unsigned block, unsigned rowOrColumn, unsigned k) {
  unsigned perLane = mfma.side * mfma.depth * mfma.blocks / 64;
  return {mfma.side * (mfma.blocks > 1 ? block : k / perLane) + rowOrColumn, k % perLane};
}

Place placeOfResult(unsigned side, unsigned block, unsigned row, unsigned column) {
  if (side == 32)
    return {32 * (row / 4 % 2) + column, 16 * block + 4 * (row / 8) + row % 4};
  if (side == 16)
    return {16 * (row / 4) + column, 4 * block + row % 4};
  return {4 * block + column, row};
}

std::string signatureOf(const Mfma &mfma) {
  std::string result = std::string(mfma.op).substr(11, 3) + "x" +
                       std::to_string(mfma.side * mfma.side * mfma.blocks / 64);
  return std::string(mfma.factor) + "," + mfma.factor + "," + result + ",i32,i32,i32>" + result;
}

/// Fills a wave with the matrices.
FakeGroup makeMfma(FakeBlock &block, const Mfma &mfma, Matrices &m) {
  FakeGroup group(block, mfma.op, "", signatureOf(mfma), 64, ~uint64_t(0));
  group.setChip(mfma.chip);
  bool isInteger = signatureOf(mfma).find(",i32x") != std::string::npos;
  for (unsigned b = 0; b < m.blocks; ++b)
    for (unsigned i = 0; i < m.side; ++i) {
      for (unsigned k = 0; k < m.depth; ++k) {
        Place place = placeOfFactor(mfma, b, i, k);
        putFactor(group, 0, place, mfma.a, m.atA(b, i, k), mfma.scalarBits);
        putFactor(group, 1, place, mfma.b, m.atB(b, i, k), mfma.scalarBits);
      }
      for (unsigned j = 0; j < m.side; ++j) {
        Place place = placeOfResult(m.side, b, i, j);
        if (isInteger)
          group.put(place.lane, 2, m.atC(b, i, j), place.part);
        else
          group.put(place.lane, 2, float(m.atC(b, i, j)), place.part);
      }
    }
  return group;
}

void putModifiers(FakeGroup &group, unsigned cbsz, unsigned abid, unsigned blgp) {
  group.putAll(3, cbsz);
  group.putAll(4, abid);
  group.putAll(5, blgp);
}

int resultOf(const FakeGroup &group, const Mfma &mfma, unsigned block, unsigned row,
             unsigned column) {
  Place place = placeOfResult(mfma.side, block, row, column);
  if (std::string(mfma.op).substr(11, 3) == "i32")
    return group.result<int>(place.lane, place.part);
  return int(group.result<float>(place.lane, place.part));
}

void expectProducts(const FakeGroup &group, const Mfma &mfma, Matrices &m) {
  for (unsigned b = 0; b < m.blocks; ++b)
    for (unsigned i = 0; i < m.side; ++i)
      for (unsigned j = 0; j < m.side; ++j)
        ASSERT_EQ(resultOf(group, mfma, b, i, j), m.product(b, i, j))
            << mfma.op << " block " << b << " row " << i << " column " << j;
}
} // namespace

TEST(AMDMfma, ShapesAndFormats) {
  for (const Mfma &mfma : mfmas) {
    FakeBlock block;
    Matrices matrices(mfma.side, mfma.depth, mfma.blocks);
    FakeGroup group = makeMfma(block, mfma, matrices);
    ASSERT_EQ(group.run(), Outcome::Done);
    EXPECT_EQ(group.reports, std::vector<std::string>());
    EXPECT_EQ(group.lacking(mfma.chip), nullptr) << mfma.op;
    EXPECT_EQ(block.counts[POSENC_EMU_TENSOR],
              uint64_t(mfma.side) * mfma.side * mfma.depth * mfma.blocks);
    expectProducts(group, mfma, matrices);
  }
}

TEST(AMDMfma, BroadcastOfBlocks) {
  const Mfma &mfma = mfmas[7]; // 4x4x4 of 16 blocks
  for (auto [cbsz, abid] : {std::tuple(1u, 0u), {1u, 1u}, {2u, 3u}, {4u, 13u}}) {
    FakeBlock block;
    Matrices matrices(4, 4, 16), seen = matrices;
    for (unsigned b = 0; b < 16; ++b)
      for (unsigned i = 0; i < 4; ++i)
        for (unsigned k = 0; k < 4; ++k)
          seen.atA(b, i, k) = matrices.atA((b >> cbsz << cbsz) + abid, i, k);
    FakeGroup group = makeMfma(block, mfma, matrices);
    putModifiers(group, cbsz, abid, 0);
    group.run();
    EXPECT_EQ(group.reports, std::vector<std::string>());
    expectProducts(group, mfma, seen);
  }
}

TEST(AMDMfma, LanesOfB) {
  const Mfma &mfma = mfmas[6]; // 16x16x4 of 4 blocks: a block of B is 16 lanes.
  const std::vector<std::vector<unsigned>> patterns = {{0, 1, 2, 3}, {0, 1, 0, 1}, {2, 3, 2, 3},
                                                       {1, 2, 3, 0}, {0, 0, 0, 0}, {1, 1, 1, 1},
                                                       {2, 2, 2, 2}, {3, 3, 3, 3}};
  for (unsigned blgp = 0; blgp < 8; ++blgp) {
    FakeBlock block;
    Matrices matrices(16, 4, 4), seen = matrices;
    for (unsigned b = 0; b < 4; ++b)
      for (unsigned j = 0; j < 16; ++j)
        for (unsigned k = 0; k < 4; ++k)
          seen.atB(b, j, k) = matrices.atB(patterns[blgp][b], j, k);
    FakeGroup group = makeMfma(block, mfma, matrices);
    putModifiers(group, 0, 0, blgp);
    group.run();
    EXPECT_EQ(group.reports, std::vector<std::string>());
    expectProducts(group, mfma, seen);
  }
}

TEST(AMDMfma, RefusedModifiers) {
  struct Case {
    unsigned mfma, cbsz, abid, blgp;
    const char *report;
  };
  for (const Case &c :
       {Case{8, 1, 0, 0,
             "0: expected cbsz of rocdl.mfma.f32.32x32x8f16 to be at most 0 but got 1"},
        {7, 5, 0, 0, "0: expected cbsz of rocdl.mfma.f32.4x4x4f16 to be at most 4 but got 5"},
        {7, 1, 2, 0, "0: expected abid of rocdl.mfma.f32.4x4x4f16 to be at most 1 but got 2"},
        {8, 0, 0, 3,
         "0: expected blgp of rocdl.mfma.f32.32x32x8f16 to be at most 0 but got 3"}}) {
    FakeBlock block;
    const Mfma &mfma = mfmas[c.mfma];
    Matrices matrices(mfma.side, mfma.depth, mfma.blocks);
    FakeGroup group = makeMfma(block, mfma, matrices);
    putModifiers(group, c.cbsz, c.abid, c.blgp);
    group.run();
    EXPECT_EQ(group.reports, std::vector<std::string>{c.report});
  }
}

TEST(AMDMfma, MissingLanes) {
  FakeBlock block;
  FakeGroup group(block, mfmas[8].op, "", signatureOf(mfmas[8]), 64, ~uint64_t(0) - 6);
  group.setChip("gfx942");
  group.run();
  EXPECT_EQ(group.reports,
            std::vector<std::string>{"0: lanes missing from rocdl.mfma.f32.32x32x8f16: 1, 2"});
}

TEST(AMDMfma, UndefinedFactor) {
  FakeBlock block;
  FakeGroup group(block, mfmas[8].op, "", signatureOf(mfmas[8]), 64, ~uint64_t(0));
  group.setChip("gfx942");
  group.poison(5, 0, 1);
  group.run();
  EXPECT_EQ(group.reports, std::vector<std::string>{"5: poison reaches an instruction"});
}

TEST(AMDMfma, DoublePrecision) {
  for (const char *chip : {"gfx90a", "gfx942"})
    for (unsigned blgp : {0u, 5u}) {
      FakeBlock block;
      FakeGroup group(block, "rocdl.mfma.f64.16x16x4f64", "", "f64,f64,f64x4,i32,i32,i32>f64x4",
                      64, ~uint64_t(0));
      group.setChip(chip);
      Matrices m(16, 4, 1);
      for (unsigned i = 0; i < 16; ++i) {
        for (unsigned k = 0; k < 4; ++k) {
          group.put(16 * k + i, 0, double(m.atA(0, i, k)));
          group.put(16 * k + i, 1, double(m.atB(0, i, k)) + 0x1p-40);
        }
        for (unsigned j = 0; j < 16; ++j)
          group.put(16 * (i % 4) + j, 2, double(m.atC(0, i, j)), i / 4);
      }
      putModifiers(group, 0, 0, blgp);
      group.run();
      if (blgp && std::string(chip) == "gfx90a") {
        EXPECT_EQ(group.reports.size(), 1u);
        continue;
      }
      EXPECT_EQ(group.reports, std::vector<std::string>());
      int sign = blgp ? -1 : 1; // 5 negates A and C.
      for (unsigned i = 0; i < 16; ++i)
        for (unsigned j = 0; j < 16; ++j) {
          double sum = m.atC(0, i, j);
          for (unsigned k = 0; k < 4; ++k)
            sum += m.atA(0, i, k) * (m.atB(0, j, k) + 0x1p-40);
          ASSERT_EQ(group.result<double>(16 * (i % 4) + j, i / 4), sign * sum);
        }
    }
}

TEST(AMDMfma, DoublePrecisionBlocks) {
  FakeBlock block;
  FakeGroup group(block, "rocdl.mfma.f64.4x4x4f64", "", "f64,f64,f64,i32,i32,i32>f64", 64,
                  ~uint64_t(0));
  group.setChip("gfx942");
  Matrices m(4, 4, 4);
  for (unsigned b = 0; b < 4; ++b)
    for (unsigned i = 0; i < 4; ++i) {
      for (unsigned k = 0; k < 4; ++k) {
        group.put(4 * b + 16 * k + i, 0, double(m.atA(b, i, k)));
        group.put(4 * b + 16 * k + i, 1, double(m.atB(b, i, k)));
      }
      for (unsigned j = 0; j < 4; ++j)
        group.put(16 * i + 4 * b + j, 2, double(m.atC(b, i, j)));
    }
  group.run();
  EXPECT_EQ(group.reports, std::vector<std::string>());
  for (unsigned b = 0; b < 4; ++b)
    for (unsigned i = 0; i < 4; ++i)
      for (unsigned j = 0; j < 4; ++j)
        ASSERT_EQ(group.result<double>(16 * i + 4 * b + j), m.product(b, i, j));
}

TEST(AMDMfma, ReducedPrecision) {
  // 1 + 2^-11 is half way between two numbers of xf32: to even.
  FakeBlock block;
  FakeGroup group(block, "rocdl.mfma.f32.16x16x8.xf32", "",
                  "f32x2,f32x2,f32x4,i32,i32,i32>f32x4", 64, ~uint64_t(0));
  group.setChip("gfx942");
  for (unsigned i = 0; i < 16; ++i) {
    group.put(i, 0, i % 2 ? 1 + 0x1p-11f : 1 + 0x3p-11f);
    group.put(i, 1, 1.0f);
  }
  group.run();
  EXPECT_EQ(group.result<float>(0, 0), 1 + 0x1p-9f);
  EXPECT_EQ(group.result<float>(0, 1), 1.0f);
}

TEST(AMDMfma, Chips) {
  FakeBlock block;
  FakeGroup group(block, "rocdl.mfma.f32.32x32x16.f16", "", "f16x8,f16x8,f32x16>f32x16", 64,
                  ~uint64_t(0));
  EXPECT_STREQ(group.lacking("gfx942"), "gfx950");
  EXPECT_EQ(group.lacking("gfx950"), nullptr);
  FakeGroup old(block, "rocdl.mfma.f32.32x32x4bf16", "", "i16x2,i16x2,f32x16>f32x16", 64,
                ~uint64_t(0));
  EXPECT_STREQ(old.lacking("gfx1100"), "gfx908 or gfx90a");
  FakeGroup all(block, "rocdl.mfma.f32.32x32x8f16", "", "f16x4,f16x4,f32x16>f32x16", 64,
                ~uint64_t(0));
  EXPECT_STREQ(all.lacking("gfx1201"), "gfx908, gfx90a, gfx942 or gfx950");
}
