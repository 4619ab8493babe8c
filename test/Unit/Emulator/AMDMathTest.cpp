//===- AMDMathTest.cpp - Arithmetic and conversions -----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeGroup.h"

#include "gtest/gtest.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace posenc::emulator;

static float unary(const std::string &op, float x) {
  FakeBlock block;
  FakeGroup group(block, op, "", "f32>f32", 1, 1);
  group.setChip("gfx942");
  group.put(0, 0, x);
  EXPECT_EQ(group.refusal(), nullptr);
  group.run();
  EXPECT_EQ(group.reports, std::vector<std::string>());
  return group.result<float>(0);
}

static constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(AMDMath, Exponential) {
  EXPECT_EQ(unary("rocdl.exp2", 3.0f), 8.0f);
  EXPECT_EQ(unary("llvm.amdgcn.exp2.f32", -1.0f), 0.5f);
  EXPECT_EQ(unary("rocdl.exp2", 0.5f), float(std::sqrt(2.0)));
  EXPECT_EQ(unary("rocdl.exp2", -126.0f), 0x1p-126f);
  EXPECT_EQ(unary("rocdl.exp2", -126.5f), 0.0f); // Subnormal.
  EXPECT_EQ(unary("rocdl.exp2", -kInfinity), 0.0f);
  EXPECT_EQ(unary("rocdl.exp2", 128.0f), kInfinity);
  EXPECT_EQ(unary("rocdl.log", 8.0f), 3.0f);
  EXPECT_EQ(unary("rocdl.log", 0x1p-130f), -kInfinity);
  EXPECT_TRUE(std::isnan(unary("rocdl.log", -1.0f)));
}

TEST(AMDMath, RootsAndReciprocals) {
  EXPECT_EQ(unary("rocdl.rcp", 3.0f), 1 / 3.0f);
  EXPECT_EQ(unary("rocdl.rcp", 0.0f), kInfinity);
  EXPECT_EQ(unary("rocdl.sqrt", 2.0f), float(std::sqrt(2.0)));
  EXPECT_EQ(unary("llvm.amdgcn.rsq.f32", 16.0f), 0.25f);
  EXPECT_EQ(unary("llvm.amdgcn.fract.f32", -0.25f), 0.75f);
  EXPECT_LT(unary("llvm.amdgcn.fract.f32", -0x1p-40f), 1.0f);
}

TEST(AMDMath, Revolutions) {
  EXPECT_EQ(unary("rocdl.sin", 0.25f), 1.0f);
  EXPECT_EQ(unary("rocdl.sin", 255.75f), -1.0f);
  EXPECT_EQ(unary("rocdl.cos", 0.5f), -1.0f);
  EXPECT_EQ(unary("rocdl.sin", 256.25f), 0.0f);
  EXPECT_EQ(unary("rocdl.cos", 300.5f), 1.0f);
}

TEST(AMDMath, Halves) {
  FakeBlock block;
  FakeGroup group(block, "rocdl.exp2", "", "f16>f16", 1, 1);
  group.put<uint16_t>(0, 0, 0xCC00); // −16
  group.run();
  EXPECT_EQ(group.result<uint16_t>(0), 0x0100); // 2^-16, subnormal in f16
}

TEST(AMDMath, RefusedTypes) {
  FakeBlock block;
  for (const char *op : {"rocdl.exp2", "rocdl.fmed3", "rocdl.sin"})
    EXPECT_STREQ(FakeGroup(block, op, "", "f64>f64", 1, 1).refusal(), "expected f16 or f32");
  EXPECT_STREQ(FakeGroup(block, "rocdl.rcp", "", "bf16>bf16", 1, 1).refusal(),
               "expected f16, f32 or f64");
  EXPECT_STREQ(
      FakeGroup(block, "llvm.amdgcn.fdot2.f16.f16", "", "f16x2,f16x2,f16>f16", 1, 1).refusal(),
      "expected a result of f32");
  EXPECT_STREQ(
      FakeGroup(block, "rocdl.mfma.scale.f32.32x32x64.f8f6f4", "", ">", 1, 1).refusal(),
      "no model");
  EXPECT_STREQ(FakeGroup(block, "llvm.amdgcn.permlane16.var", "", ">", 1, 1).refusal(),
               "no model");
}

TEST(AMDMath, Median) {
  FakeBlock block;
  FakeGroup group(block, "rocdl.fmed3", "", "f32,f32,f32>f32", 1, 1);
  auto median = [&](float a, float b, float c) {
    group.put(0, 0, a);
    group.put(0, 1, b);
    group.put(0, 2, c);
    group.run();
    return group.result<float>(0);
  };
  EXPECT_EQ(median(3, 1, 2), 2);
  EXPECT_EQ(median(1, 2, 3), 2);
  EXPECT_EQ(median(5, 5, -1), 5);
  EXPECT_EQ(median(NAN, 4, 3), 3);
}

TEST(AMDMath, DotProduct) {
  FakeBlock block;
  FakeGroup group(block, "llvm.amdgcn.fdot2", "", "f16x2,f16x2,f32,i1>f32", 1, 1);
  group.put<uint16_t>(0, 0, 0x4000, 0); // 2
  group.put<uint16_t>(0, 0, 0x4200, 1); // 3
  group.put<uint16_t>(0, 1, 0x3C00, 0); // 1
  group.put<uint16_t>(0, 1, 0xBC00, 1); // −1
  group.put(0, 2, 0.25f);
  group.run();
  EXPECT_EQ(group.result<float>(0), -0.75f);
  group.put<uint8_t>(0, 3, 1);
  group.run();
  EXPECT_EQ(group.result<float>(0), 0.0f);
}

