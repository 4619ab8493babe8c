//===- Remarks.h - Why a softmax was not raised -----------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `posenc-raise` reports through mlir/IR/Remarks.h, category "posenc-raise". A
// tool that wants the missed ones printed calls `printMissedRemarks` on its
// context; where the user sets up remarks (`--remarks-filter`) it need not.
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_RAISE_REMARKS_H
#define POSENC_DIALECT_POSENC_RAISE_REMARKS_H

#include "llvm/ADT/StringRef.h"

namespace mlir {
class MLIRContext;
namespace posenc {

/// The category of all remarks of raising.
inline constexpr llvm::StringLiteral kRaiseRemarkCategory = "posenc-raise";

/// Prints missed remarks as diagnostics (severity remark) unless the context
/// has a remark engine already. Before passes run.
void printMissedRemarks(MLIRContext &context);

} // namespace posenc
} // namespace mlir

#endif // POSENC_DIALECT_POSENC_RAISE_REMARKS_H
