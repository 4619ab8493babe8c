//===- Frame.h - What an emulated function has of its thread ----*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CODEGEN_EMULATE_FRAME_H
#define POSENC_LIB_CODEGEN_EMULATE_FRAME_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

#include <cstddef>

namespace mlir::posenc::emulate {

/// A function of the host whose first argument is its thread. What the function
/// needs of it is read once, at the start; buffers are shared by all calls.
class Frame {
public:
  explicit Frame(LLVM::LLVMFuncOp func);

  LLVM::LLVMFuncOp getFunc() { return func; }
  Value getThread() { return func.getBody().front().getArgument(0); }

  /// A field of the thread, at `offset` of posenc_emu_thread.
  Value readThread(Type type, size_t offset);
  /// A constant that lives at the start.
  Value getConstant(Type type, int64_t value);

  /// Calls the function at `offset` of posenc_emu_api with the thread and `operands`.
  void callAPI(OpBuilder &builder, Location loc, size_t offset, ValueRange operands);

  enum Buffer { OperandSlots, ResultSlots, OperandPoison, ResultPoison, Buffers };
  /// A buffer with room for `count` elements: slots of 8 bytes, or bytes.
  Value getBuffer(Buffer buffer, unsigned count);

  /// Memory of the function.
  Value createBytes(uint64_t bytes);

private:
  /// Where the next op of the prologue goes.
  OpBuilder getPrologue();
  void endPrologue(Operation *op) { last = op; }

  LLVM::LLVMFuncOp func;
  Operation *last = nullptr;
  DenseMap<std::pair<size_t, Type>, Value> fields;
  DenseMap<size_t, Value> functions;
  DenseMap<std::pair<int64_t, Type>, Value> constants;
  LLVM::AllocaOp buffers[Buffers] = {};
  unsigned counts[Buffers] = {};
};

} // namespace mlir::posenc::emulate

#endif // POSENC_LIB_CODEGEN_EMULATE_FRAME_H
