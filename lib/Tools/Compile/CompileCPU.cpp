//===- CompileCPU.cpp - Objects for CPUs ----------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compile.h"

#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/Target/LLVMIR/Export.h"

#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace mlir::posenc;
namespace json = llvm::json;

static json::Array describeValues(StringRef prefix, TypeRange types) {
  json::Array values;
  for (auto [index, type] : llvm::enumerate(types)) {
    json::Object value = describeValue((prefix + Twine(index)).str(), type);
    value["passed"] = isa<ShapedType>(type) ? "descriptor" : "value";
    values.push_back(std::move(value));
  }
  return values;
}

/// The C interface of every public function: a pointer to the results first
/// (one descriptor, or a struct of them), then a pointer to a descriptor per
/// tensor. The caller frees what results point to.
static json::Array describeFunctions(ModuleOp module) {
  json::Array functions;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isDeclaration() || !function.isPublic())
      continue;
    functions.push_back(
        json::Object{{"symbol", "_mlir_ciface_" + function.getName().str()},
                     {"arguments", describeValues("arg", function.getArgumentTypes())},
                     {"results", describeValues("result", function.getResultTypes())},
                     {"grid", nullptr},
                     {"block", nullptr},
                     {"shared_memory", 0},
                     {"alignment", nullptr}});
  }
  return functions;
}

static FailureOr<std::string> emit(llvm::Module &module, llvm::TargetMachine &machine,
                                   const CompileOptions &options, const Driver &driver) {
  if (options.emit == "llvm") {
    std::string text;
    llvm::raw_string_ostream(text) << module;
    return text;
  }
  llvm::SmallVector<char, 0> contents;
  llvm::raw_svector_ostream stream(contents);
  llvm::legacy::PassManager passes;
  auto type = options.emit == "asm" ? llvm::CodeGenFileType::AssemblyFile
                                    : llvm::CodeGenFileType::ObjectFile;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, type))
    return driver.fail("--emit=" + options.emit + ": there is no such output for " +
                       options.chip);
  passes.run(module);
  return std::string(contents.begin(), contents.end());
}

FailureOr<CompiledFile>
mlir::posenc::compileForCPU(ModuleOp module, const CompileOptions &options, Driver &driver) {
  std::string error;
  std::unique_ptr<llvm::TargetMachine> machine = createCPUTargetMachine(options.chip, error);
  if (!machine)
    return driver.fail("--target=cpu:" + options.chip + ": " + error);
  CompiledFile result;
  result.kernels = describeFunctions(module);
  std::string passes = options.raise ? getRaisePasses() : "";
  passes += (passes.empty() ? "" : ",") + getCPUPasses(options.chip);
  if (failed(driver.runPasses(module, passes)))
    return failure();

  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> llvmModule = translateModuleToLLVMIR(module, context, "posenc");
  if (!llvmModule)
    return driver.fail(options.file + ": cannot be translated to LLVM IR");
  ExecutionEngine::setupTargetTripleAndDataLayout(llvmModule.get(), machine.get());
  auto optimize = makeOptimizingTransformer(/*optLevel=*/3, /*sizeLevel=*/0, machine.get());
  if (llvm::Error failed = optimize(llvmModule.get()))
    return driver.fail(llvm::toString(std::move(failed)));
  FailureOr<std::string> contents = emit(*llvmModule, *machine, options, driver);
  if (failed(contents))
    return failure();
  result.contents = std::move(*contents);
  return result;
}
