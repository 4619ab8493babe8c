//===- PackageLink.cpp - Targets and manifest to one sealed file ----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../../Runtime/PackageFile.h"
#include "../../Runtime/PackageFormat.h"
#include "Package.h"
#include "posenc/Codegen/Device/Linker.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

#include <cstddef>
#include <cstring>
#include <dlfcn.h>

using namespace mlir;
using namespace mlir::posenc;
namespace sys = llvm::sys;
namespace runtime = ::posenc::runtime;

// Code for every x86-64: there is nothing to compute.
static constexpr StringLiteral kPlainChip = "x86-64";
// What packages need beside the runtime.
static constexpr StringLiteral kSystemLibraries[] = {"libm.so.6", "libc.so.6"};
// What the runtime needs, so that it is there: conversions of f16 on old CPUs.
static constexpr StringLiteral kCompilerLibrary = "libgcc_s.so.1";

static void addSection(llvm::Module &module, StringRef name, StringRef contents) {
  llvm::Constant *data =
      llvm::ConstantDataArray::getString(module.getContext(), contents, /*AddNull=*/false);
  auto *global =
      new llvm::GlobalVariable(module, data->getType(), /*isConstant=*/true,
                               llvm::GlobalValue::PrivateLinkage, data, "posenc_section");
  global->setSection(name);
  global->setAlignment(llvm::Align(8));
  llvm::appendToUsed(module, {global});
}

/// The table that the package exports.
static void addCode(llvm::Module &module, size_t targetCount) {
  llvm::LLVMContext &context = module.getContext();
  auto *pointer = llvm::PointerType::get(context, 0);
  SmallVector<llvm::Constant *> targets;
  for (size_t index = 0; index < targetCount; ++index) {
    auto *target = new llvm::GlobalVariable(module, pointer, /*isConstant=*/true,
                                            llvm::GlobalValue::ExternalLinkage, nullptr,
                                            getTargetSymbol(index));
    target->setVisibility(llvm::GlobalValue::HiddenVisibility);
    targets.push_back(target);
  }
  auto *listType = llvm::ArrayType::get(pointer, targets.size());
  auto *list = new llvm::GlobalVariable(module, listType, /*isConstant=*/true,
                                        llvm::GlobalValue::PrivateLinkage,
                                        llvm::ConstantArray::get(listType, targets));
  auto *i64 = llvm::Type::getInt64Ty(context);
  llvm::Constant *fields[] = {llvm::ConstantInt::get(i64, targets.size()), list};
  llvm::Constant *code = llvm::ConstantStruct::getAnon(fields);
  new llvm::GlobalVariable(module, code->getType(), /*isConstant=*/true,
                           llvm::GlobalValue::ExternalLinkage, code, runtime::kPackageSymbol);
}

namespace {
/// Runs ld.lld in a folder of its own.
class Linker {
public:
  explicit Linker(const Driver &driver) : driver(driver) {}
  ~Linker() {
    if (!folder.empty())
      sys::fs::remove_directories(folder);
  }

  LogicalResult open();
  LogicalResult addObject(StringRef name, StringRef contents);
  /// Makes a library without symbols that what is linked with it will need by name.
  LogicalResult addNeeded(StringRef name, StringRef emptyObject);
  FailureOr<std::string> link();

private:
  std::string getPath(StringRef name) const { return (folder + "/" + name).str(); }
  LogicalResult write(StringRef path, StringRef contents) const;
  LogicalResult run(ArrayRef<std::string> arguments) const;

  const Driver &driver;
  std::string linker;
  SmallString<128> folder;
  std::vector<std::string> inputs;
};
} // namespace

LogicalResult Linker::open() {
  std::optional<std::string> found = findDeviceLinker();
  if (!found)
    return driver.fail("expected ld.lld on PATH to make a package but found none");
  linker = *found;
  if (std::error_code error = sys::fs::createUniqueDirectory("posenc-package", folder))
    return driver.fail("cannot make a temporary folder: " + error.message());
  return success();
}

LogicalResult Linker::write(StringRef path, StringRef contents) const {
  std::error_code error;
  llvm::raw_fd_ostream stream(path, error);
  stream << contents;
  stream.close();
  if (!error)
    error = stream.error();
  stream.clear_error();
  return error ? driver.fail(path + ": cannot write: " + error.message()) : success();
}

LogicalResult Linker::run(ArrayRef<std::string> arguments) const {
  SmallVector<StringRef> words{linker};
  llvm::append_range(words, arguments);
  std::string log = getPath("log"), message;
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(log), StringRef(log)};
  int code = sys::ExecuteAndWait(linker, words, std::nullopt, redirects, 0, 0, &message);
  if (code == 0)
    return success();
  auto text = llvm::MemoryBuffer::getFile(log);
  StringRef reason = text ? (*text)->getBuffer().trim() : StringRef(message);
  return driver.fail("ld.lld failed: " + reason.split('\n').first);
}

LogicalResult Linker::addObject(StringRef name, StringRef contents) {
  inputs.push_back(getPath(name));
  return write(inputs.back(), contents);
}

