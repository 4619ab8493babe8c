//===- Program.h - A compiled function --------------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_TOOLS_RUN_PROGRAM_H
#define POSENC_LIB_TOOLS_RUN_PROGRAM_H

#include "JitMemory.h"
#include "RunDevice.h"
#include "Signature.h"

namespace mlir {
class ExecutionEngine;

namespace posenc {

/// A function of a module, compiled for this machine.
class Program {
public:
  /// Compiles a module in the LLVM dialect whose function has the C interface
  /// (one descriptor pointer per memref, results first). `level` is how much LLVM
  /// optimises, 0 to 3. Prints what is wrong on failure.
  static std::unique_ptr<Program> create(ModuleOp module, Signature signature, StringRef chip,
                                         unsigned level, const Driver &driver);
  ~Program();

  /// Calls the function, on a device if there is one. The arguments must be bound to
  /// the signature. `milliseconds`, if given, is the time of the call alone. Prints
  /// what is wrong on failure, which only a device can cause.
  FailureOr<std::vector<Array>> call(const std::vector<Array> &arguments, RunDevice *device,
                                     double *milliseconds = nullptr);

private:
  Program(Signature signature);

  Signature signature;
  JitMemory memory; // outlives the engine
  std::unique_ptr<ExecutionEngine> engine;
  void (*function)(void **) = nullptr;
};

} // namespace posenc
} // namespace mlir

#endif // POSENC_LIB_TOOLS_RUN_PROGRAM_H
