//===- ChipModel.cpp - What a chip can do in a clock ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Plan/ChipModel.h"

#include "llvm/Support/Threading.h"

using namespace mlir;
using namespace mlir::posenc;

/// A multiprocessor issues 128 lanes per clock and has 16 exponentials; max, scale,
/// difference, sum, conversion and rescaling make up 5.66 instructions per score
/// (counted in what ptxas makes of such a loop).
static ChipModel getNVIDIA(const kernel::GPUTarget &target) {
  int64_t g = target.generation;
  int64_t units = g >= 100 && g < 120 ? 148 : g == 90 ? 132 : g == 80 ? 108 : 84;
  bool large = g == 80 || (g >= 90 && g < 120);
  int64_t shared = g == 90 || (g >= 100 && g < 120) ? 227 << 10 : large ? 163 << 10 : 99 << 10;
  return {target.chip, target, std::nullopt, units, 128, 16, 64, shared, 5.66};
}

/// A compute unit of gfx9 has four vector units of 16 lanes, which can take two
/// f32 products at a time where packed; one of gfx10 and later 128 lanes. A quarter
/// of the rate for exponentials.
static ChipModel getAMD(const kernel::GPUTarget &target) {
  bool wide = target.generation >= 10 || target.packedF32;
  int64_t units = target.generation == 9 ? 228 : 64;
  return {target.chip, target, std::nullopt, units, wide ? 128.0 : 64.0,
          16,          64,     64 << 10,     5.66};
}

/// Two vector units, whose instructions an exponential is made of. The smallest
/// level 2 caches in use have 512 KB, half of which is for what comes next.
static ChipModel getCPU(StringRef chip, const CPUTarget &target) {
  double lanes = double(target.vectorBits) / 32.0;
  int64_t units = std::max(1u, llvm::hardware_concurrency().compute_thread_count());
  return {chip.str(), std::nullopt, target,    chip == "host" ? units : 8, 2.0 * lanes,
          0,          16,           256 << 10, /*softmaxSlots=*/18};
}

FailureOr<ChipModel> ChipModel::get(StringRef chip) {
  if (std::optional<kernel::GPUTarget> target = kernel::GPUTarget::parse(chip))
    return target->vendor == kernel::Vendor::NVIDIA ? getNVIDIA(*target) : getAMD(*target);
  FailureOr<CPUTarget> target = CPUTarget::get(chip);
  if (failed(target))
    return failure();
  return getCPU(chip, *target);
}
