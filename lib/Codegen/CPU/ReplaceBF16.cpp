//===- ReplaceBF16.cpp - bf16 as 16-bit integers --------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/CPU/Passes.h"
#include "posenc/Dialect/PosEnc/Utils/BF16.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCREPLACEBF16
#include "posenc/Codegen/CPU/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;

namespace {
struct ReplaceBF16Pass final : posenc::impl::PosEncReplaceBF16Base<ReplaceBF16Pass> {
  void runOnOperation() override { replaceBF16ByIntegers(getOperation()); }
};
} // namespace