TEST(AMDMath, BytePermutation) {
  FakeBlock block;
  FakeGroup group(block, "llvm.amdgcn.perm", "", "i32,i32,i32>i32", 1, 1);
  group.put(0, 0, 0x87654321u);
  group.put(0, 1, 0x0FEDCBA9u);
  group.put(0, 2, 0x07000C0Bu); // Byte 7, byte 0, 0, the sign of the last half word.
  group.run();
  EXPECT_EQ(group.result<uint32_t>(0), 0x87A900FFu);
}

TEST(AMDConversion, TowardZero) {
  FakeBlock block;
  FakeGroup group(block, "rocdl.cvt.pkrtz", "", "f32,f32>f16x2", 1, 1);
  group.put(0, 0, 1 + 0x1.8p-10f);
  group.put(0, 1, -100000.0f);
  group.run();
  EXPECT_EQ(group.result<uint16_t>(0, 0), 0x3C01);
  EXPECT_EQ(group.result<uint16_t>(0, 1), 0xFBFF);
}

/// The number that a byte of fp8 or bf8 stands for.
static double numberOf(unsigned byte, unsigned mantissaBits, int bias) {
  unsigned fraction = byte & ((1u << mantissaBits) - 1);
  int exponent = int((byte & 0x7F) >> mantissaBits);
  double magnitude = exponent ? std::ldexp(fraction + (1u << mantissaBits),
                                           exponent - bias - int(mantissaBits))
                              : std::ldexp(fraction, 1 - bias - int(mantissaBits));
  return byte & 0x80 ? -magnitude : magnitude;
}

TEST(AMDConversion, BytesToF32) {
  struct Case {
    const char *chip, *op;
    unsigned mantissaBits;
    int bias;
    unsigned largest; ///< the last byte that is a finite number
  };
  for (const Case &c : {Case{"gfx942", "rocdl.cvt.f32.fp8", 3, 8, 0x7F},
                        {"gfx942", "rocdl.cvt.f32.bf8", 2, 16, 0x7F},
                        {"gfx950", "rocdl.cvt.f32.fp8", 3, 7, 0x7E},
                        {"gfx1201", "rocdl.cvt.f32.bf8", 2, 15, 0x7B}})
    for (unsigned byte = 0; byte < 256; ++byte) {
      FakeBlock block;
      FakeGroup group(block, c.op, "byteSel=2 : i32", "i32>f32", 1, 1);
      group.setChip(c.chip);
      group.put(0, 0, byte << 16);
      group.run();
      float got = group.result<float>(0);
      bool onlyNaN = std::string(c.chip) == "gfx942" && byte == 0x80;
      if (onlyNaN || ((byte & 0x7F) > c.largest && (byte & 0x7F) != 0x7C))
        EXPECT_TRUE(std::isnan(got)) << c.chip << " " << byte;
      else if ((byte & 0x7F) > c.largest)
        EXPECT_TRUE(std::isinf(got)) << c.chip << " " << byte;
      else
        EXPECT_EQ(got, numberOf(byte, c.mantissaBits, c.bias)) << c.chip << " " << byte;
    }
}

TEST(AMDConversion, F32ToBytes) {
  auto convert = [](const char *op, const char *chip, float a, float b) {
    FakeBlock block;
    FakeGroup group(block, op, "wordSel=true", "f32,f32,i32>i32", 1, 1);
    group.setChip(chip);
    group.put(0, 0, a);
    group.put(0, 1, b);
    group.put(0, 2, 0xABCD1234u);
    group.run();
    return group.result<uint32_t>(0);
  };
  EXPECT_EQ(convert("rocdl.cvt.pk.fp8.f32", "gfx942", 1.0f, -2.0f), 0xC8401234u);
  EXPECT_EQ(convert("rocdl.cvt.pk.fp8.f32", "gfx950", 1.0f, -2.0f), 0xC0381234u);
  EXPECT_EQ(convert("rocdl.cvt.pk.fp8.f32", "gfx942", 240.0f, 1e6f), 0x807F1234u);
  EXPECT_EQ(convert("rocdl.cvt.pk.fp8.f32", "gfx942", -0.0f, NAN), 0x80001234u);
  EXPECT_EQ(convert("rocdl.cvt.pk.bf8.f32", "gfx1201", 1.125f, 1e9f), 0x7C3C1234u);
  EXPECT_EQ(convert("rocdl.cvt.pk.bf8.f32", "gfx942", 57344.0f, 1e9f), 0x807F1234u);
}

TEST(AMDConversion, TwoBytes) {
  FakeBlock block;
  FakeGroup group(block, "rocdl.cvt.pk.f32.fp8", "wordSel=true", "i32>f32x2", 1, 1);
  group.setChip("gfx950");
  group.put(0, 0, 0xC0381111u);
  group.run();
  EXPECT_EQ(group.result<float>(0, 0), 1.0f);
  EXPECT_EQ(group.result<float>(0, 1), -2.0f);
  EXPECT_STREQ(group.lacking("gfx1100"), "gfx942, gfx950 or gfx12");
}

TEST(AMDHints, DoNothing) {
  for (const char *op : {"rocdl.s.setprio", "rocdl.sched.barrier", "rocdl.sched.group.barrier",
                         "rocdl.iglp.opt", "rocdl.s.sleep", "rocdl.s.nop"}) {
    FakeBlock block;
    FakeGroup group(block, op, "", ">", 1, 1);
    EXPECT_EQ(group.run(), Outcome::Done);
    EXPECT_EQ(group.reports, std::vector<std::string>()) << op;
  }
  FakeBlock block;
  FakeGroup wait(block, "rocdl.s.wait.loadcnt", "count=0 : i16", ">", 1, 1);
  EXPECT_EQ(wait.run(), Outcome::Done);
  EXPECT_STREQ(wait.lacking("gfx1100"), "gfx12");
}
