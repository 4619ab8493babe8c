//===- Package.h - The parts of a package -----------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_TOOLS_COMPILE_PACKAGE_H
#define POSENC_LIB_TOOLS_COMPILE_PACKAGE_H

#include "../Run/Signature.h"
#include "Compile.h"

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace mlir {
namespace posenc {

/// An entry with what its extents have to do with each other: symbols[i][d] is the
/// number of the class of dimension d of argument i (then of the results), -1 for none.
struct PackageEntry {
  Signature signature;
  std::vector<std::vector<int64_t>> symbols;
};

/// The code for one target.
struct PackageTarget {
  std::string family, chip;
  std::string hostChip;                  // LLVM's name of the CPU that the host code is for
  std::vector<std::string> hostFeatures; // what this asks of the machine
  std::string format;                    // of the kernels
  llvm::json::Array kernels, images;
  std::string object;

  std::string getName() const { return family + ":" + chip; }
};

/// Sets what the name of a target means for its host code: `cpuChip` is the CPU of the
/// package's first CPU target or empty. Prints what is wrong on failure.
LogicalResult resolveTarget(PackageTarget &target, StringRef cpuChip, const Driver &driver);

/// Compiles a module, whose attention is found, for a target; `index` makes the symbols of
/// the object unique in the package.
LogicalResult compileTarget(ModuleOp module, ArrayRef<PackageEntry> entries, size_t index,
                            PackageTarget &target, Driver &driver);

/// The name of the table of a target's functions.
std::string getTargetSymbol(size_t index);
/// A module's object code.
FailureOr<std::string> emitObject(llvm::Module &module, llvm::TargetMachine &machine,
                                  const Driver &driver);

std::string makeManifest(ArrayRef<PackageEntry> entries, ArrayRef<PackageTarget> targets);

/// Links the targets and the manifest, and seals the file.
FailureOr<std::string> linkPackage(ArrayRef<PackageTarget> targets, StringRef manifest,
                                   const Driver &driver);

} // namespace posenc
} // namespace mlir

#endif // POSENC_LIB_TOOLS_COMPILE_PACKAGE_H
