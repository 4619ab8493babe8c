//===- Emulate.h - Steps of posenc-emulate ----------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CODEGEN_EMULATE_EMULATE_H
#define POSENC_LIB_CODEGEN_EMULATE_EMULATE_H

#include "Frame.h"
#include "Tables.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

#include <optional>

namespace mlir::posenc::emulate {

/// A gpu.module on its way to the host.
struct Module {
  gpu::GPUModuleOp source;
  ModuleOp host;
  Tables tables;
  /// Offsets of buffers in static shared memory; none for dynamic shared memory.
  llvm::StringMap<std::optional<uint64_t>> shared = {};
  /// The function that reports poison on a condition, once there is one.
  std::string reporter = "";

  /// The host's name of a symbol of the source.
  std::string rename(StringRef symbol) const {
    return ("posenc_emulated_" + tables.getModule() + "_" + symbol).str();
  }
};

/// Emits an error for each op that the emulator can not run, or that the chip lacks.
LogicalResult verifyModelled(gpu::GPUModuleOp module, StringRef chip);

/// Emits an error if a kernel may need more private memory than a thread has.
LogicalResult verifyStack(gpu::GPUModuleOp module);

/// Registers that wgmma writes are waited for.
LogicalResult verifyAsyncRegisters(Operation *root);

/// Gives shared globals their offsets and moves constants to the host.
LogicalResult moveGlobals(Module &module);

bool isKernel(LLVM::LLVMFuncOp func);

/// A function on its way to the host.
struct Function {
  LLVM::LLVMFuncOp func;
  bool isKernel = false;
  /// Of a kernel's parameters, the types of those that are pointers to a copy.
  SmallVector<Type> byValue;
};
/// A function of the host with the body of `func`, thread first. The parameters of a
/// kernel come after the pointer to them until lowerFunction reads them from there.
Function moveFunction(Module &module, LLVM::LLVMFuncOp func);

class PoisonAnalysis;
/// Lowers the ops of a function that was moved.
void lowerFunction(Module &module, const PoisonAnalysis *analysis, Function &function);

/// True if the op is an instruction of a target, whether it has a model or not.
bool isInstruction(Operation *op);
/// True if the op reads something that a thread knows of itself.
bool readsThread(Operation *op);
/// Offset in posenc_emu_thread of what an op of that name reads.
std::optional<size_t> findThreadField(StringRef name);
/// True if an op of that name reads the thread's place in its warp.
bool readsLane(StringRef name);
/// True if the model may say that a result is poison.
bool mayReturnPoison(Operation *op, function_ref<bool(Value)> isPoison);

/// Makes every pointer one of the host.
void mergeAddressSpaces(LLVM::LLVMFuncOp func);

/// Arithmetic on bf16 becomes arithmetic on f32; bf16 itself becomes i16.
void expandBF16(LLVM::LLVMFuncOp func);

} // namespace mlir::posenc::emulate

#endif // POSENC_LIB_CODEGEN_EMULATE_EMULATE_H
