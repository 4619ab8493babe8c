//===- AMDMemoryTest.cpp - Buffer resources and copies to LDS -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeGroup.h"

#include "gtest/gtest.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

using namespace posenc::emulator;

static constexpr uint64_t kAll = ~uint64_t(0);
static const std::vector<std::string> kNothing;

namespace {
/// A buffer of 16 words, and a resource for it.
struct Buffer {
  FakeBlock block;
  alignas(16) uint32_t data[16];

  Buffer() {
    for (unsigned i = 0; i < 16; ++i)
      data[i] = 100 + i;
    block.allow(data, sizeof(data));
  }
  uint64_t resource(uint64_t records, uint16_t stride = 0) {
    FakeGroup group(block, "rocdl.make.buffer.rsrc", "", "ptr,i16,i64,i32>ptr8", 1, 1);
    group.put(0, 0, static_cast<void *>(data));
    group.put(0, 1, stride);
    group.put(0, 2, records);
    group.put(0, 3, 0x27000);
    group.run();
    EXPECT_EQ(group.reports.empty(), stride == 0);
    return group.result<uint64_t>(0);
  }
  FakeGroup access(const std::string &op, const std::string &signature, unsigned firstOperand,
                   uint64_t rsrc, uint32_t offset, uint32_t soffset = 0, int aux = 0) {
    FakeGroup group(block, op, "", signature, 1, 1);
    group.setChip("gfx942");
    group.put(0, firstOperand, rsrc);
    group.put(0, firstOperand + 1, offset);
    group.put(0, firstOperand + 2, soffset);
    group.put(0, firstOperand + 3, aux);
    return group;
  }
};
} // namespace

TEST(AMDBuffer, LoadsInRange) {
  Buffer buffer;
  FakeGroup group = buffer.access("rocdl.raw.ptr.buffer.load", "ptr,i32,i32,i32>i32x4", 0,
                                  buffer.resource(64), 8, 16);
  group.run();
  EXPECT_EQ(group.reports, kNothing);
  for (unsigned e = 0; e < 4; ++e)
    EXPECT_EQ(group.result<uint64_t>(0, e), 106 + e);
}

TEST(AMDBuffer, LoadsAcrossTheEndGiveZeroPerDword) {
  Buffer buffer;
  FakeGroup group = buffer.access("rocdl.raw.ptr.buffer.load", "ptr,i32,i32,i32>f16x8", 0,
                                  buffer.resource(12), 4);
  group.run();
  EXPECT_EQ(group.reports, kNothing);
  EXPECT_EQ(group.result<uint64_t>(0, 0), 101u);
  EXPECT_EQ(group.result<uint64_t>(0, 2), 102u);
  for (unsigned e = 3; e < 8; ++e)
    EXPECT_EQ(group.result<uint64_t>(0, e), 0u);
}

TEST(AMDBuffer, NegativeOffsetsAreOutOfRange) {
  Buffer buffer;
  for (uint64_t records : {uint64_t(64), uint64_t(0xFFFFFFFF)}) {
    FakeGroup group = buffer.access("rocdl.raw.ptr.buffer.load", "ptr,i32,i32,i32>i32", 0,
                                    buffer.resource(records), 0xFFFFFFFF);
    group.run();
    EXPECT_EQ(group.reports, kNothing);
    EXPECT_EQ(group.result<uint64_t>(0), 0u);
  }
}

TEST(AMDBuffer, RangeBeyondTheMemoryIsChecked) {
  Buffer buffer;
  FakeGroup group = buffer.access("rocdl.raw.ptr.buffer.load", "ptr,i32,i32,i32>i32", 0,
                                  buffer.resource(1024), 64);
  group.run();
  EXPECT_EQ(group.reports, std::vector<std::string>{"0: out-of-bounds read"});
}

TEST(AMDBuffer, StoresOutOfRangeDoNothing) {
  Buffer buffer;
  FakeGroup group = buffer.access("rocdl.raw.ptr.buffer.store", "i32x2,ptr,i32,i32,i32>", 1,
                                  buffer.resource(8), 4);
  group.put(0, 0, 7, 0);
  group.put(0, 0, 8, 1);
  group.run();
  EXPECT_EQ(group.reports, kNothing);
  EXPECT_EQ(buffer.data[1], 7u);
  EXPECT_EQ(buffer.data[2], 102u);
}

