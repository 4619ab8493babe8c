//===- Passes.h - Code generation for processors ----------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_CPU_PASSES_H
#define POSENC_CODEGEN_CPU_PASSES_H

#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Pass/Pass.h"

namespace mlir::posenc {
#define GEN_PASS_DECL
#include "posenc/Codegen/CPU/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "posenc/Codegen/CPU/Passes.h.inc"
} // namespace mlir::posenc

#endif // POSENC_CODEGEN_CPU_PASSES_H
