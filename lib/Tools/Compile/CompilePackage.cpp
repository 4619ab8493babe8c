//===- CompilePackage.cpp - Several targets in one file -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../EqualExtents.h"
#include "Package.h"

#include "posenc/Pipelines/GPUPipelines.h"
#include "posenc/Runtime/Package.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::posenc;

bool mlir::posenc::isTargetName(StringRef target, ArrayRef<StringRef> families) {
  auto [family, chip] = target.split(':');
  return llvm::is_contained(families, family) && !chip.empty() &&
         llvm::all_of(
             chip, [](char c) { return llvm::isAlnum(c) || c == '-' || c == '_' || c == '.'; });
}

std::string mlir::posenc::whyNoKernels(StringRef target) {
  auto [family, chip] = target.split(':');
  if (family == "cpu")
    return "";
  StringRef only = family == "cuda"  ? "posenc-nvvm-pipeline"
                   : family == "hip" ? "posenc-rocdl-pipeline"
                                     : "";
  std::string error;
  return findGPUPipeline(chip, error, only).empty() ? "--target=" + target.str() + ": " + error
                                                    : "";
}

std::string mlir::posenc::parsePackageTargets(StringRef text, CompileOptions &options) {
  SmallVector<StringRef> names;
  text.split(names, ',');
  for (StringRef name : names) {
    if (!isTargetName(name, {"cuda", "hip", "cpu", "emulate"}))
      return "--target: expected cuda:CHIP, hip:CHIP, cpu:CHIP or emulate:CHIP, separated by "
             "commas, but got '" +
             name.str() + "'";
    if (llvm::is_contained(options.packageTargets, name.str()))
      return "--target: expected different targets but got '" + name.str() + "' twice";
    options.packageTargets.push_back(name.str());
  }
  return "";
}

/// The names of the targets with what they mean on this machine.
static LogicalResult resolveTargets(const CompileOptions &options,
                                    std::vector<PackageTarget> &targets, const Driver &driver) {
  std::string cpuChip;
  for (StringRef name : options.packageTargets) {
    PackageTarget &target = targets.emplace_back();
    target.family = name.split(':').first.str();
    target.chip = name.split(':').second.str();
  }
  // CPU targets first: they say what emulated kernels may use.
  for (bool isCPU : {true, false})
    for (PackageTarget &target : targets) {
      if ((target.family == "cpu") != isCPU)
        continue;
      if (failed(resolveTarget(target, cpuChip, driver)))
        return failure();
      if (isCPU && cpuChip.empty())
        cpuChip = target.chip;
    }
  for (auto [index, target] : llvm::enumerate(targets))
    for (const PackageTarget &other : ArrayRef(targets).take_front(index))
      if (other.getName() == target.getName())
        return driver.fail("--target=cpu:host: expected another target than '" +
                           target.getName() + "', which this machine is");
  return success();
}

static LogicalResult findEntries(ModuleOp module, const CompileOptions &options,
                                 std::vector<PackageEntry> &entries, const Driver &driver) {
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isDeclaration() || !function.isPublic())
      continue;
    FailureOr<Signature> signature = getSignature(function, driver);
    if (failed(signature))
      return failure();
    for (const auto *specs : {&signature->arguments, &signature->results})
      for (const ValueSpec &spec : *specs)
        if (spec.shape.size() > POSENC_MAX_RANK)
          return driver.fail("@" + signature->name + ": expected tensors of rank at most " +
                             Twine(POSENC_MAX_RANK) + " but got rank " +
                             Twine(spec.shape.size()));
    entries.push_back({std::move(*signature), {}});
  }
  if (entries.empty())
    return driver.fail(options.file + ": expected a public function but found none");
  return success();
}

FailureOr<std::string>
mlir::posenc::compilePackage(ModuleOp module, const CompileOptions &options, Driver &driver) {
  std::vector<PackageTarget> targets;
  std::vector<PackageEntry> entries;
  if (failed(resolveTargets(options, targets, driver)) ||
      failed(findEntries(module, options, entries, driver)))
    return failure();
  std::string raise = options.raise ? getRaisePasses() : "";
  if (!raise.empty() && failed(driver.runPasses(module, raise)))
    return failure();
  for (PackageEntry &entry : entries)
    entry.symbols = findEqualExtents(module.lookupSymbol<func::FuncOp>(entry.signature.name),
                                     entry.signature);
  for (auto [index, target] : llvm::enumerate(targets))
    if (failed(compileTarget(module, entries, index, target, driver)))
      return failure();
  return linkPackage(targets, makeManifest(entries, targets), driver);
}
