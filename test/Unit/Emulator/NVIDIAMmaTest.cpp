//===- NVIDIAMmaTest.cpp - mma.sync against the definition of a product ---===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Which lane and register holds an element is computed here from the element's
// coordinates, as the PTX ISA's figures have it per format.
//===----------------------------------------------------------------------===//

#include "FakeGroup.h"

#include "gtest/gtest.h"

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

using namespace posenc::emulator;

namespace {
/// Where an element lies.
struct Place {
  unsigned lane, reg, part;
};

Place placeOfC(unsigned row, unsigned column) {
  return {(row % 8) * 4 + column / 2, column % 2 + 2 * (row / 8), 0};
}

/// 16-bit formats.
Place placeOfA16(unsigned row, unsigned k) {
  unsigned i = k % 2 + 2 * (row / 8) + 4 * (k / 8);
  return {(row % 8) * 4 + (k % 8) / 2, i / 2, i % 2};
}
Place placeOfB16(unsigned k, unsigned column) {
  unsigned i = k % 2 + 2 * (k / 8);
  return {column * 4 + (k % 8) / 2, i / 2, i % 2};
}
Place placeOfA32(unsigned row, unsigned k) {
  return {(row % 8) * 4 + k % 4, row / 8 + 2 * (k / 4), 0};
}
Place placeOfB32(unsigned k, unsigned column) { return {column * 4 + k % 4, k / 4, 0}; }
/// 8-bit formats; with 8 rows there is one register of A.
Place placeOfA8(unsigned row, unsigned k) {
  return {(row % 8) * 4 + (k % 16) / 4, row / 8 + 2 * (k / 16), k % 4};
}
Place placeOfB8(unsigned k, unsigned column) {
  return {column * 4 + (k % 16) / 4, k / 16, k % 4};
}
Place placeOfA4(unsigned row, unsigned k) {
  return {(row % 8) * 4 + (k % 32) / 8, row / 8 + 2 * (k / 32), k % 8};
}
Place placeOfB4(unsigned k, unsigned column) {
  return {column * 4 + (k % 32) / 8, k / 32, k % 8};
}
Place placeOfA1(unsigned row, unsigned k) {
  return {(row % 8) * 4 + (k % 128) / 32, row / 8 + 2 * (k / 128), k % 32};
}
Place placeOfB1(unsigned k, unsigned column) {
  return {column * 4 + (k % 128) / 32, k / 128, k % 32};
}

struct Shape {
  const char *type;
  unsigned m, k, bits;
  Place (*a)(unsigned, unsigned);
  Place (*b)(unsigned, unsigned);

  unsigned registersOfA() const { return m * k * bits / 32 / 32; }
  unsigned registersOfB() const { return 8 * k * bits / 32 / 32; }
};

const Shape kF16[] = {{"f16", 16, 16, 16, placeOfA16, placeOfB16},
                      {"f16", 16, 8, 16, placeOfA16, placeOfB16}};
const Shape kBF16[] = {{"bf16", 16, 16, 16, placeOfA16, placeOfB16},
                       {"bf16", 16, 8, 16, placeOfA16, placeOfB16}};
const Shape kTF32[] = {{"tf32", 16, 4, 32, placeOfA32, placeOfB32},
                       {"tf32", 16, 8, 32, placeOfA32, placeOfB32}};
const Shape kIntegers[] = {
    {"s8", 8, 16, 8, placeOfA8, placeOfB8},   {"s8", 16, 16, 8, placeOfA8, placeOfB8},
    {"u8", 16, 32, 8, placeOfA8, placeOfB8},  {"s8", 16, 32, 8, placeOfA8, placeOfB8},
    {"s4", 8, 32, 4, placeOfA4, placeOfB4},   {"s4", 16, 32, 4, placeOfA4, placeOfB4},
    {"u4", 16, 64, 4, placeOfA4, placeOfB4},  {"b1", 8, 128, 1, placeOfA1, placeOfB1},
    {"b1", 16, 128, 1, placeOfA1, placeOfB1}, {"b1", 16, 256, 1, placeOfA1, placeOfB1},
};

std::string attributesOf(const Shape &shape, const std::string &more = "") {
  std::string type = std::string("#nvvm.mma_type<") + shape.type + ">";
  return "shape=#nvvm.shape<m = " + std::to_string(shape.m) +
         ", n = 8, k = " + std::to_string(shape.k) +
         ">;layoutA=#nvvm.mma_layout<row>;layoutB=#nvvm.mma_layout<col>;" +
         "multiplicandAPtxType=" + type + ";multiplicandBPtxType=" + type + more;
}

std::string list(unsigned count, const std::string &type) {
  std::string text;
  for (unsigned i = 0; i < count; ++i)
    text += (i ? "," : "") + type;
  return text;
}

std::string signatureOf(const Shape &shape, const std::string &accumulator) {
  unsigned results = shape.m * 8 / 32;
  bool half = accumulator == "f16";
  std::string factor = shape.type == std::string("f16") ? "f16x2" : "i32";
  std::string sums = half ? list(results / 2, "f16x2") : list(results, accumulator);
  return list(shape.registersOfA() + shape.registersOfB(), factor) + "," + sums + ">" + sums;
}

/// A group with registers of 32 bits filled bit by bit.
struct Product {
  Product(const Shape &shape, const std::string &accumulator, const std::string &more = "")
      : shape(shape), half(accumulator == "f16"),
        group(block, "nvvm.mma.sync", attributesOf(shape, more),
              signatureOf(shape, accumulator)) {}

