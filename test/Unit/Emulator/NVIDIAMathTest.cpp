//===- NVIDIAMathTest.cpp - Arithmetic, conversions, integers -------------===//
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

using namespace posenc::emulator;

namespace {
FakeBlock block;
const float kInfinity = std::numeric_limits<float>::infinity();
const float kNaN = std::numeric_limits<float>::quiet_NaN();

uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}

float unary(const char *op, float x) {
  FakeGroup group(block, op, "", "f32>f32", 1, 1);
  group.put(0, 0, x);
  group.run();
  EXPECT_TRUE(group.reports.empty()) << op;
  return group.result<float>(0);
}

uint16_t unaryHalf(const std::string &op, const std::string &type, uint16_t x) {
  FakeGroup group(block, op, "", type + "x2>" + type + "x2", 1, 1);
  group.put(0, 0, uint16_t(0), 0);
  group.put(0, 0, x, 1);
  group.run();
  EXPECT_TRUE(group.reports.empty()) << op;
  return group.result<uint16_t>(0, 1);
}

float binary(const char *op, float x, float y) {
  FakeGroup group(block, op, "", "f32,f32>f32", 1, 1);
  group.put(0, 0, x);
  group.put(0, 1, y);
  group.run();
  EXPECT_TRUE(group.reports.empty()) << op;
  return group.result<float>(0);
}
} // namespace

TEST(NVIDIAMath, Approximations) {
  for (float x : {0.3f, 1.0f, 2.5f, 17.0f}) {
    EXPECT_FLOAT_EQ(unary("llvm.nvvm.ex2.approx.ftz.f32", x), std::exp2(x));
    EXPECT_FLOAT_EQ(unary("llvm.nvvm.lg2.approx.ftz.f", x), std::log2(x));
    EXPECT_FLOAT_EQ(unary("llvm.nvvm.sin.approx.f", x), std::sin(x));
    EXPECT_FLOAT_EQ(unary("llvm.nvvm.cos.approx.ftz.f", x), std::cos(x));
    EXPECT_FLOAT_EQ(unary("llvm.nvvm.sqrt.approx.f", x), std::sqrt(x));
    EXPECT_FLOAT_EQ(unary("llvm.nvvm.rsqrt.approx.ftz.f", x), 1 / std::sqrt(x));
    EXPECT_FLOAT_EQ(unary("nvvm.rcp.approx.ftz.f", x), 1 / x);
  }
  EXPECT_EQ(unary("llvm.nvvm.ex2.approx.ftz.f32", -kInfinity), 0.0f);
  EXPECT_EQ(unary("llvm.nvvm.ex2.approx.ftz.f32", 128.0f), kInfinity);
  EXPECT_EQ(unary("llvm.nvvm.lg2.approx.f", 0.0f), -kInfinity);
  EXPECT_TRUE(std::isnan(unary("llvm.nvvm.rsqrt.approx.f", -1.0f)));
}

TEST(NVIDIAMath, FlushesSubnormals) {
  float tiny = std::ldexp(1.0f, -130);
  EXPECT_EQ(unary("llvm.nvvm.ex2.approx.f32", -130.0f), tiny);
  EXPECT_EQ(unary("llvm.nvvm.ex2.approx.ftz.f32", -130.0f), 0.0f);
  EXPECT_EQ(unary("nvvm.rcp.approx.ftz.f", -tiny), -kInfinity);
  EXPECT_EQ(unary("llvm.nvvm.sqrt.rn.f", tiny), std::sqrt(tiny));
  EXPECT_EQ(unary("llvm.nvvm.sqrt.rn.ftz.f", tiny), 0.0f);
  EXPECT_EQ(unary("llvm.nvvm.lg2.approx.f", tiny), -130.0f);
  EXPECT_EQ(unary("llvm.nvvm.lg2.approx.ftz.f", tiny), -kInfinity);
  EXPECT_TRUE(std::signbit(unary("nvvm.rcp.approx.ftz.f", -std::ldexp(1.0f, 127))));
  EXPECT_EQ(unary("nvvm.rcp.approx.ftz.f", -std::ldexp(1.0f, 127)), 0.0f);
}

