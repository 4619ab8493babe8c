//===- CPUTarget.h - What a kernel has to know of a processor ---*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_CPU_CPUTARGET_H
#define POSENC_CODEGEN_CPU_CPUTARGET_H

#include "mlir/Support/LLVM.h"

#include <cstdint>

namespace mlir::posenc {

/// Vector units of a processor.
struct CPUTarget {
  int64_t vectorBits;
  int64_t vectorRegisters;

  /// By name: `host`, or LLVM's name of an x86 or AArch64 processor.
  static FailureOr<CPUTarget> get(StringRef chip);
};

} // namespace mlir::posenc

#endif // POSENC_CODEGEN_CPU_CPUTARGET_H