  void putFactor(const Place &place, unsigned first, uint32_t bits) {
    unsigned operand = first + place.reg;
    if (group.elements(operand) == 2) {
      group.put(place.lane, operand, uint16_t(bits), place.part);
      return;
    }
    uint32_t word = group.get<uint32_t>(place.lane, operand);
    group.put(place.lane, operand, word | bits << shape.bits * place.part);
  }
  void putA(unsigned row, unsigned k, uint32_t bits) { putFactor(shape.a(row, k), 0, bits); }
  void putB(unsigned k, unsigned column, uint32_t bits) {
    putFactor(shape.b(k, column), shape.registersOfA(), bits);
  }
  template <class T> void putC(unsigned row, unsigned column, T value) {
    Place place = placeOfC(row, column);
    unsigned first = shape.registersOfA() + shape.registersOfB();
    if (half)
      group.put(place.lane, first + place.reg / 2, value, place.reg % 2);
    else
      group.put(place.lane, first + place.reg, value);
  }
  template <class T> T getD(unsigned row, unsigned column) {
    Place place = placeOfC(row, column);
    return group.result<T>(place.lane, place.reg);
  }

  FakeBlock block;
  const Shape &shape;
  bool half;
  FakeGroup group;
};

uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}

/// Of small integers, which every format here holds.
uint32_t encodeInteger(const Shape &shape, int value) {
  std::string type = shape.type;
  if (type == "tf32")
    return bitsOf(float(value));
  if (type == "bf16")
    return bitsOf(float(value)) >> 16;
  if (type == "f16") {
    if (value == 0)
      return 0;
    int exponent = std::ilogb(float(value));
    uint32_t fraction = uint32_t(std::abs(value)) << (10 - exponent) & 0x3FF;
    return (value < 0 ? 0x8000u : 0u) | uint32_t(exponent + 15) << 10 | fraction;
  }
  return uint32_t(value) & ((1u << shape.bits) - 1);
}
} // namespace

/// Integers: every order of additions is exact, so that the result is one number.
static void checkIntegers(const Shape &shape, int least, int most) {
  SCOPED_TRACE(std::string(shape.type) + " m" + std::to_string(shape.m) + "k" +
               std::to_string(shape.k));
  bool isFloat = shape.bits >= 16;
  Product product(shape, isFloat ? "f32" : "i32",
                  isFloat ? "" : ";b1Op=#nvvm.mma_b1op<xor_popc>");
  std::mt19937 random(7);
  std::uniform_int_distribution<int> draw(least, most);
  std::vector<std::vector<int>> a(shape.m, std::vector<int>(shape.k)), b(shape.k),
      c(shape.m, std::vector<int>(8));
  for (unsigned row = 0; row < shape.m; ++row)
    for (unsigned k = 0; k < shape.k; ++k)
      product.putA(row, k, encodeInteger(shape, a[row][k] = draw(random)));
  for (unsigned k = 0; k < shape.k; ++k)
    for (unsigned column = 0; column < 8; ++column) {
      b[k].push_back(draw(random));
      product.putB(k, column, encodeInteger(shape, b[k][column]));
    }
  for (unsigned row = 0; row < shape.m; ++row)
    for (unsigned column = 0; column < 8; ++column) {
      c[row][column] = draw(random);
      if (isFloat)
        product.putC(row, column, float(c[row][column]));
      else
        product.putC(row, column, int32_t(c[row][column]));
    }
  product.group.run();
  EXPECT_TRUE(product.group.reports.empty());
  EXPECT_EQ(product.block.counts[POSENC_EMU_TENSOR], shape.m * 8 * shape.k);
  for (unsigned row = 0; row < shape.m; ++row)
    for (unsigned column = 0; column < 8; ++column) {
      int sum = c[row][column];
      for (unsigned k = 0; k < shape.k; ++k)
        sum += shape.bits == 1 ? a[row][k] != b[k][column] : a[row][k] * b[k][column];
      if (isFloat)
        EXPECT_EQ(product.getD<float>(row, column), float(sum)) << row << "," << column;
      else
        EXPECT_EQ(product.getD<int32_t>(row, column), sum) << row << "," << column;
    }
}

