//===- NeedsReference.h - What no kernel computes fused --------- -*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// The one place that says which attention is left to kernels and which is
// computed by the reference lowering inside the pipelines of all targets.
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_UTILS_NEEDSREFERENCE_H
#define POSENC_DIALECT_POSENC_UTILS_NEEDSREFERENCE_H

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

namespace mlir::posenc {

/// The category of remarks about attention that is computed in parts.
inline constexpr llvm::StringLiteral kDecomposeRemarkCategory = "posenc-decompose";

/// What of `op` no kernel computes, as a noun phrase for messages; none if
/// there is nothing.
std::optional<std::string> whyNeedsReference(AttentionOp op);
inline bool needsReference(AttentionOp op) { return whyNeedsReference(op).has_value(); }

/// An error at attention that should have gone through the reference lowering
/// before it came to kernels or buffers.
LogicalResult verifyForKernels(AttentionOp op);

} // namespace mlir::posenc

#endif // POSENC_DIALECT_POSENC_UTILS_NEEDSREFERENCE_H
