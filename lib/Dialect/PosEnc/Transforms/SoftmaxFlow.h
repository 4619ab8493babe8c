//===- SoftmaxFlow.h - Find attention that is spelt out ---------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_DIALECT_POSENC_TRANSFORMS_SOFTMAXFLOW_H
#define POSENC_LIB_DIALECT_POSENC_TRANSFORMS_SOFTMAXFLOW_H

#include "mlir/IR/Operation.h"

namespace mlir::posenc {

/// A product whose softmax along one of its own axes weighs something.
struct SpelledOutAttention {
  Operation *product;
  Operation *sum;
  Operation *weighing;
};

/// Finds attention outside posenc.attention under `root` by following data, in
/// one walk:
///
///     p[…, m, n] = Σ_d x[…, m, d] · y[…, n, d]        neither a mere constant
///     e = exp(… p …)       s = Σ_n e       Σ_n (… e …) · v[…, n, …]
///
/// for an axis of p that belongs to one factor alone. Extents are never
/// compared: Tq, Tk and the head size may well be the same number. A product
/// with weights (a value made of constants only) is a layer, not attention.
SmallVector<SpelledOutAttention> findSpelledOutAttention(Operation *root);

} // namespace mlir::posenc

#endif // POSENC_LIB_DIALECT_POSENC_TRANSFORMS_SOFTMAXFLOW_H
