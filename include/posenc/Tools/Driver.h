//===- Driver.h - What posenc's tools share ---------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_TOOLS_DRIVER_H
#define POSENC_TOOLS_DRIVER_H

#include "posenc/Tools/Tools.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassInstrumentation.h"

#include "llvm/Support/SourceMgr.h"

#include <memory>
#include <string>

namespace llvm {
class TargetMachine;
} // namespace llvm

namespace mlir {
class SourceMgrDiagnosticHandler;

namespace posenc {

/// Upstream's dialects, extensions and passes, posenc's, and the translations
/// to LLVM IR. Once per process.
void registerEverything(DialectRegistry &registry);

/// A context with a module from a file; its diagnostics go to stderr.
class Driver {
public:
  Driver(std::string tool, RegisterMore more);
  ~Driver();

  /// Parses a module. Prints what is wrong on failure.
  OwningOpRef<ModuleOp> parse(StringRef path);
  /// The function to run or compile: `name`, or the only public one if it is
  /// empty. Prints what is wrong and returns null on failure.
  func::FuncOp findEntry(ModuleOp module, StringRef name);
  /// Runs passes on a module, watched by an instrumentation if there is one.
  /// Prints what is wrong on failure.
  LogicalResult runPasses(ModuleOp module, StringRef passes,
                          std::unique_ptr<PassInstrumentation> instrumentation = nullptr);
  /// Prints one line for the user and fails.
  LogicalResult fail(const Twine &message) const;

  MLIRContext &getContext() { return *context; }

private:
  std::string tool, path;
  llvm::SourceMgr sourceMgr;
  std::unique_ptr<MLIRContext> context;
  std::unique_ptr<SourceMgrDiagnosticHandler> diagnostics;
};

/// The passes that turn model IR into fused attention.
std::string getRaisePasses();
/// The passes that turn tensors into the LLVM dialect for a CPU.
std::string getCPUPasses(StringRef chip);

/// A target machine for a CPU, whose triple follows from the chip: "host",
/// "x86-64-v3", "znver4", "neoverse-n1", …. On failure `error` says why.
std::unique_ptr<llvm::TargetMachine> createCPUTargetMachine(StringRef chip, std::string &error);
/// Why this machine cannot run code for the chip; empty if it can.
std::string whyHostCannotRun(StringRef chip);

} // namespace posenc
} // namespace mlir

#endif // POSENC_TOOLS_DRIVER_H
