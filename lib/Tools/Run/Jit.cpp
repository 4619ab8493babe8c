//===- Jit.cpp - Compile a function for this machine ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Program.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/ExecutionEngine/OptUtils.h"

#include "llvm/Support/CodeGen.h"
#include "llvm/Support/DynamicLibrary.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace mlir::posenc;

/// Opens a library from LLVM's folder, or by the system's search.
static bool openLibrary(StringRef name) {
  std::string path = (Twine(POSENC_LLVM_LIBRARY_DIR) + "/" + name).str();
  return !llvm::sys::DynamicLibrary::LoadLibraryPermanently(path.c_str()) ||
         !llvm::sys::DynamicLibrary::LoadLibraryPermanently(name.str().c_str());
}

/// What compiled code may call beyond libc and libm.
static LogicalResult openRuntimeLibraries(ModuleOp module, const Driver &driver) {
  bool usesOpenMP = module
                        .walk([](Operation *op) {
                          return op->getName().getDialectNamespace() == "omp"
                                     ? WalkResult::interrupt()
                                     : WalkResult::advance();
                        })
                        .wasInterrupted();
  if (usesOpenMP && !openLibrary("libomp.so.5") && !openLibrary("libomp.so"))
    return driver.fail("cannot open libomp.so.5, which parallel programs need");
  // Copies between layouts, and half precision where the CPU has none. A
  // program that needs a missing one fails by the name of the function.
  (void)openLibrary("libmlir_c_runner_utils.so");
  (void)openLibrary("libmlir_float16_utils.so");
  return success();
}

/// The pipeline keeps the interface that `call` relies on, or nothing runs.
static LogicalResult checkInterface(ModuleOp module, const Signature &signature,
                                    const Driver &driver) {
  std::string name = "_mlir_ciface_" + signature.name;
  auto function = module.lookupSymbol<LLVM::LLVMFuncOp>(name);
  if (!function)
    return driver.fail("expected the compiled module to have a function " + name);
  size_t results = signature.results.size();
  bool hasPointer = results > 1 || (results == 1 && signature.results[0].isTensor);
  size_t expected = signature.arguments.size() + hasPointer;
  if (function.getNumArguments() != expected)
    return driver.fail("expected " + name + " to take " + Twine(expected) +
                       " arguments but got " + Twine(function.getNumArguments()));
  return success();
}

Program::Program(Signature signature) : signature(std::move(signature)) {}

Program::~Program() = default;

std::unique_ptr<Program> Program::create(ModuleOp module, Signature signature, StringRef chip,
                                         unsigned level, const Driver &driver) {
  if (failed(checkInterface(module, signature, driver)) ||
      failed(openRuntimeLibraries(module, driver)))
    return nullptr;
  std::string error;
  // One machine optimises, the other becomes the engine's.
  std::unique_ptr<llvm::TargetMachine> optimizer = createCPUTargetMachine(chip, error);
  std::unique_ptr<llvm::TargetMachine> generator = createCPUTargetMachine(chip, error);
  if (!optimizer || !generator)
    return (void)driver.fail(error), nullptr;

  auto transformer = makeOptimizingTransformer(level, /*sizeLevel=*/0, optimizer.get());
  ExecutionEngineOptions options;
  options.transformer = transformer;
  options.jitCodeGenOptLevel = *llvm::CodeGenOpt::getLevel(static_cast<int>(level));
  options.enableGDBNotificationListener = false;
  options.enablePerfNotificationListener = false;
  std::unique_ptr<Program> program(new Program(std::move(signature)));
  options.sectionMemoryMapper = &program->memory;
  auto engine = ExecutionEngine::create(module, options, std::move(generator));
  if (!engine)
    return (void)driver.fail(llvm::toString(engine.takeError())), nullptr;
  program->engine = std::move(*engine);
  auto function = program->engine->lookupPacked("_mlir_ciface_" + program->signature.name);
  if (!function)
    return (void)driver.fail(llvm::toString(function.takeError())), nullptr;
  program->function = *function;
  return program;
}
