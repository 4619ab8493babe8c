//===- NVIDIAMatrixTest.cpp - ldmatrix and stmatrix -----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeGroup.h"

#include "gtest/gtest.h"

#include <cstdint>
#include <string>

using namespace posenc::emulator;

namespace {
constexpr unsigned kStride = 24; // elements: rows need not touch

class NVIDIAMatrix : public ::testing::Test {
protected:
  NVIDIAMatrix() { block.allow(memory, sizeof(memory)); }

  static std::string attributes(bool transposed, unsigned count) {
    return std::string("eltType=#nvvm.ld_st_matrix_elt_type<b16>;layout=#nvvm.mma_layout<") +
           (transposed ? "col" : "row") + ">;num=" + std::to_string(count) +
           " : i32;shape=#nvvm.ld_st_matrix_shape<m = 8, n = 8>";
  }
  static std::string words(unsigned count) {
    std::string text = "i32";
    for (unsigned i = 1; i < count; ++i)
      text += ",i32";
    return text;
  }
  /// Rows are given out in another order than they lie in memory.
  uint16_t *row(unsigned lane) { return memory[(lane * 5 + 3) % 32]; }
  void putAddresses(FakeGroup &group) {
    for (unsigned lane = 0; lane < 32; ++lane)
      group.put(lane, 0, row(lane));
  }
  static uint16_t value(unsigned matrix, unsigned row, unsigned column) {
    return uint16_t(1000 * matrix + 10 * row + column);
  }

  FakeBlock block;
  alignas(16) uint16_t memory[32][kStride] = {};
};
} // namespace

TEST_F(NVIDIAMatrix, Load) {
  for (unsigned count : {1, 2, 4})
    for (bool transposed : {false, true}) {
      for (unsigned lane = 0; lane < 8 * count; ++lane)
        for (unsigned column = 0; column < 8; ++column)
          row(lane)[column] = value(lane / 8, lane % 8, column);
      FakeGroup group(block, "nvvm.ldmatrix", attributes(transposed, count),
                      "ptr>" + words(count));
      EXPECT_EQ(group.refusal(), nullptr);
      putAddresses(group);
      group.run();
      EXPECT_TRUE(group.reports.empty());
      for (unsigned matrix = 0; matrix < count; ++matrix)
        for (unsigned r = 0; r < 8; ++r)
          for (unsigned c = 0; c < 8; ++c) {
            unsigned major = transposed ? c : r, minor = transposed ? r : c;
            uint32_t word = group.result<uint32_t>(4 * major + minor / 2, matrix);
            EXPECT_EQ(uint16_t(word >> 16 * (minor % 2)), value(matrix, r, c));
          }
    }
}

TEST_F(NVIDIAMatrix, Store) {
  for (unsigned count : {1, 2, 4})
    for (bool transposed : {false, true}) {
      std::memset(memory, 0xFF, sizeof(memory));
      FakeGroup group(block, "nvvm.stmatrix", attributes(transposed, count),
                      "ptr," + words(count) + ">");
      putAddresses(group);
      for (unsigned matrix = 0; matrix < count; ++matrix)
        for (unsigned r = 0; r < 8; ++r)
          for (unsigned c = 0; c < 8; ++c) {
            unsigned major = transposed ? c : r, minor = transposed ? r : c;
            unsigned lane = 4 * major + minor / 2;
            uint32_t word = group.get<uint32_t>(lane, 1 + matrix);
            group.put(lane, 1 + matrix,
                      word | uint32_t(value(matrix, r, c)) << 16 * (minor % 2));
          }
      group.run();
      EXPECT_TRUE(group.reports.empty());
      for (unsigned lane = 0; lane < 32; ++lane)
        for (unsigned c = 0; c < kStride; ++c)
          EXPECT_EQ(row(lane)[c],
                    lane < 8 * count && c < 8 ? value(lane / 8, lane % 8, c) : 0xFFFF);
    }
}

TEST_F(NVIDIAMatrix, MisalignedRow) {
  for (const char *op : {"nvvm.ldmatrix", "nvvm.stmatrix"}) {
    bool loads = op == std::string("nvvm.ldmatrix");
    FakeGroup group(block, op, attributes(false, 1), loads ? "ptr>i32" : "ptr,i32>");
    putAddresses(group);
    group.put(5, 0, row(5) + 1);
    // Not an address of this instruction, which has eight.
    group.put(9, 0, row(9) + 1);
    group.run();
    ASSERT_EQ(group.reports.size(), 1u);
    EXPECT_EQ(group.reports[0], "5: misaligned access: expected the address of a row to be a "
                                "multiple of 16");
  }
}

TEST_F(NVIDIAMatrix, OutOfBoundsAndMissingLanes) {
  FakeGroup group(block, "nvvm.ldmatrix", attributes(false, 2), "ptr>i32,i32");
  putAddresses(group);
  group.put(15, 0, memory[32]);
  group.run();
  ASSERT_EQ(group.reports.size(), 1u);
  EXPECT_EQ(group.reports[0], "15: out-of-bounds read");

  FakeGroup half(block, "nvvm.ldmatrix", attributes(false, 1), "ptr>i32", 32, 0xFFFF);
  half.run();
  ASSERT_EQ(half.reports.size(), 1u);
  EXPECT_EQ(half.reports[0],
            "0: lanes missing from nvvm.ldmatrix: expected all 32 but got 0xffff");
}

TEST_F(NVIDIAMatrix, Refused) {
  FakeGroup bytes(
      block, "nvvm.ldmatrix",
      "eltType=#nvvm.ld_st_matrix_elt_type<b8>;layout=#nvvm.mma_layout<col>;num=1 : "
      "i32;shape=#nvvm.ld_st_matrix_shape<m = 16, n = 16>",
      "ptr>i32,i32");
  EXPECT_STREQ(bytes.refusal(), "only 16-bit elements have a model");
  FakeGroup shape(block, "nvvm.stmatrix",
                  "eltType=#nvvm.ld_st_matrix_elt_type<b16>;shape=#nvvm.ld_st_matrix_shape<m = "
                  "16, n = 8>",
                  "ptr,i32>");
  EXPECT_STREQ(shape.refusal(), "only matrices of 8 by 8 have a model");
}
