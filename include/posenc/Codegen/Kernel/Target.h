//===- Target.h - The chip a kernel is for -------------------- -*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_KERNEL_TARGET_H
#define POSENC_CODEGEN_KERNEL_TARGET_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <string>

namespace mlir::posenc::kernel {

enum class Vendor { NVIDIA, AMD };

/// What the shared pieces and the engines need to know about a chip.
struct GPUTarget {
  Vendor vendor;
  std::string chip;
  /// Lanes that execute together: warp or wave.
  int64_t waveSize;
  /// 90 for sm_90a; 9, 10, 11 or 12 for gfx942 and so on.
  int64_t generation;
  /// Whether one instruction multiplies and adds two adjacent f32 registers
  /// (fma.rn.f32x2 of sm_100, v_pk_fma_f32 from gfx90a on).
  bool packedF32;

  /// Bytes of workgroup memory that a kernel may declare.
  int64_t getWorkgroupBytes() const { return vendor == Vendor::NVIDIA ? 48 << 10 : 64 << 10; }
  /// 32-bit registers of a thread.
  int64_t getRegisters() const {
    return vendor == Vendor::NVIDIA ? 255 : generation == 9 ? 512 : 256;
  }

  /// None unless `chip` is spelt sm_XX or gfxXXX with a generation in use.
  static std::optional<GPUTarget> parse(llvm::StringRef chip);
};

} // namespace mlir::posenc::kernel

#endif // POSENC_CODEGEN_KERNEL_TARGET_H