LogicalResult Linker::addNeeded(StringRef name, StringRef emptyObject) {
  std::string object = getPath("empty.o");
  inputs.push_back(getPath(name));
  if (failed(write(object, emptyObject)))
    return failure();
  return run({"-shared", "-soname", name.str(), "-o", inputs.back(), object});
}

FailureOr<std::string> Linker::link() {
  std::string output = getPath("package");
  std::vector<std::string> arguments = {
      "-shared", "-o", output, "--strip-all", "--hash-style=gnu", "--build-id=none",
      // The stand-ins have no symbols; checkUndefined looks at what is left open.
      "--unresolved-symbols=ignore-all", "--no-as-needed", "-z", "now", "-z", "relro", "-z",
      "text", "-z", "noexecstack"};
  llvm::append_range(arguments, inputs);
  if (failed(run(arguments)))
    return failure();
  auto buffer = llvm::MemoryBuffer::getFile(output);
  if (!buffer)
    return driver.fail("cannot read what ld.lld wrote: " + buffer.getError().message());
  return (*buffer)->getBuffer().str();
}

/// Code may call the runtime, libc, libm and libgcc. What else it calls would only show when a
/// package is loaded.
static LogicalResult checkUndefined(StringRef bytes, const Driver &driver) {
  auto object =
      llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(bytes, "package"));
  if (!object)
    return driver.fail(llvm::toString(object.takeError()));
  auto *elf = dyn_cast<llvm::object::ELFObjectFileBase>(object->get());
  SmallVector<void *> libraries;
  llvm::scope_exit close([&] {
    for (void *library : libraries)
      dlclose(library);
  });
  for (StringRef name : {kSystemLibraries[0], kSystemLibraries[1], kCompilerLibrary})
    if (void *library = dlopen(name.data(), RTLD_LAZY | RTLD_LOCAL))
      libraries.push_back(library);
  for (const llvm::object::ELFSymbolRef &symbol : elf->getDynamicSymbolIterators()) {
    auto flags = symbol.getFlags();
    auto name = symbol.getName();
    if (!flags || !name)
      return driver.fail("cannot read the symbols of what ld.lld wrote");
    std::string text = name->str();
    if (!(*flags & llvm::object::BasicSymbolRef::SF_Undefined) || text.empty() ||
        StringRef(text).starts_with("posenc_rt_"))
      continue;
    if (llvm::none_of(libraries, [&](void *library) { return dlsym(library, text.c_str()); }))
      return driver.fail("the code calls '" + text +
                         "', which neither libposenc_runtime nor libc, libm or libgcc has");
  }
  return success();
}

/// Writes the checksum into the linked file.
static LogicalResult seal(std::string &bytes, const Driver &driver) {
  runtime::PackageParts parts;
  std::string error;
  if (!runtime::findParts(bytes, parts, error))
    return driver.fail("the linked package is damaged: " + error);
  unsigned char checksum[sizeof(runtime::PackageSeal::checksum)];
  runtime::computeChecksum(bytes, parts.sealOffset, checksum);
  std::memcpy(&bytes[parts.sealOffset + offsetof(runtime::PackageSeal, checksum)], checksum,
              sizeof(checksum));
  return success();
}

FailureOr<std::string> mlir::posenc::linkPackage(ArrayRef<PackageTarget> targets,
                                                 StringRef manifest, const Driver &driver) {
  std::string error;
  std::unique_ptr<llvm::TargetMachine> machine = createCPUTargetMachine(kPlainChip, error);
  if (!machine)
    return driver.fail(error);
  llvm::LLVMContext context;
  llvm::Module module("package", context), empty("empty", context);
  runtime::PackageSeal seal = {};
  std::memcpy(seal.magic, runtime::kSealMagic, sizeof(seal.magic));
  seal.format = runtime::kPackageFormat;
  addSection(module, runtime::kSealSection,
             StringRef(reinterpret_cast<const char *>(&seal), sizeof(seal)));
  addSection(module, runtime::kManifestSection, manifest);
  addCode(module, targets.size());
  FailureOr<std::string> object = emitObject(module, *machine, driver);
  FailureOr<std::string> emptyObject = emitObject(empty, *machine, driver);
  Linker linker(driver);
  if (failed(object) || failed(emptyObject) || failed(linker.open()) ||
      failed(linker.addObject("package.o", *object)))
    return failure();
  for (auto [index, target] : llvm::enumerate(targets))
    if (failed(linker.addObject(getTargetSymbol(index) + ".o", target.object)))
      return failure();
  for (StringRef library : {StringRef(POSENC_RUNTIME_LIBRARY), StringRef(kSystemLibraries[0]),
                            StringRef(kSystemLibraries[1])})
    if (failed(linker.addNeeded(library, *emptyObject)))
      return failure();
  FailureOr<std::string> bytes = linker.link();
  if (failed(bytes) || failed(checkUndefined(*bytes, driver)) || failed(::seal(*bytes, driver)))
    return failure();
  return bytes;
}
