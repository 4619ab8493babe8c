//===- Passes.h - Another encoding for a model ------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_REENCODE_PASSES_H
#define POSENC_DIALECT_POSENC_REENCODE_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir::posenc {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "posenc/Dialect/PosEnc/Reencode/Passes.h.inc"

} // namespace mlir::posenc

#endif // POSENC_DIALECT_POSENC_REENCODE_PASSES_H