TEST(NVIDIAMath, Halves) {
  // 2^1.5 is 2.828427…: 0x41A8 in f16, 0x4035 in bf16.
  EXPECT_EQ(unaryHalf("llvm.nvvm.ex2.approx.v2f16", "f16", 0x3E00), 0x41A8);
  EXPECT_EQ(unaryHalf("llvm.nvvm.ex2.approx.ftz.v2bf16", "bf16", 0x3FC0), 0x4035);
  EXPECT_EQ(unaryHalf("llvm.nvvm.ex2.approx.v2f16", "f16", 0xCD00), 0x0010)
      << "2^-20 is a subnormal of f16, which stays";
}

TEST(NVIDIAMath, ExtremaAndFMA) {
  EXPECT_EQ(binary("llvm.nvvm.fmax.f", 1, kNaN), 1);
  EXPECT_TRUE(std::isnan(binary("llvm.nvvm.fmax.nan.f", 1, kNaN)));
  EXPECT_TRUE(std::isnan(binary("llvm.nvvm.fmin.f", kNaN, kNaN)));
  EXPECT_TRUE(std::signbit(binary("llvm.nvvm.fmin.f", 0.0f, -0.0f)));
  EXPECT_FALSE(std::signbit(binary("llvm.nvvm.fmax.f", -0.0f, 0.0f)));
  EXPECT_EQ(binary("llvm.nvvm.fmin.ftz.f", std::ldexp(1.0f, -130), 1), 0);
  EXPECT_EQ(binary("llvm.nvvm.fmax.ftz.nan.f", -3, 2), 2);

  FakeGroup group(block, "llvm.nvvm.fma.rn.sat.f", "", "f32,f32,f32>f32", 1, 1);
  group.put(0, 0, 0.5f);
  group.put(0, 1, 0.5f);
  group.put(0, 2, 3.0f);
  group.run();
  EXPECT_EQ(group.result<float>(0), 1.0f);
  group.put(0, 2, -0.125f);
  group.run();
  EXPECT_EQ(group.result<float>(0), 0.125f);
}

TEST(NVIDIAMath, PassesPoisonOn) {
  FakeGroup group(block, "llvm.nvvm.ex2.approx.v2f16", "", "f16x2>f16x2", 1, 1);
  group.poison(0, 0, 1);
  group.run();
  EXPECT_TRUE(group.reports.empty());
  EXPECT_FALSE(group.resultIsPoison(0, 0));
  EXPECT_TRUE(group.resultIsPoison(0, 1));
}

static uint32_t toTF32(float x, const std::string &rounding, const std::string &more = "") {
  FakeGroup group(block, "nvvm.convert.float.to.tf32",
                  "relu=false;rnd=#nvvm.fp_rnd_mode<" + rounding +
                      ">;sat=#nvvm.sat_mode<none>" + more,
                  "f32>i32", 1, 1);
  group.put(0, 0, x);
  group.run();
  return group.result<uint32_t>(0);
}

TEST(NVIDIAConvert, TF32) {
  uint32_t one = bitsOf(1.0f), last = 1u << 13;
  auto plus = [&](uint32_t low) {
    float value;
    uint32_t bits = one + low;
    std::memcpy(&value, &bits, 4);
    return value;
  };
  EXPECT_EQ(toTF32(plus(0x1000), "rna"), one + last);
  EXPECT_EQ(toTF32(plus(0x1000), "rn"), one);
  EXPECT_EQ(toTF32(plus(0x1001), "rn"), one + last);
  EXPECT_EQ(toTF32(plus(0x3000), "rn"), one + 2 * last);
  EXPECT_EQ(toTF32(plus(0x1FFF), "rz"), one);
  EXPECT_EQ(toTF32(-kInfinity, "rna"), bitsOf(-kInfinity));
  EXPECT_EQ(toTF32(std::numeric_limits<float>::max(), "rna"), bitsOf(kInfinity));
}

