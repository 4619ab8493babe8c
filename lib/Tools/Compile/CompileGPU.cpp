//===- CompileGPU.cpp - Kernel files for GPUs -----------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compile.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

using namespace mlir;
using namespace mlir::posenc;

static std::string getPasses(const CompileOptions &options) {
  std::string passes = options.raise ? getRaisePasses() : "";
  if (!passes.empty())
    passes += ",";
  passes += options.family == "cuda" ? "posenc-nvvm-pipeline" : "posenc-rocdl-pipeline";
  passes += "{chip=" + options.chip + " format=" + options.emit + "}";
  if (options.emit != "llvm")
    return passes;
  // The pipeline stops at the LLVM dialect; upstream serializes that as the
  // bitcode that its code generators would get.
  if (options.family == "cuda")
    passes += ",gpu.module(convert-nvvm-to-llvm)";
  return passes + ",gpu-module-to-binary{format=llvm}";
}

static FailureOr<std::string> disassemble(StringRef bitcode, const Driver &driver) {
  llvm::LLVMContext context;
  auto module = llvm::parseBitcodeFile(llvm::MemoryBufferRef(bitcode, "kernels"), context);
  if (!module)
    return driver.fail(llvm::toString(module.takeError()));
  std::string text;
  llvm::raw_string_ostream(text) << **module;
  return text;
}

FailureOr<CompiledFile> mlir::posenc::compileForGPU(ModuleOp module, const CompileOptions &options,
                                                    Driver &driver) {
  KernelRecorder recorder;
  if (failed(driver.runPasses(module, getPasses(options), recorder.makeInstrumentation())))
    return failure();
  auto binaries = llvm::to_vector(module.getOps<gpu::BinaryOp>());
  if (binaries.size() != 1 || binaries[0].getObjects().size() != 1)
    return driver.fail(options.file + ": expected one set of kernels after compilation but got " +
                       Twine(binaries.size()));
  CompiledFile result;
  result.kernels = recorder.take();
  auto object = cast<gpu::ObjectAttr>(binaries[0].getObjects()[0]);
  StringRef contents = object.getObject().getValue();
  if (options.emit == "llvm") {
    FailureOr<std::string> text = disassemble(contents, driver);
    if (failed(text))
      return failure();
    result.contents = std::move(*text);
    return result;
  }
  // Text for a driver ends with a zero byte; a file does not.
  if (options.emit == "ptx" || options.emit == "asm")
    contents = contents.rtrim('\0');
  result.contents = contents.str();
  return result;
}