TEST(AMDBuffer, Bytes) {
  Buffer buffer;
  FakeGroup store = buffer.access("rocdl.raw.ptr.buffer.store", "i8,ptr,i32,i32,i32>", 1,
                                  buffer.resource(64), 5);
  store.put<uint8_t>(0, 0, 0xAB);
  store.run();
  EXPECT_EQ(buffer.data[1], 0xAB65u);
  FakeGroup load = buffer.access("rocdl.raw.ptr.buffer.load", "ptr,i32,i32,i32>i8", 0,
                                 buffer.resource(64), 5);
  load.run();
  EXPECT_EQ(load.result<uint64_t>(0), 0xABu);
}

TEST(AMDBuffer, Words) {
  Buffer buffer;
  FakeGroup group(buffer.block, "rocdl.raw.buffer.load", "", "i32x4,i32,i32,i32>i32", 1, 1);
  auto base = reinterpret_cast<uint64_t>(buffer.data);
  group.put(0, 0, uint32_t(base), 0);
  group.put(0, 0, uint32_t(base >> 32) & 0xFFFF, 1);
  group.put(0, 0, 64, 2);
  group.put(0, 1, 12);
  group.run();
  EXPECT_EQ(group.reports, kNothing);
  EXPECT_EQ(group.result<uint64_t>(0), 103u);
  group.put(0, 0, uint32_t(base >> 32 & 0xFFFF) | 16u << 16, 1);
  group.run();
  EXPECT_EQ(group.reports, std::vector<std::string>{"0: expected a buffer resource without a "
                                                    "stride but got a stride of 16"});
}

TEST(AMDBuffer, ReportedUses) {
  Buffer buffer;
  buffer.resource(64, 8);
  FakeGroup misaligned = buffer.access("rocdl.raw.ptr.buffer.load", "ptr,i32,i32,i32>i32", 0,
                                       buffer.resource(64), 2);
  misaligned.run();
  EXPECT_EQ(misaligned.reports,
            std::vector<std::string>{
                "0: misaligned access: expected a buffer access at a multiple of 4 bytes"});
  FakeGroup swizzled = buffer.access("rocdl.raw.ptr.buffer.load", "ptr,i32,i32,i32>i32", 0,
                                     buffer.resource(64), 0, 0, 8);
  swizzled.run();
  EXPECT_EQ(swizzled.reports,
            std::vector<std::string>{"0: swizzled buffer accesses are not modelled"});
  FakeGroup scalar = buffer.access("rocdl.raw.ptr.buffer.load", "ptr,i32,i32,i32>i32", 0,
                                   buffer.resource(16), 12, 8);
  scalar.run();
  EXPECT_EQ(scalar.reports,
            std::vector<std::string>{
                "0: soffset takes a buffer access out of the resource's range, which not all "
                "chips notice: offset 12, with soffset 20, of 16 bytes"});
  FakeGroup null = buffer.access("rocdl.raw.ptr.buffer.load", "ptr,i32,i32,i32>i32", 0, 0, 0);
  null.run();
  EXPECT_EQ(null.reports,
            std::vector<std::string>{"0: expected a buffer resource but got a null pointer"});
}

TEST(AMDBuffer, Atomics) {
  Buffer buffer;
  float two = 2.5f;
  std::memcpy(&buffer.data[0], &two, 4);
  uint64_t rsrc = buffer.resource(64);
  FakeGroup add =
      buffer.access("rocdl.raw.ptr.buffer.atomic.fadd", "f32,ptr,i32,i32,i32>", 1, rsrc, 0);
  add.put(0, 0, 1.25f);
  add.run();
  FakeGroup max =
      buffer.access("rocdl.raw.ptr.buffer.atomic.fmax", "f32,ptr,i32,i32,i32>", 1, rsrc, 0);
  max.put(0, 0, 3.0f);
  max.run();
  float sum;
  std::memcpy(&sum, &buffer.data[0], 4);
  EXPECT_EQ(sum, 3.75f);
  FakeGroup smax =
      buffer.access("rocdl.raw.ptr.buffer.atomic.smax", "i32,ptr,i32,i32,i32>", 1, rsrc, 4);
  smax.put(0, 0, -5);
  smax.run();
  EXPECT_EQ(buffer.data[1], 101u);
  FakeGroup umin =
      buffer.access("rocdl.raw.ptr.buffer.atomic.umin", "i32,ptr,i32,i32,i32>", 1, rsrc, 4);
  umin.put(0, 0, 9);
  umin.run();
  EXPECT_EQ(buffer.data[1], 9u);
  FakeGroup out = buffer.access("rocdl.raw.ptr.buffer.atomic.umin", "i32,ptr,i32,i32,i32>", 1,
                                buffer.resource(4), 4);
  out.run();
  EXPECT_EQ(buffer.data[1], 9u);
}

