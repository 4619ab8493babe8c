//===- NVIDIAConvert.cpp - Conversions between formats --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// cvt in its packed forms. Of two operands the first becomes the upper half, which is
// element 1 of a vector. NaN becomes the format's canonical one.
//===----------------------------------------------------------------------===//

#include "Floats.h"
#include "NVIDIATables.h"
#include "Operands.h"

using namespace posenc::emulator;

namespace {
/// How to round, from an op's attributes or an intrinsic's name.
struct Mode {
  Rounding rounding = Rounding::NearestEven;
  bool relu = false, saturate = false;
};
} // namespace

static Mode modeOf(const Group &group) {
  Mode mode;
  std::string_view rounding = keyword(group.attribute("rnd"));
  if (rounding == "rz")
    mode.rounding = Rounding::TowardZero;
  else if (rounding == "rna")
    mode.rounding = Rounding::NearestAway;
  mode.relu = isSet(group.attribute("relu"));
  mode.saturate = keyword(group.attribute("sat")) == "satfinite";
  return mode;
}

static uint32_t convert(const FloatFormat &format, float value, const Mode &mode) {
  // Not std::max: NaN stays, and −0 becomes +0.
  return encode(format, mode.relu && value <= 0 ? 0.0f : value, mode.rounding, mode.saturate);
}

static const char *refuseStochastic(const posenc_emu_site &site) {
  return keyword(attribute(site, "rnd")) == "rs" ? "stochastic rounding has no model" : nullptr;
}

static uint32_t toTF32(Group &group, const Mode &mode) {
  return convert(kTF32, group.get<float>(0, 0), mode) << 13;
}

/// Sets result `to` from operand `from`.
template <const FloatFormat &format>
static void convertElement(Group &group, unsigned from, unsigned to, const Mode &mode) {
  group.set<uint16_t>(0, to, uint16_t(convert(format, group.get<float>(0, from), mode)));
  if (group.isPoison(0, from))
    group.setPoison(0, to);
}

static Outcome floatToTF32(Group &group) {
  group.set<uint32_t>(0, 0, toTF32(group, modeOf(group)));
  if (group.isPoison(0, 0))
    group.setPoison(0, 0);
  return Outcome::Done;
}

template <const FloatFormat &format> static Outcome pairToHalves(Group &group) {
  convertElement<format>(group, 1, 0, modeOf(group));
  convertElement<format>(group, 0, 1, modeOf(group));
  return Outcome::Done;
}

/// The intrinsics: the mode is part of the name.
template <const FloatFormat &format, Rounding rounding, bool relu>
static Outcome pairIntrinsic(Group &group) {
  convertElement<format>(group, 1, 0, {rounding, relu, false});
  convertElement<format>(group, 0, 1, {rounding, relu, false});
  return Outcome::Done;
}
template <const FloatFormat &format, Rounding rounding, bool relu>
static Outcome halfIntrinsic(Group &group) {
  convertElement<format>(group, 0, 0, {rounding, relu, false});
  return Outcome::Done;
}
template <Rounding rounding, bool relu> static Outcome tf32Intrinsic(Group &group) {
  group.set<uint32_t>(0, 0, toTF32(group, {rounding, relu, false}));
  if (group.isPoison(0, 0))
    group.setPoison(0, 0);
  return Outcome::Done;
}

static const FloatFormat *findF8(std::string_view type) {
  return type == "f8E4M3FN" ? &kE4M3 : type == "f8E5M2" ? &kE5M2 : nullptr;
}

static const char *refuseF8Target(const posenc_emu_site &site) {
  return findF8(attribute(site, "dstTy")) ? nullptr : "this target type has no model";
}
static const char *refuseF8Source(const posenc_emu_site &site) {
  return findF8(attribute(site, "srcType")) ? nullptr : "this source type has no model";
}

/// Two bytes, as an i16 or as two elements.
static void writeBytes(Group &group, uint32_t low, uint32_t high, bool poison) {
  bool packed = resultCount(group.site()) == 1;
  if (packed) {
    group.set<uint16_t>(0, 0, uint16_t(high << 8 | low));
  } else {
    group.set<uint8_t>(0, 0, uint8_t(low));
    group.set<uint8_t>(0, 1, uint8_t(high));
  }
  for (unsigned i = 0; poison && i < (packed ? 1u : 2u); ++i)
    group.setPoison(0, i);
}

static Outcome floatsToF8(Group &group) {
  const FloatFormat &format = *findF8(group.attribute("dstTy"));
  Mode mode = modeOf(group);
  writeBytes(group, convert(format, group.get<float>(0, 1), mode),
             convert(format, group.get<float>(0, 0), mode),
             group.isPoison(0, 0) || group.isPoison(0, 1));
  return Outcome::Done;
}

