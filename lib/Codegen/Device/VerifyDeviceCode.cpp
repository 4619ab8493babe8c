//===- VerifyDeviceCode.cpp - No call to what is not there ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Device/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCVERIFYDEVICECODEPASS
#include "posenc/Codegen/Device/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;

/// True and a diagnostic if kernels use the function and nobody defines it.
static bool isMissing(gpu::GPUModuleOp module, LLVM::LLVMFuncOp func) {
  if (!func.isExternal() || func.getName().starts_with("llvm."))
    return false;
  auto uses = SymbolTable::getSymbolUses(func, module);
  if (!uses || uses->empty())
    return false;
  InFlightDiagnostic diag =
      emitError(uses->begin()->getUser()->getLoc())
      << "expected device code without outside functions but got a call of '" << func.getName()
      << "'";
  diag.attachNote(func.getLoc()) << "declared here, defined nowhere";
  return true;
}

namespace {
struct VerifyDeviceCode final : posenc::impl::PosEncVerifyDeviceCodePassBase<VerifyDeviceCode> {
  using Base::Base;
  void runOnOperation() override {
    for (auto module : getOperation().getOps<gpu::GPUModuleOp>())
      for (auto func : module.getOps<LLVM::LLVMFuncOp>())
        if (isMissing(module, func))
          signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
