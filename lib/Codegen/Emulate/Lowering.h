//===- Lowering.h - Ops of one function on the host -------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CODEGEN_EMULATE_LOWERING_H
#define POSENC_LIB_CODEGEN_EMULATE_LOWERING_H

#include "Emulate.h"
#include "Poison.h"

namespace mlir::posenc::emulate {

/// Lowers the ops of a function that was moved to the host. Without an analysis
/// nothing is poison.
class Lowering {
public:
  Lowering(Module &module, const PoisonAnalysis *analysis, Function &function);
  void lowerAll();

private:
  // LowerOps.cpp
  void lower(Operation *op);
  void lowerAddress(LLVM::AddressOfOp op);
  void lowerUnreachable(LLVM::UnreachableOp op);
  /// Uses of `from` become uses of `to`, which is poison where `from` was.
  void forward(Value from, Value to);
  void replace(Operation *op, Value value);

  // Memory.cpp
  /// ptrtoint and inttoptr, if the pointer is one of shared memory.
  void lowerAddressCast(Operation *op);

  // MoveFunction.cpp
  /// Reads the parameters of a kernel from the array that it is given.
  void readParameters();

  // PrivateMemory.cpp
  void lowerAlloca(LLVM::AllocaOp op);
  /// If the op is a load or store of a variable that is followed, does what is to do
  /// instead of a check by the emulator.
  bool lowerPrivateAccess(Operation *op);
  /// Where the shadow of what is at `address` lies.
  Value getPrivateOffset(Operation *op, OpOperand &address, uint64_t bytes);

  // LowerInstructions.cpp
  void lowerThreadRead(Operation *op);
  void lowerInstruction(Operation *op);
  /// The bytes in which an instruction finds out which operands are poison.
  Value storePoison(Operation *op);
  /// `results` from the slots that an instruction wrote.
  void loadResults(Operation *op, Value slots, Value poison);

  // LowerCalls.cpp
  /// Adds an i1 for each block argument, parameter and result that may be poison.
  void addPoisonArguments();
  void lowerCall(LLVM::CallOp op);
  void passPoison(Operation *terminator);
  void returnPoison(LLVM::ReturnOp op);

  // ReportPoison.cpp
  void reportPoison(Operation *op);
  void reportIf(Operation *op, Value condition, posenc_emu_kind kind);
  void reportDivision(Operation *op);
  void reportAssumption(LLVM::AssumeOp op);
  /// The function that calls the emulator on a condition.
  StringRef getReporter();

  // Accesses.cpp
  void reportAccess(Operation *op);

  // Statistics.cpp
  void countOperations();

  Module &module;
  const PoisonAnalysis *analysis;
  Function &function;
  Frame frame;
  OpBuilder builder;
  DenseMap<Value, Lanes> poison;
  PoisonRules rules;
  PrivatePointers privates;
  /// Shadow and size in bytes of variables.
  DenseMap<Operation *, std::pair<Value, uint64_t>> variables;
};

} // namespace mlir::posenc::emulate

#endif // POSENC_LIB_CODEGEN_EMULATE_LOWERING_H