TEST(NVIDIAMma, Integers) {
  for (const Shape &shape : kF16)
    checkIntegers(shape, -40, 40);
  for (const Shape &shape : kBF16)
    checkIntegers(shape, -40, 40);
  for (const Shape &shape : kTF32)
    checkIntegers(shape, -1000, 1000);
  for (const Shape &shape : kIntegers) {
    bool isSigned = shape.type[0] == 's';
    checkIntegers(shape, isSigned ? -(1 << (shape.bits - 1)) : 0,
                  (1 << (shape.bits - isSigned)) - 1);
  }
}

TEST(NVIDIAMma, RoundsF16AccumulatorsOnce) {
  Product product(kF16[0], "f16");
  // 2048 + 1 + 1: rounding after each addition would lose both ones.
  product.putC(3, 5, uint16_t(0x6800));
  for (unsigned k : {2, 9}) {
    product.putA(3, k, 0x3C00);
    product.putB(k, 5, 0x3C00);
  }
  product.group.run();
  EXPECT_EQ(product.getD<uint16_t>(3, 5), 0x6801);
  EXPECT_EQ(product.getD<uint16_t>(3, 4), 0);
}

TEST(NVIDIAMma, AddsInOrder) {
  Product product(kBF16[0], "f32");
  // 2^24 + 1 is 2^24 in f32, so that the ones are lost one by one; −2^24 comes last.
  product.putC(0, 0, 0x1p24f);
  for (unsigned k = 0; k < 8; ++k) {
    product.putA(0, k, 0x3F80);
    product.putB(k, 0, 0x3F80);
  }
  product.putA(0, 15, bitsOf(-0x1p12f) >> 16);
  product.putB(15, 0, bitsOf(0x1p12f) >> 16);
  product.group.run();
  EXPECT_EQ(product.getD<float>(0, 0), 0.0f);
}

TEST(NVIDIAMma, IgnoresLowBitsOfTF32) {
  Product product(kTF32[1], "f32");
  product.putA(1, 2, bitsOf(1.0f) | 0x1FFF);
  product.putB(2, 7, bitsOf(2.0f) | 0x1000);
  product.group.run();
  EXPECT_EQ(product.getD<float>(1, 7), 2.0f);
}

TEST(NVIDIAMma, OverflowOfIntegers) {
  for (bool clamps : {false, true}) {
    Product product(kIntegers[1], "i32",
                    std::string(";intOverflowBehavior=#nvvm.mma_int_overflow<") +
                        (clamps ? "satfinite>" : "wrapped>"));
    product.putC(0, 0, int32_t(INT32_MAX - 1));
    product.putA(0, 0, 2);
    product.putB(0, 0, 2);
    product.group.run();
    EXPECT_EQ(product.getD<int32_t>(0, 0), clamps ? INT32_MAX : INT32_MIN + 2);
  }
}

TEST(NVIDIAMma, AndOfBits) {
  Product product(kIntegers[7], "i32", ";b1Op=#nvvm.mma_b1op<and_popc>");
  for (unsigned k : {0, 5, 127}) {
    product.putA(2, k, 1);
    product.putB(k, 1, k != 5);
  }
  product.group.run();
  EXPECT_EQ(product.getD<int32_t>(2, 1), 2);
}

TEST(NVIDIAMma, MissingLanes) {
  FakeBlock block;
  FakeGroup group(block, "nvvm.mma.sync", attributesOf(kF16[1]), signatureOf(kF16[1], "f32"),
                  32, 0xFFFFFFFE);
  group.run();
  ASSERT_EQ(group.reports.size(), 1u);
  EXPECT_EQ(group.reports[0],
            "1: lanes missing from nvvm.mma.sync: expected all 32 but got 0xfffffffe");
}

TEST(NVIDIAMma, Refused) {
  FakeBlock block;
  auto refusal = [&](const std::string &attributes) {
    const char *why = FakeGroup(block, "nvvm.mma.sync", attributes, ">").refusal();
    return std::string(why ? why : "");
  };
  EXPECT_EQ(refusal(attributesOf(kF16[0])), "");
  EXPECT_EQ(refusal(attributesOf({"f16", 8, 4, 16, nullptr, nullptr})),
            "this shape has no model");
  EXPECT_EQ(refusal(attributesOf({"f64", 8, 4, 64, nullptr, nullptr})),
            "operands of this type have no model");
  EXPECT_EQ(refusal(attributesOf({"e4m3", 16, 32, 8, nullptr, nullptr})),
            "operands of this type have no model");
  EXPECT_EQ(refusal("shape=#nvvm.shape<m = 16, n = 8, k = 8>;layoutA=#nvvm.mma_layout<row>;"
                    "layoutB=#nvvm.mma_layout<row>"),
            "only layouts row and col have a model");
}
