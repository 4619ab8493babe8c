//===- Compile.h - The parts of posenc-compile ------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_TOOLS_COMPILE_COMPILE_H
#define POSENC_LIB_TOOLS_COMPILE_COMPILE_H

#include "posenc/Tools/Driver.h"

#include "llvm/Support/JSON.h"

#include <string>
#include <vector>

namespace mlir {
namespace posenc {

struct CompileOptions {
  std::string file, emit, output;
  std::string family, chip;                // of the target
  std::vector<std::string> packageTargets; // FAMILY:CHIP each; for a package
  bool raise = true, help = false;
};

/// What a compilation gives: the file, and what a caller of its kernels must
/// know, for the JSON beside it.
struct CompiledFile {
  std::string contents;
  llvm::json::Array kernels;
};

/// Compiles for a CPU to an object, assembly or LLVM IR.
FailureOr<CompiledFile> compileForCPU(ModuleOp module, const CompileOptions &options,
                                      Driver &driver);
/// Compiles for an NVIDIA or AMD GPU.
FailureOr<CompiledFile> compileForGPU(ModuleOp module, const CompileOptions &options,
                                      Driver &driver);

/// Whether a target is FAMILY:CHIP with one of the families.
bool isTargetName(StringRef target, ArrayRef<StringRef> families);
/// Why there are no kernels for a GPU target; empty if there are, or if it is a CPU.
std::string whyNoKernels(StringRef target);
/// Sets the targets of a package; returns an error text, or none.
std::string parsePackageTargets(StringRef text, CompileOptions &options);
/// Compiles every public function for all targets into the bytes of a package.
FailureOr<std::string> compilePackage(ModuleOp module, const CompileOptions &options,
                                      Driver &driver);

/// Notes the kernels of a module as soon as a pass attaches a target to them:
/// later their arguments are flat and their launches are calls.
class KernelRecorder {
public:
  std::unique_ptr<PassInstrumentation> makeInstrumentation();
  void record(ModuleOp module);
  llvm::json::Array take() { return std::move(kernels); }

private:
  llvm::json::Array kernels;
};

/// One argument as JSON: its name, its type, and for a memref the rank.
llvm::json::Object describeValue(StringRef name, Type type);

} // namespace posenc
} // namespace mlir

#endif // POSENC_LIB_TOOLS_COMPILE_COMPILE_H