/// To the nearest, and never infinite.
static Outcome halvesToF8(Group &group) {
  const FloatFormat &format = *findF8(group.attribute("dstTy"));
  Mode mode = {Rounding::NearestEven, isSet(group.attribute("relu")), /*saturate=*/true};
  uint32_t bytes[2];
  for (unsigned i = 0; i < 2; ++i)
    bytes[i] = convert(format, fromF16(group.get<uint16_t>(0, 0, i)), mode);
  writeBytes(group, bytes[0], bytes[1], group.isPoison(0, 0, 0) || group.isPoison(0, 0, 1));
  return Outcome::Done;
}

static Outcome f8ToHalves(Group &group) {
  const FloatFormat &format = *findF8(group.attribute("srcType"));
  bool relu = isSet(group.attribute("relu"));
  for (unsigned i = 0; i < 2; ++i) {
    float value = decode(format, group.get<uint8_t>(0, 0, i));
    group.set<uint16_t>(0, i, toF16(relu && value <= 0 ? 0.0f : value));
    if (group.isPoison(0, 0, i))
      group.setPoison(0, i);
  }
  return Outcome::Done;
}

static constexpr Rounding kEven = Rounding::NearestEven, kZero = Rounding::TowardZero;
static constexpr bool kReLU = true;

static constexpr Instruction pure(const char *op, Outcome (*run)(Group &),
                                  const char *(*refuse)(const posenc_emu_site &) = nullptr) {
  return {op, Scope::Thread, run, -1, /*tracksPoison=*/true, refuse};
}

static const Instruction instructions[] = {
    pure("nvvm.convert.float.to.tf32", floatToTF32),
    pure("nvvm.convert.f32x2.to.f16x2", pairToHalves<kF16>, refuseStochastic),
    pure("nvvm.convert.f32x2.to.bf16x2", pairToHalves<kBF16>, refuseStochastic),
    pure("nvvm.convert.f32x2.to.f8x2", floatsToF8, refuseF8Target),
    pure("nvvm.convert.f16x2.to.f8x2", halvesToF8, refuseF8Target),
    pure("nvvm.convert.f8x2.to.f16x2", f8ToHalves, refuseF8Source),
    pure("llvm.nvvm.ff2bf16x2.rn", pairIntrinsic<kBF16, kEven, !kReLU>),
    pure("llvm.nvvm.ff2bf16x2.rn.relu", pairIntrinsic<kBF16, kEven, kReLU>),
    pure("llvm.nvvm.ff2bf16x2.rz", pairIntrinsic<kBF16, kZero, !kReLU>),
    pure("llvm.nvvm.ff2bf16x2.rz.relu", pairIntrinsic<kBF16, kZero, kReLU>),
    pure("llvm.nvvm.ff2f16x2.rn", pairIntrinsic<kF16, kEven, !kReLU>),
    pure("llvm.nvvm.ff2f16x2.rn.relu", pairIntrinsic<kF16, kEven, kReLU>),
    pure("llvm.nvvm.ff2f16x2.rz", pairIntrinsic<kF16, kZero, !kReLU>),
    pure("llvm.nvvm.ff2f16x2.rz.relu", pairIntrinsic<kF16, kZero, kReLU>),
    pure("llvm.nvvm.f2bf16.rn", halfIntrinsic<kBF16, kEven, !kReLU>),
    pure("llvm.nvvm.f2bf16.rn.relu", halfIntrinsic<kBF16, kEven, kReLU>),
    pure("llvm.nvvm.f2bf16.rz", halfIntrinsic<kBF16, kZero, !kReLU>),
    pure("llvm.nvvm.f2f16.rn", halfIntrinsic<kF16, kEven, !kReLU>),
    pure("llvm.nvvm.f2f16.rz", halfIntrinsic<kF16, kZero, !kReLU>),
    pure("llvm.nvvm.f2tf32.rna", tf32Intrinsic<Rounding::NearestAway, !kReLU>),
    pure("llvm.nvvm.f2tf32.rn", tf32Intrinsic<kEven, !kReLU>),
    pure("llvm.nvvm.f2tf32.rn.relu", tf32Intrinsic<kEven, kReLU>),
    pure("llvm.nvvm.f2tf32.rz", tf32Intrinsic<kZero, !kReLU>),
    pure("llvm.nvvm.f2tf32.rz.relu", tf32Intrinsic<kZero, kReLU>),
};

Table posenc::emulator::nvidiaConversionInstructions() {
  return {instructions, sizeof(instructions) / sizeof(instructions[0])};
}
