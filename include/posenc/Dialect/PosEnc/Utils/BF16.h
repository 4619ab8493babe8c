//===- BF16.h - bf16 as 16-bit integers -------------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_UTILS_BF16_H
#define POSENC_DIALECT_POSENC_UTILS_BF16_H

namespace mlir {
class Operation;

namespace posenc {
/// Makes i16 of bf16 in all types and constants of `op` and what it holds, bit for bit.
/// No op that computes in bf16 may be left.
void replaceBF16ByIntegers(Operation *op);
} // namespace posenc
} // namespace mlir

#endif // POSENC_DIALECT_POSENC_UTILS_BF16_H
