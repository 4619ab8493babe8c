//===- GPUToBinary.cpp - Serialize with the tools that are there ----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Device/Linker.h"
#include "posenc/Codegen/Device/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCGPUTOBINARYPASS
#include "posenc/Codegen/Device/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
namespace sys = llvm::sys;

/// LLVM's own linker first: it knows the newest chips.
std::optional<std::string> posenc::findDeviceLinker(StringRef toolsDir) {
  if (toolsDir.empty())
    toolsDir = POSENC_LLVM_TOOLS_DIR;
  if (auto path = sys::findProgramByName("ld.lld", {toolsDir}))
    return *path;
  for (StringRef name : {"ld.lld-22", "ld.lld"})
    if (auto path = sys::findProgramByName(name))
      return *path;
  return std::nullopt;
}

/// Upstream looks for lld inside a ROCm tree; this makes the smallest such tree.
static std::error_code makeToolkit(StringRef linker, SmallVectorImpl<char> &root) {
  if (std::error_code error = sys::fs::createUniqueDirectory("posenc-toolkit", root))
    return error;
  SmallString<128> bin(StringRef(root.data(), root.size()));
  sys::path::append(bin, "llvm", "bin");
  if (std::error_code error = sys::fs::create_directories(bin))
    return error;
  sys::path::append(bin, "ld.lld");
  return sys::fs::create_link(linker, bin);
}

static bool hasTarget(ModuleOp module, llvm::function_ref<bool(Attribute)> matches) {
  for (auto gpuModule : module.getOps<gpu::GPUModuleOp>())
    if (ArrayAttr targets = gpuModule.getTargetsAttr();
        targets && llvm::any_of(targets, matches))
      return true;
  return false;
}

namespace {
struct GPUToBinary final : posenc::impl::PosEncGPUToBinaryPassBase<GPUToBinary> {
  using Base::Base;

  void getDependentDialects(DialectRegistry &registry) const override {
    Base::getDependentDialects(registry);
    registry.insert<NVVM::NVVMDialect, ROCDL::ROCDLDialect>();
  }

  void runOnOperation() override {
    if (format != "isa" && format != "bin") {
      emitError(getOperation().getLoc(), "expected format isa or bin but got '")
          << format << "'";
      return signalPassFailure();
    }
    SmallString<128> toolkit;
    llvm::scope_exit cleanUp([&] {
      if (!toolkit.empty())
        sys::fs::remove_directories(toolkit);
    });
    if (format == "bin" && failed(findTools(toolkit)))
      return signalPassFailure();
    OpPassManager pipeline(ModuleOp::getOperationName());
    std::string text = "gpu-module-to-binary{format=" + format;
    if (!toolkit.empty())
      text += " toolkit=" + toolkit.str().str();
    if (failed(parsePassPipeline(text + "}", pipeline)) ||
        failed(runPipeline(pipeline, getOperation())))
      signalPassFailure();
  }

  LogicalResult findTools(SmallVectorImpl<char> &toolkit) {
    ModuleOp module = getOperation();
    if (hasTarget(module, [](Attribute target) { return isa<NVVM::NVVMTargetAttr>(target); }) &&
        !sys::findProgramByName("ptxas"))
      return module.emitError("expected ptxas on PATH to make a cubin but found none");
    if (!hasTarget(module,
                   [](Attribute target) { return isa<ROCDL::ROCDLTargetAttr>(target); }))
      return success();
    std::optional<std::string> linker = posenc::findDeviceLinker(toolsDir);
    if (!linker)
      return module.emitError("expected ld.lld on PATH to make a hsaco but found none");
    if (std::error_code error = makeToolkit(*linker, toolkit))
      return module.emitError("expected a temporary folder for ld.lld but got: ")
             << error.message();
    return success();
  }
};
} // namespace