TEST(AMDBuffer, AtomicsOnHalves) {
  Buffer buffer;
  buffer.data[2] = 0x40003C00; // 1, 2
  FakeGroup add = buffer.access("rocdl.raw.ptr.buffer.atomic.fadd", "f16x2,ptr,i32,i32,i32>", 1,
                                buffer.resource(64), 8);
  add.put<uint16_t>(0, 0, 0x3C00, 0);
  add.put<uint16_t>(0, 0, 0xC000, 1);
  add.run();
  EXPECT_EQ(buffer.data[2], 0x00004000u); // 2, 0
}

TEST(AMDBuffer, CompareAndSwap) {
  Buffer buffer;
  FakeGroup swap = buffer.access("rocdl.raw.ptr.buffer.atomic.cmpswap",
                                 "i32,i32,ptr,i32,i32,i32>i32", 2, buffer.resource(64), 12);
  swap.put(0, 0, 1);
  swap.put(0, 1, 5);
  swap.run();
  EXPECT_EQ(swap.result<uint64_t>(0), 103u);
  EXPECT_EQ(buffer.data[3], 103u);
  swap.put(0, 1, 103);
  swap.run();
  EXPECT_EQ(buffer.data[3], 1u);
}

TEST(AMDBuffer, RefusedTypes) {
  Buffer buffer;
  auto refusal = [&](const char *op, const char *signature) {
    return std::string(FakeGroup(buffer.block, op, "", signature, 1, 1).refusal());
  };
  EXPECT_EQ(refusal("rocdl.make.buffer.rsrc", "ptr,i16,i64,i32>ptr"),
            "expected a result of !llvm.ptr<8>");
  EXPECT_EQ(refusal("rocdl.raw.ptr.buffer.load", "ptr,i32,i32,i32>i32x8"),
            "expected 1 to 16 bytes");
  EXPECT_EQ(refusal("rocdl.raw.ptr.buffer.store", "f32x5,ptr,i32,i32,i32>"),
            "expected 1 to 16 bytes");
  EXPECT_EQ(refusal("rocdl.raw.ptr.buffer.atomic.fadd", "f16,ptr,i32,i32,i32>"),
            "expected f32, f64, two f16 or two bf16");
  EXPECT_EQ(refusal("rocdl.raw.ptr.buffer.atomic.smax", "i64,ptr,i32,i32,i32>"),
            "expected i32");
  EXPECT_EQ(refusal("rocdl.raw.ptr.buffer.atomic.cmpswap", "i16,i16,ptr,i32,i32,i32>i16"),
            "expected i32, i64 or f32");
}

//===----------------------------------------------------------------------===//
// Copies to LDS
//===----------------------------------------------------------------------===//

namespace {
struct Copies {
  FakeBlock block;
  alignas(16) char global[4096], lds[4096];

  Copies() {
    for (unsigned i = 0; i < sizeof(global); ++i)
      global[i] = char(i * 7);
    std::memset(lds, 0x55, sizeof(lds));
    block.allow(global, sizeof(global));
    block.allow(lds, sizeof(lds));
  }
  FakeGroup global_load(int size, int offset, uint64_t mask = kAll) {
    FakeGroup group(block, "rocdl.global.load.lds",
                    "size=" + std::to_string(size) + " : i32;offset=" + std::to_string(offset) +
                        " : i32;aux=0 : i32",
                    "ptr,ptr>", 64, mask);
    group.setChip("gfx950");
    for (unsigned lane = 0; lane < 64; ++lane) {
      group.put(lane, 0, global + 16 * (63 - lane));
      group.put(lane, 1, lds);
    }
    return group;
  }
  void wait(unsigned bits, const char *chip = "gfx942") {
    FakeGroup group(block, "rocdl.s.waitcnt", "bitfield=" + std::to_string(bits) + " : i32",
                    ">", 64, kAll);
    group.setChip(chip);
    group.run();
    EXPECT_EQ(group.reports, kNothing);
  }
};
} // namespace

TEST(AMDCopy, CompletesWithTheWait) {
  for (int size : {1, 2, 4, 16}) {
    Copies copies;
    FakeGroup group = copies.global_load(size, 16);
    EXPECT_EQ(group.refusal(), nullptr);
    group.run();
    EXPECT_EQ(group.reports, kNothing);
    EXPECT_EQ(copies.lds[16], 0x55);
    copies.wait(0xFFFF & ~0xC00F); // vmcnt(0), the rest at its largest
    for (int lane = 0; lane < 64; ++lane)
      for (int byte = 0; byte < (size < 4 ? 4 : size); ++byte) {
        int at = 16 + lane * (size < 4 ? 4 : size) + byte;
        EXPECT_EQ(copies.lds[at],
                  byte < size ? copies.global[16 * (63 - lane) + 16 + byte] : 0);
      }
  }
}

