//===- Driver.cpp - What posenc's tools share -----------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Tools/Driver.h"

#include "posenc/InitAllPosEnc.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"

#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace mlir::posenc;

void mlir::posenc::registerEverything(DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  posenc::registerAllDialects(registry);
  mlir::registerAllPasses();
  posenc::registerAllPasses();
  mlir::registerAllToLLVMIRTranslations(registry);
}

Driver::Driver(std::string tool, RegisterMore more) : tool(std::move(tool)) {
  DialectRegistry registry;
  registerEverything(registry);
  if (more)
    more(registry);
  context = std::make_unique<MLIRContext>(registry);
  // A whole module after a message hides the message.
  context->printOpOnDiagnostic(false);
  diagnostics =
      std::make_unique<SourceMgrDiagnosticHandler>(sourceMgr, context.get(), llvm::errs());
}

Driver::~Driver() = default;

LogicalResult Driver::fail(const Twine &message) const {
  llvm::errs() << tool << ": " << message << '\n';
  return failure();
}

OwningOpRef<ModuleOp> Driver::parse(StringRef file) {
  path = file.str();
  std::string error;
  std::unique_ptr<llvm::MemoryBuffer> buffer = openInputFile(file, &error);
  if (!buffer) {
    (void)fail(error);
    return nullptr;
  }
  sourceMgr.AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
  return parseSourceFile<ModuleOp>(sourceMgr, context.get());
}

func::FuncOp Driver::findEntry(ModuleOp module, StringRef name) {
  SmallVector<func::FuncOp> functions;
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isDeclaration() && function.isPublic() &&
        (name.empty() || function.getName() == name))
      functions.push_back(function);
  if (functions.size() == 1)
    return functions.front();
  if (!name.empty())
    (void)fail(path + ": expected a public function @" + name + " but found " +
               (module.lookupSymbol(name) ? "another symbol" : "none"));
  else if (functions.empty())
    (void)fail(path + ": expected a public function but found none");
  else
    (void)fail(path + ": expected --entry: there are " + Twine(functions.size()) +
               " public functions, @" + functions[0].getName() + " and @" +
               functions[1].getName() + (functions.size() > 2 ? " among them" : ""));
  return nullptr;
}

LogicalResult Driver::runPasses(ModuleOp module, StringRef passes,
                                std::unique_ptr<PassInstrumentation> instrumentation) {
  PassManager manager(context.get(), ModuleOp::getOperationName());
  if (instrumentation)
    manager.addInstrumentation(std::move(instrumentation));
  std::string message;
  llvm::raw_string_ostream stream(message);
  if (failed(parsePassPipeline(passes, manager, stream)))
    return fail(StringRef(message).split('\n').first);
  if (failed(manager.run(module)))
    return fail(path + ": failed in one of the passes " + passes);
  return success();
}

std::string mlir::posenc::getRaisePasses() {
  std::string passes;
  for (StringRef name : {"posenc-raise", "posenc-fuse"})
    if (PassInfo::lookup(name) || PassPipelineInfo::lookup(name))
      passes += (passes.empty() ? "" : ",") + name.str();
  return passes;
}

std::string mlir::posenc::getCPUPasses(StringRef chip) {
  return ("posenc-cpu-pipeline{chip=" + chip + "}").str();
}