static std::pair<uint16_t, uint16_t> toPair(const std::string &op, float high, float low,
                                            const std::string &attributes) {
  FakeGroup group(block, op, attributes, "f32,f32>f16x2", 1, 1);
  group.put(0, 0, high);
  group.put(0, 1, low);
  group.run();
  EXPECT_TRUE(group.reports.empty()) << op;
  return {group.result<uint16_t>(0, 1), group.result<uint16_t>(0, 0)};
}

TEST(NVIDIAConvert, Halves) {
  using Pair = std::pair<uint16_t, uint16_t>;
  std::string nearest = "relu=false;rnd=#nvvm.fp_rnd_mode<rn>;sat=#nvvm.sat_mode<none>";
  std::string chop = "relu=true;rnd=#nvvm.fp_rnd_mode<rz>;sat=#nvvm.sat_mode<satfinite>";
  const char *f16 = "nvvm.convert.f32x2.to.f16x2", *bf16 = "nvvm.convert.f32x2.to.bf16x2";
  EXPECT_EQ(toPair(f16, 1.0f, -2.0f, nearest), Pair(0x3C00, 0xC000));
  EXPECT_EQ(toPair(f16, 65519.0f, 65520.0f, nearest), Pair(0x7BFF, 0x7C00));
  EXPECT_EQ(toPair(f16, 0x1p-25f, 0x1.8p-25f, nearest), Pair(0, 1));
  EXPECT_EQ(toPair(f16, kNaN, -kNaN, nearest), Pair(0x7FFF, 0x7FFF));
  EXPECT_EQ(toPair(f16, 1e9f, -3.0f, chop), Pair(0x7BFF, 0));
  EXPECT_EQ(toPair(bf16, 1.00390625f, 1.01171875f, nearest), Pair(0x3F80, 0x3F82));
  EXPECT_EQ(toPair(bf16, 1.01171875f, kInfinity, chop), Pair(0x3F81, 0x7F7F));
  EXPECT_EQ(toPair("llvm.nvvm.ff2bf16x2.rn", 1.0f, 2.0f, ""), Pair(0x3F80, 0x4000));
  EXPECT_EQ(toPair("llvm.nvvm.ff2f16x2.rz.relu", -1.0f, 1e9f, ""), Pair(0, 0x7BFF));

  FakeGroup stochastic(block, bf16, "rnd=#nvvm.fp_rnd_mode<rs>", "f32,f32,i32>bf16x2", 1, 1);
  EXPECT_STREQ(stochastic.refusal(), "stochastic rounding has no model");
}

TEST(NVIDIAConvert, F8) {
  auto toBytes = [](const char *type, float high, float low) {
    FakeGroup group(block, "nvvm.convert.f32x2.to.f8x2",
                    std::string("dstTy=") + type +
                        ";relu=false;rnd=#nvvm.fp_rnd_mode<rn>;sat=#nvvm.sat_mode<satfinite>",
                    "f32,f32>i16", 1, 1);
    group.put(0, 0, high);
    group.put(0, 1, low);
    EXPECT_EQ(group.refusal(), nullptr);
    group.run();
    return group.result<uint16_t>(0);
  };
  EXPECT_EQ(toBytes("f8E4M3FN", 448.0f, -1.0f), 0x7EB8);
  EXPECT_EQ(toBytes("f8E4M3FN", 1e9f, kNaN), 0x7E7F);
  EXPECT_EQ(toBytes("f8E4M3FN", 0x1p-9f, 0x1p-10f), 0x0100);
  EXPECT_EQ(toBytes("f8E5M2", 57344.0f, -1.0f), 0x7BBC);

  FakeGroup back(block, "nvvm.convert.f8x2.to.f16x2", "relu=false;srcType=f8E4M3FN",
                 "i8x2>f16x2", 1, 1);
  back.put(0, 0, uint8_t(0xB8), 0);
  back.put(0, 0, uint8_t(0x01), 1);
  back.run();
  EXPECT_EQ(back.result<uint16_t>(0, 0), 0xBC00);
  EXPECT_EQ(back.result<uint16_t>(0, 1), 0x1800);

  FakeGroup scale(block, "nvvm.convert.f32x2.to.f8x2", "dstTy=f8E8M0FNU", "f32,f32>i16", 1, 1);
  EXPECT_STREQ(scale.refusal(), "this target type has no model");
  FakeGroup source(block, "nvvm.convert.f8x2.to.f16x2", "srcType=f8E8M0FNU", "i8x2>f16x2", 1,
                   1);
  EXPECT_STREQ(source.refusal(), "this source type has no model");
}

