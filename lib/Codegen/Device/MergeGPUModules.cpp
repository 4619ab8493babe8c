//===- MergeGPUModules.cpp - One gpu.module per program -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Device/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCMERGEGPUMODULESPASS
#include "posenc/Codegen/Device/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;

namespace {
using Renamed = llvm::DenseMap<Attribute, SymbolRefAttr>;

struct MergeGPUModules final : posenc::impl::PosEncMergeGPUModulesPassBase<MergeGPUModules> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<gpu::GPUModuleOp> modules;
    for (auto module : getOperation().getOps<gpu::GPUModuleOp>())
      if (!module.getTargetsAttr())
        modules.push_back(module);
    if (modules.empty())
      return;
    OpBuilder builder = OpBuilder::atBlockEnd(getOperation().getBody());
    auto merged = gpu::GPUModuleOp::create(builder, modules.front().getLoc(), moduleName);
    Renamed renamed;
    for (gpu::GPUModuleOp module : modules) {
      merged->setDiscardableAttrs(module->getDiscardableAttrDictionary());
      if (failed(move(module, merged, renamed)))
        return signalPassFailure();
    }
    for (gpu::GPUModuleOp module : modules)
      module.erase();
    // Only now is the name free if one of them had it.
    SymbolTable(getOperation()).setSymbolName(merged, moduleName);
    updateLaunches(renamed);
  }

  /// Moves the symbols of a module, under a new name where one is taken. All
  /// renaming comes first, while every use is still in the module.
  LogicalResult move(gpu::GPUModuleOp module, gpu::GPUModuleOp merged, Renamed &renamed) {
    SymbolTable table(merged), own(module);
    for (Operation &op : *module.getBody()) {
      auto symbol = dyn_cast<SymbolOpInterface>(op);
      if (!symbol)
        return op.emitOpError("expected only symbols in a gpu.module");
      StringAttr old = symbol.getNameAttr(), name = old;
      for (unsigned n = 0; table.lookup(name) || (name != old && own.lookup(name)); ++n)
        name = StringAttr::get(&getContext(), old.getValue() + "_" + Twine(n));
      if (name != old && failed(own.rename(&op, name)))
        return op.emitOpError("expected uses of the symbol that can be renamed");
      auto from = SymbolRefAttr::get(module.getNameAttr(), {FlatSymbolRefAttr::get(old)});
      renamed[from] = SymbolRefAttr::get(StringAttr::get(&getContext(), moduleName),
                                         {FlatSymbolRefAttr::get(name)});
    }
    for (Operation &op : llvm::make_early_inc_range(*module.getBody())) {
      op.remove();
      table.insert(&op, merged.getBody()->end());
    }
    return success();
  }

  void updateLaunches(const Renamed &renamed) {
    getOperation().walk([&](gpu::LaunchFuncOp launch) {
      if (SymbolRefAttr name = renamed.lookup(launch.getKernelAttr()))
        launch.setKernelAttr(name);
    });
  }
};
} // namespace