TEST(AMDCopy, CountersPerChip) {
  struct Case {
    const char *chip;
    unsigned bits, pending;
  };
  for (const Case &c : {Case{"gfx942", 0x0F71, 1},
                        {"gfx942", 0x4F70, 2},
                        {"gfx942", 0xCF7F, 2},
                        {"gfx1030", 0x3F70, 0},
                        {"gfx1100", 0x07F7, 1},
                        {"gfx1100", 0x03F7, 0}}) {
    Copies copies;
    copies.global_load(4, 0).run();
    copies.global_load(4, 256).run();
    copies.wait(c.bits, c.chip);
    EXPECT_EQ(copies.block.groups[5].size(), c.pending) << c.chip << " " << c.bits;
  }
}

TEST(AMDCopy, LanesThatTakeNoPart) {
  Copies copies;
  copies.global_load(4, 0, 1 << 9).run();
  copies.wait(0x0F70);
  EXPECT_EQ(copies.lds[32], 0x55);
  EXPECT_EQ(copies.lds[36], copies.global[16 * 54]);
}

TEST(AMDCopy, Reports) {
  Copies copies;
  FakeGroup group = copies.global_load(4, 0);
  group.put(7, 1, copies.lds + 4);
  group.run();
  ASSERT_EQ(group.reports.size(), 1u);
  EXPECT_EQ(group.reports[0].substr(0, 58),
            "7: expected the address in LDS to be the same in all lanes");
  FakeGroup odd = copies.global_load(4, 2);
  odd.run();
  EXPECT_EQ(odd.reports[0], "0: misaligned access: expected the target of a copy to LDS at a "
                            "multiple of 4 bytes");
  EXPECT_STREQ(copies.global_load(8, 0).refusal(), "expected 1, 2, 4 or 16 bytes");
  EXPECT_STREQ(copies.global_load(16, 0).lacking("gfx942"), "gfx950");
  EXPECT_STREQ(copies.global_load(4, 0).lacking("gfx1100"), "gfx942 or gfx950");
}

TEST(AMDCopy, ThroughABuffer) {
  Copies copies;
  FakeGroup make(copies.block, "rocdl.make.buffer.rsrc", "", "ptr,i16,i64,i32>ptr8", 1, 1);
  make.put(0, 0, copies.global);
  make.put(0, 2, uint64_t(128));
  make.run();
  FakeGroup group(copies.block, "rocdl.raw.ptr.buffer.load.lds", "",
                  "ptr,ptr,i32,i32,i32,i32,i32>", 64, kAll);
  group.setChip("gfx942");
  for (unsigned lane = 0; lane < 64; ++lane) {
    group.put(lane, 0, make.result<uint64_t>(0));
    group.put(lane, 1, copies.lds);
    group.put(lane, 2, 4);
    group.put(lane, 3, 4 * lane);
  }
  group.run();
  copies.wait(0x0F70);
  EXPECT_EQ(group.reports, kNothing);
  EXPECT_EQ(std::memcmp(copies.lds, copies.global, 128), 0);
  for (unsigned byte = 128; byte < 256; ++byte)
    EXPECT_EQ(copies.lds[byte], 0);
}

TEST(AMDTranspose, Columns) {
  Copies copies;
  FakeGroup group(copies.block, "rocdl.ds.read.tr16.b64", "", "ptr>f16x4", 64, kAll);
  uint16_t rows[4][4][16]; // [group of lanes][row][column]
  for (unsigned g = 0; g < 4; ++g)
    for (unsigned row = 0; row < 4; ++row)
      for (unsigned column = 0; column < 16; ++column)
        rows[g][row][column] = uint16_t(1000 * g + 100 * row + column);
  std::memcpy(copies.lds, rows, sizeof(rows));
  for (unsigned lane = 0; lane < 64; ++lane)
    group.put(lane, 0, copies.lds + 8 * lane);
  group.run();
  EXPECT_EQ(group.reports, kNothing);
  for (unsigned lane = 0; lane < 64; ++lane)
    for (unsigned row = 0; row < 4; ++row)
      EXPECT_EQ(group.result<uint16_t>(lane, row), rows[lane / 16][row][lane % 16]);
  group.put(3, 0, copies.lds + 4);
  group.run();
  EXPECT_EQ(group.reports,
            std::vector<std::string>{"3: misaligned access: expected a "
                                     "transposing read at a multiple of 8 bytes"});
  EXPECT_STREQ(group.lacking("gfx942"), "gfx950");
  FakeGroup bytes(copies.block, "rocdl.ds.read.tr16.b64", "", "ptr>i32x2", 64, kAll);
  EXPECT_STREQ(bytes.refusal(), "expected a result of four 16-bit elements");
}