TEST(NVIDIAConvert, F8FromHalves) {
  FakeGroup group(block, "nvvm.convert.f16x2.to.f8x2", "dstTy=f8E5M2;relu=true", "f16x2>i8x2",
                  1, 1);
  group.put(0, 0, uint16_t(0xC000), 0);
  group.put(0, 0, uint16_t(0x7BFF), 1);
  group.run();
  EXPECT_EQ(group.result<uint8_t>(0, 0), 0);
  EXPECT_EQ(group.result<uint8_t>(0, 1), 0x7B);
}

TEST(NVIDIAScalar, Dot) {
  auto dot = [](const char *op, const char *a, const char *b, const char *more) {
    bool words = op == std::string("nvvm.dot.accumulate.2way");
    FakeGroup group(block, op,
                    std::string("a_type=#nvvm.dot_accumulate_type<") + a +
                        ">;b_type=#nvvm.dot_accumulate_type<" + b + ">" + more,
                    words ? "i16x2,i8x4,i32>i32" : "i8x4,i8x4,i32>i32", 1, 1);
    for (unsigned i = 0; i < (words ? 2 : 4); ++i)
      words ? group.put(0, 0, uint16_t(0xFFF0 + i), i) : group.put(0, 0, uint8_t(0xF0 + i), i);
    for (unsigned i = 0; i < 4; ++i)
      group.put(0, 1, uint8_t(200 + i), i);
    group.put(0, 2, int32_t(-7));
    group.run();
    return group.result<int32_t>(0);
  };
  auto expect = [](bool words, bool signedA, bool signedB, int first) {
    int sum = -7;
    for (int i = 0; i < (words ? 2 : 4); ++i) {
      int a = signedA ? -16 + i : (words ? 0xFFF0 : 0xF0) + i;
      int b = 200 + i + first - (signedB ? 256 : 0);
      sum += a * b;
    }
    return sum;
  };
  for (bool signedA : {false, true})
    for (bool signedB : {false, true}) {
      const char *a = signedA ? "signed" : "unsigned", *b = signedB ? "signed" : "unsigned";
      EXPECT_EQ(dot("nvvm.dot.accumulate.4way", a, b, ""), expect(false, signedA, signedB, 0));
      EXPECT_EQ(dot("nvvm.dot.accumulate.2way", a, b, ";b_hi=false"),
                expect(true, signedA, signedB, 0));
      EXPECT_EQ(dot("nvvm.dot.accumulate.2way", a, b, ";b_hi=true"),
                expect(true, signedA, signedB, 2));
    }
}

TEST(NVIDIAScalar, Permute) {
  // Bytes 7 to 0 are 0x87, 0x76, … 0x10, so that a byte names its place.
  auto permute = [](const char *mode, uint32_t selector) {
    bool two = mode == std::string("default") || mode[1] == '4';
    FakeGroup group(block, "nvvm.prmt", std::string("mode=#nvvm.permute_mode<") + mode + ">",
                    two ? "i32,i32,i32>i32" : "i32,i32>i32", 1, 1);
    group.put(0, 0, 0x43322110u);
    if (two)
      group.put(0, 1, 0x87766554u);
    group.put(0, two ? 2 : 1, selector);
    group.run();
    return group.result<uint32_t>(0);
  };
  EXPECT_EQ(permute("default", 0x7531), 0x87654321u);
  EXPECT_EQ(permute("default", 0xF8), 0x1010FF00u);
  // The tables of the op's description, by selector.
  EXPECT_EQ(permute("f4e", 0), 0x43322110u);
  EXPECT_EQ(permute("f4e", 3), 0x76655443u);
  EXPECT_EQ(permute("b4e", 1), 0x76871021u);
  EXPECT_EQ(permute("b4e", 3), 0x10213243u);
  EXPECT_EQ(permute("rc8", 2), 0x32323232u);
  EXPECT_EQ(permute("ecl", 1), 0x43322121u);
  EXPECT_EQ(permute("ecr", 2), 0x32322110u);
  EXPECT_EQ(permute("rc16", 1), 0x43324332u);
}

