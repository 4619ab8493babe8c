//===- ChipModel.h - What a chip can do in a clock --------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_PLAN_CHIPMODEL_H
#define POSENC_CODEGEN_PLAN_CHIPMODEL_H

#include "posenc/Codegen/CPU/CPUTarget.h"
#include "posenc/Codegen/Kernel/Target.h"

namespace mlir::posenc {

/// What passes say of a name that ChipModel::get does not know, before the name.
inline constexpr llvm::StringLiteral kUnknownChip =
    "expected chip to be host, LLVM's name of an x86 or AArch64 processor, sm_XX or gfxXXX but "
    "got '";

/// The numbers of a chip that the cost model weighs. They choose between plans of
/// the same kernel; none is a promise of speed.
struct ChipModel {
  std::string name;
  /// One of the two.
  std::optional<kernel::GPUTarget> gpu;
  std::optional<CPUTarget> cpu;
  /// What runs tasks side by side: multiprocessors, compute units, cores.
  int64_t units;
  /// Of one unit and clock: results of f32 instructions, a product and sum being
  /// one; exponentials (0: they are such instructions); bytes from beyond its own
  /// memory.
  double slots, exponentials, bytes;
  /// Bytes of a unit's own memory: shared memory, or a level 2 cache.
  int64_t ownBytes;
  /// Instructions per score of the softmax, exponential aside if the chip has one.
  double softmaxSlots;

  bool isCPU() const { return cpu.has_value(); }
  /// Of `host`, a processor, sm_XX or gfxXXX.
  static FailureOr<ChipModel> get(StringRef chip);
};

} // namespace mlir::posenc

#endif // POSENC_CODEGEN_PLAN_CHIPMODEL_H
