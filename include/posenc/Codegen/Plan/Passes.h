//===- Passes.h - Passes that decide how to compute ----------- -*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_PLAN_PASSES_H
#define POSENC_CODEGEN_PLAN_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir::posenc {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "posenc/Codegen/Plan/Passes.h.inc"

} // namespace mlir::posenc

#endif // POSENC_CODEGEN_PLAN_PASSES_H
