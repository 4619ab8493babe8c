//===- HostToLLVM.cpp - The host's side to the LLVM dialect ---------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Device/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCHOSTTOLLVMPASS
#include "posenc/Codegen/Device/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;

static const char *const passes =
    "gpu-to-llvm{use-bare-pointers-for-host=false use-bare-pointers-for-kernels=false},"
    "reconcile-unrealized-casts";

namespace {
/// Kernels that are out of a pass's reach. Launches must find something by their
/// module's name: a gpu.binary without meaning stands in.
class HiddenKernels {
public:
  explicit HiddenKernels(ModuleOp module) {
    for (auto kernels : llvm::make_early_inc_range(module.getOps<gpu::GPUModuleOp>())) {
      // One without a target is compiled by nobody and stays.
      if (kernels.getTargetsAttr() && !kernels.getTargetsAttr().empty())
        hide(kernels);
    }
  }

  void restore() {
    for (auto [kernels, stand] : hidden) {
      stand->getBlock()->getOperations().insert(stand->getIterator(), kernels);
      stand->erase();
    }
    hidden.clear();
  }

private:
  void hide(gpu::GPUModuleOp kernels) {
    OpBuilder builder(kernels);
    Attribute target = kernels.getTargetsAttr()[0];
    Attribute object = gpu::ObjectAttr::get(
        kernels.getContext(), target, gpu::CompilationTarget::Offload,
        builder.getStringAttr("-"), /*properties=*/nullptr, /*kernels=*/nullptr);
    auto stand = gpu::BinaryOp::create(builder, kernels.getLoc(), kernels.getName(),
                                       /*offloadingHandler=*/nullptr, {object});
    kernels->remove();
    hidden.emplace_back(kernels, stand);
  }

  SmallVector<std::pair<Operation *, Operation *>> hidden;
};

struct HostToLLVM final : posenc::impl::PosEncHostToLLVMPassBase<HostToLLVM> {
  using Base::Base;

  void getDependentDialects(DialectRegistry &registry) const override {
    Base::getDependentDialects(registry);
    OpPassManager pm(ModuleOp::getOperationName());
    if (succeeded(parsePassPipeline(passes, pm)))
      pm.getDependentDialects(registry);
  }

  void runOnOperation() override {
    OpPassManager pm(ModuleOp::getOperationName());
    if (failed(parsePassPipeline(passes, pm)))
      return signalPassFailure();
    HiddenKernels kernels(getOperation());
    if (failed(runPipeline(pm, getOperation())))
      signalPassFailure();
    kernels.restore();
  }
};
} // namespace
