//===- PackageTarget.cpp - The code of a package for one target -----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../../Runtime/PackageFeatures.h"
#include "Package.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/Target/LLVMIR/Export.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Program.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace mlir;
using namespace mlir::posenc;
namespace json = llvm::json;

// What host code of GPU targets may count on: every x86-64 server of the last decade.
static constexpr StringLiteral kBaseline = "x86-64-v2";
// Emulated kernels want fused multiply-add and conversions of f16.
static constexpr StringLiteral kEmulationBaseline = "x86-64-v3";

std::string mlir::posenc::getTargetSymbol(size_t index) {
  return "posenc_target_" + std::to_string(index);
}

/// A name for "host" that says what the code needs: the CPU's own if it has all that
/// others of its name have, else the level that it reaches.
static std::string getHostChip() {
  StringRef own = llvm::sys::getHostCPUName();
  for (StringRef chip :
       {own, StringRef("x86-64-v4"), StringRef("x86-64-v3"), StringRef(kBaseline)})
    if (whyHostCannotRun(chip).empty())
      return chip.str();
  return "x86-64";
}

static std::vector<std::string> getNotedFeatures(StringRef chip) {
  SmallVector<StringRef> features;
  llvm::X86::getFeaturesForCPU(chip, features);
  std::vector<std::string> noted;
  for (StringRef feature : features)
    if (::posenc::runtime::isNotedFeature(feature.str()))
      noted.push_back(feature.str());
  llvm::sort(noted);
  return noted;
}

LogicalResult mlir::posenc::resolveTarget(PackageTarget &target, StringRef cpuChip,
                                          const Driver &driver) {
  if (target.family == "cpu" && target.chip == "host")
    target.chip = getHostChip();
  if (target.family == "cpu")
    target.hostChip = target.chip;
  else if (target.family != "emulate")
    target.hostChip = kBaseline.str();
  else
    target.hostChip = cpuChip.empty() ? kEmulationBaseline.str() : cpuChip.str();
  std::string error;
  std::unique_ptr<llvm::TargetMachine> machine = createCPUTargetMachine(target.hostChip, error);
  if (machine && machine->getTargetTriple().getArch() != llvm::Triple::x86_64)
    error = "expected a CPU of x86-64, which packages are for";
  if (!error.empty())
    return driver.fail("--target=" + target.getName() + ": " + error);
  target.hostFeatures = getNotedFeatures(target.hostChip);
  if (target.family == "cuda")
    target.format = llvm::sys::findProgramByName("ptxas") ? "cubin" : "ptx";
  else
    target.format = target.family == "hip"   ? "hsaco"
                    : target.family == "cpu" ? "native"
                                             : "emulated";
  return success();
}

static std::string getPasses(const PackageTarget &target) {
  if (target.family == "cpu")
    return getCPUPasses(target.chip) + ",posenc-openmp-to-runtime";
  bool isNVIDIA = StringRef(target.chip).starts_with("sm_");
  std::string format = target.family == "emulate" ? "llvm" : target.format;
  return (isNVIDIA ? "posenc-nvvm-pipeline" : "posenc-rocdl-pipeline") +
         ("{chip=" + target.chip + " format=" + format +
          " device-entry=true resident-constants=true}");
}

/// To the LLVM dialect, with what the manifest says about kernels.
static LogicalResult lower(ModuleOp module, PackageTarget &target, Driver &driver) {
  KernelRecorder recorder;
  if (failed(driver.runPasses(module, getPasses(target), recorder.makeInstrumentation())))
    return failure();
  target.kernels = recorder.take();
  for (auto binary : module.getOps<gpu::BinaryOp>())
    for (Attribute attribute : binary.getObjects())
      target.images.push_back(json::Object{
          {"module", binary.getName().str()},
          {"bytes", cast<gpu::ObjectAttr>(attribute).getObject().getValue().size()}});
  return driver.runPasses(module, target.family == "emulate"
                                      ? "posenc-host-to-runtime,posenc-emulate"
                                      : "posenc-host-to-runtime");
}

namespace {
/// Adds what the runtime looks for to the LLVM module of a target.
class TableBuilder {
public:
  TableBuilder(llvm::Module &module, const Driver &driver)
      : module(module), driver(driver), context(module.getContext()),
        pointer(llvm::PointerType::get(context, 0)), i64(llvm::Type::getInt64Ty(context)) {}

  LogicalResult build(ArrayRef<PackageEntry> entries, size_t index);

private:
  llvm::Function *buildFunction(const Signature &signature);
  llvm::Constant *buildList(ArrayRef<llvm::Constant *> pointers);
  void hideAll();

  llvm::Module &module;
  const Driver &driver;
  llvm::LLVMContext &context;
  llvm::PointerType *pointer;
  llvm::IntegerType *i64;
};
} // namespace