TEST(NVIDIAScalar, Clocks) {
  FakeGroup group(block, "nvvm.read.ptx.sreg.clock64", "", ">i64", 1, 1);
  group.run();
  auto before = group.result<uint64_t>(0);
  group.run();
  EXPECT_GT(group.result<uint64_t>(0), before);
}

TEST(NVIDIAScalar, Lanes) {
  auto read = [](const std::string &op) {
    FakeGroup group(block, op, "", ">i32", 1, 1);
    group.setFirstLane(5);
    group.run();
    EXPECT_TRUE(group.reports.empty()) << op;
    return group.result<uint32_t>(0);
  };
  EXPECT_EQ(read("nvvm.read.ptx.sreg.laneid"), 5u);
  EXPECT_EQ(read("nvvm.read.ptx.sreg.warpsize"), 32u);
  EXPECT_EQ(read("nvvm.read.ptx.sreg.lanemask.eq"), 0x20u);
  EXPECT_EQ(read("nvvm.read.ptx.sreg.lanemask.lt"), 0x1Fu);
  EXPECT_EQ(read("nvvm.read.ptx.sreg.lanemask.le"), 0x3Fu);
  EXPECT_EQ(read("nvvm.read.ptx.sreg.lanemask.gt"), 0xFFFFFFC0u);
  EXPECT_EQ(read("nvvm.read.ptx.sreg.lanemask.ge"), 0xFFFFFFE0u);
  EXPECT_EQ(read("llvm.nvvm.activemask"), 0x20u);
}

TEST(NVIDIAChips, OlderOnes) {
  auto lacking = [](const char *op, const char *chip, const char *attributes = "",
                    const char *signature = ">i32") {
    const char *who = FakeGroup(block, op, attributes, signature).lacking(chip);
    return std::string(who ? who : "");
  };
  EXPECT_EQ(lacking("nvvm.cp.async.shared.global", "sm_75"), "sm_80 and later");
  EXPECT_EQ(lacking("nvvm.cp.async.shared.global", "sm_80"), "");
  EXPECT_EQ(lacking("nvvm.stmatrix", "sm_89"), "sm_90 and later");
  EXPECT_EQ(lacking("nvvm.stmatrix", "sm_90a"), "");
  EXPECT_EQ(lacking("nvvm.mbarrier.init", "gfx942"), "sm_80 and later");
  EXPECT_EQ(lacking("nvvm.mbarrier.try_wait.parity", "sm_86"), "sm_90 and later");
  EXPECT_EQ(lacking("nvvm.redux.sync", "sm_80"), "");
  EXPECT_EQ(lacking("nvvm.redux.sync", "sm_90", "", ">f32"), "sm_100a and later");
  std::string form = "multiplicandAPtxType=#nvvm.mma_type<f16>;multiplicandBPtxType=#nvvm.mma_"
                     "type<f16>;layoutA=#nvvm.mma_layout<row>;layoutB=#nvvm.mma_layout<col>;"
                     "shape=#nvvm.shape<m = 16, n = 8, k = ";
  EXPECT_EQ(lacking("nvvm.mma.sync", "sm_75", (form + "8>").c_str()), "");
  EXPECT_EQ(lacking("nvvm.mma.sync", "sm_75", (form + "16>").c_str()), "sm_80 and later");
  EXPECT_EQ(lacking("nvvm.mma.sync", "sm_70", (form + "8>").c_str()), "sm_75 and later");
}

TEST(NVIDIAHopper, HasNoModelsYet) {
  for (const char *op :
       {"nvvm.wgmma.mma_async", "nvvm.wgmma.fence.aligned", "nvvm.cluster.arrive",
        "nvvm.cp.async.bulk.tensor.shared.cluster.global", "nvvm.inline_ptx", "nvvm.wmma.mma"})
    EXPECT_EQ(findInstruction(op), nullptr) << op;
}
