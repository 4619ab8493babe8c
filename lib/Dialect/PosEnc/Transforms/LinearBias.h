//===- LinearBias.h - Linear biases as functions of the key -----*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_DIALECT_POSENC_TRANSFORMS_LINEARBIAS_H
#define POSENC_LIB_DIALECT_POSENC_TRANSFORMS_LINEARBIAS_H

namespace mlir {
class RewriterBase;
namespace posenc {
class BiasFnOp;

/// Whether the bias is an addition of a · (i − j) or a · (j − i) wherever a key is
/// visible: one of |i − j| is if keys after their query are hidden, `isCausal`.
bool isLinearInKeys(BiasFnOp op, bool isCausal);

/// Replaces such a bias by its part of the key, a · j with its sign. What it was
/// besides, a multiple of i, is the same for a whole row.
void reduceToKeys(RewriterBase &rewriter, BiasFnOp op);

} // namespace posenc
} // namespace mlir

#endif // POSENC_LIB_DIALECT_POSENC_TRANSFORMS_LINEARBIAS_H