/// posenc::runtime::PackageFunction around the C interface of a function.
llvm::Function *TableBuilder::buildFunction(const Signature &signature) {
  llvm::Function *callee = module.getFunction("_mlir_ciface_" + signature.name);
  bool returnsValue = callee && !callee->getReturnType()->isVoidTy();
  bool hasPointer = !signature.results.empty() && !returnsValue;
  if (!callee || callee->arg_size() != signature.arguments.size() + hasPointer) {
    (void)driver.fail("expected the compiled module to have the C interface of @" +
                      signature.name);
    return nullptr;
  }
  auto *type = llvm::FunctionType::get(llvm::Type::getVoidTy(context), {pointer}, false);
  auto *function = llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage,
                                          "posenc_entry_" + signature.name, module);
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(context, "", function));
  auto loadWord = [&](unsigned index) {
    llvm::Value *address =
        builder.CreateConstInBoundsGEP1_64(pointer, function->getArg(0), index);
    return builder.CreateLoad(pointer, address);
  };
  SmallVector<llvm::Value *> arguments;
  if (hasPointer)
    arguments.push_back(loadWord(0));
  for (auto [index, spec] : llvm::enumerate(signature.arguments)) {
    llvm::Value *word = loadWord(index + 1);
    llvm::Type *parameter = callee->getArg(index + hasPointer)->getType();
    arguments.push_back(spec.isTensor ? word : builder.CreateLoad(parameter, word));
  }
  llvm::Value *result = builder.CreateCall(callee, arguments);
  if (returnsValue)
    builder.CreateStore(result, loadWord(0));
  builder.CreateRetVoid();
  return function;
}

llvm::Constant *TableBuilder::buildList(ArrayRef<llvm::Constant *> pointers) {
  auto *type = llvm::ArrayType::get(pointer, pointers.size());
  return new llvm::GlobalVariable(module, type, /*isConstant=*/true,
                                  llvm::GlobalValue::InternalLinkage,
                                  llvm::ConstantArray::get(type, pointers));
}

/// Targets share a file, not their names; what nobody needs can go.
void TableBuilder::hideAll() {
  for (llvm::GlobalValue &value : module.global_values()) {
    if (value.isDeclaration() || value.getName().starts_with("llvm."))
      continue;
    value.setVisibility(llvm::GlobalValue::DefaultVisibility);
    value.setLinkage(llvm::GlobalValue::InternalLinkage);
  }
}

LogicalResult TableBuilder::build(ArrayRef<PackageEntry> entries, size_t index) {
  SmallVector<llvm::Constant *> functions, modules;
  for (const PackageEntry &entry : entries) {
    llvm::Function *function = buildFunction(entry.signature);
    if (!function)
      return failure();
    functions.push_back(function);
  }
  for (llvm::GlobalVariable &global : module.globals())
    if (global.getName().starts_with("posenc_module_") && !global.isDeclaration())
      modules.push_back(&global);
  hideAll();
  llvm::Constant *fields[] = {llvm::ConstantInt::get(i64, functions.size()),
                              buildList(functions), llvm::ConstantInt::get(i64, modules.size()),
                              buildList(modules)};
  auto *type = llvm::StructType::get(context, {i64, pointer, i64, pointer});
  auto *table = new llvm::GlobalVariable(
      module, type, /*isConstant=*/true, llvm::GlobalValue::ExternalLinkage,
      llvm::ConstantStruct::get(type, fields), getTargetSymbol(index));
  table->setVisibility(llvm::GlobalValue::HiddenVisibility);
  return success();
}

FailureOr<std::string> mlir::posenc::emitObject(llvm::Module &module,
                                                llvm::TargetMachine &machine,
                                                const Driver &driver) {
  ExecutionEngine::setupTargetTripleAndDataLayout(&module, &machine);
  llvm::SmallVector<char, 0> contents;
  llvm::raw_svector_ostream stream(contents);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::ObjectFile))
    return driver.fail("there is no object code for the CPU of the package");
  passes.run(module);
  return std::string(contents.begin(), contents.end());
}

LogicalResult mlir::posenc::compileTarget(ModuleOp module, ArrayRef<PackageEntry> entries,
                                          size_t index, PackageTarget &target, Driver &driver) {
  OwningOpRef<ModuleOp> copy = module.clone();
  if (failed(lower(*copy, target, driver)))
    return failure();
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> code = translateModuleToLLVMIR(*copy, context, "posenc");
  if (!code)
    return driver.fail("--target=" + target.getName() + ": cannot be translated to LLVM IR");
  if (failed(TableBuilder(*code, driver).build(entries, index)))
    return failure();
  std::string error;
  std::unique_ptr<llvm::TargetMachine> machine = createCPUTargetMachine(target.hostChip, error);
  if (!machine)
    return driver.fail(error);
  ExecutionEngine::setupTargetTripleAndDataLayout(code.get(), machine.get());
  auto optimize = makeOptimizingTransformer(/*optLevel=*/3, /*sizeLevel=*/0, machine.get());
  if (llvm::Error failed = optimize(code.get()))
    return driver.fail(llvm::toString(std::move(failed)));
  FailureOr<std::string> object = emitObject(*code, *machine, driver);
  if (failed(object))
    return failure();
  target.object = std::move(*object);
  return success();
}
