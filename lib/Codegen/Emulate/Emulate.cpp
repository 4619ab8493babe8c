//===- Emulate.cpp - Host code of GPU kernels -----------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emulate.h"
#include "Poison.h"
#include "Scalars.h"

#include "posenc/Codegen/Emulate/Passes.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "mlir/Interfaces/MemorySlotInterfaces.h"
#include "mlir/Transforms/Mem2Reg.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCEMULATEPASS
#include "posenc/Codegen/Emulate/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::emulate;

namespace {
struct Chip {
  StringRef name;
  unsigned wave;
};

struct Emulate final : public posenc::impl::PosEncEmulatePassBase<Emulate> {
  using Base::Base;
  void runOnOperation() override;

private:
  LogicalResult emulate(gpu::GPUModuleOp source);
};
} // namespace

/// Waves of gfx9 have 64 lanes unless the features say otherwise, all others 32.
static FailureOr<Chip> findChip(gpu::GPUModuleOp module) {
  ArrayAttr targets = module.getTargetsAttr();
  if (!targets || targets.size() != 1)
    return module.emitOpError("expected one target but got ") << (targets ? targets.size() : 0);
  if (auto nvvm = dyn_cast<NVVM::NVVMTargetAttr>(targets[0]))
    return Chip{nvvm.getChip(), 32};
  auto rocdl = dyn_cast<ROCDL::ROCDLTargetAttr>(targets[0]);
  if (!rocdl)
    return module.emitOpError("expected an nvvm or rocdl target but got ") << targets[0];
  bool wide = rocdl.getChip().starts_with("gfx9") && rocdl.getChip() != "gfx9-generic";
  if (rocdl.getFeatures().contains("+wavefrontsize64"))
    wide = true;
  else if (rocdl.getFeatures().contains("+wavefrontsize32"))
    wide = false;
  return Chip{rocdl.getChip(), wide ? 64u : 32u};
}

/// Variables that need no memory become values.
static void promoteAllocas(LLVM::LLVMFuncOp func) {
  IRRewriter rewriter(func.getContext());
  (void)eraseUnreachableBlocks(rewriter, func->getRegions());
  SmallVector<PromotableAllocationOpInterface> allocas;
  func.walk([&](PromotableAllocationOpInterface alloca) { allocas.push_back(alloca); });
  DominanceInfo dominance(func);
  OpBuilder builder(func.getContext());
  (void)tryToPromoteMemorySlots(allocas, builder, DataLayout::closest(func), dominance);
}

LogicalResult Emulate::emulate(gpu::GPUModuleOp source) {
  FailureOr<Chip> chip = findChip(source);
  if (failed(chip) || failed(verifyAsyncRegisters(source)) ||
      failed(verifyModelled(source, chip->name)) || failed(verifyStack(source)))
    return failure();
  Module module{source, getOperation(),
                Tables(source.getName(), chip->name, chip->wave, checks, statistics)};
  if (failed(moveGlobals(module)))
    return failure();
  SmallVector<Function> functions;
  for (auto func : llvm::make_early_inc_range(source.getOps<LLVM::LLVMFuncOp>())) {
    if (func.isExternal())
      continue;
    promoteAllocas(func);
    functions.push_back(moveFunction(module, func));
  }
  PoisonAnalysis analysis([&](LLVM::CallOp call) {
    return module.host.lookupSymbol<LLVM::LLVMFuncOp>(module.rename(*call.getCallee()));
  });
  if (checks)
    analysis.run(llvm::map_to_vector(functions, [](const Function &f) { return f.func; }));
  for (Function &function : functions)
    lowerFunction(module, checks ? &analysis : nullptr, function);
  OpBuilder builder(source);
  StringAttr images = builder.getStringAttr("posenc_images_" + source.getName());
  if (Operation *declared = module.host.lookupSymbol(images))
    declared->erase();
  module.tables.emit(builder, source.getLoc());
  source.erase();
  return success();
}

void Emulate::runOnOperation() {
  ModuleOp module = getOperation();
  WalkResult launches = module.walk([](gpu::LaunchFuncOp launch) {
    launch.emitOpError("expected launches to be calls of the runtime: run "
                       "posenc-host-to-runtime first");
    return WalkResult::interrupt();
  });
  if (launches.wasInterrupted())
    return signalPassFailure();
  for (auto source : llvm::make_early_inc_range(module.getOps<gpu::GPUModuleOp>()))
    if (failed(emulate(source)))
      return signalPassFailure();
  module->removeAttr(gpu::GPUDialect::getContainerModuleAttrName());
}
