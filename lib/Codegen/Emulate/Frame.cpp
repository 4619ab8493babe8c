//===- Frame.cpp - What an emulated function has of its thread ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frame.h"

#include "posenc/Runtime/Emulator/EmulatedCode.h"

using namespace mlir;
using namespace mlir::posenc::emulate;

Frame::Frame(LLVM::LLVMFuncOp func) : func(func) {}

OpBuilder Frame::getPrologue() {
  OpBuilder builder(func.getContext());
  if (last)
    builder.setInsertionPointAfter(last);
  else
    builder.setInsertionPointToStart(&func.getBody().front());
  return builder;
}

/// A load of what never changes while the thread runs.
static Value loadField(OpBuilder &builder, Location loc, Type type, Value base, size_t offset) {
  if (offset != 0)
    base = LLVM::GEPOp::create(builder, loc, base.getType(), builder.getI8Type(), base,
                               LLVM::GEPArg(int32_t(offset)));
  return LLVM::LoadOp::create(builder, loc, type, base, /*alignment=*/0, /*isVolatile=*/false,
                              /*isNonTemporal=*/false, /*isInvariant=*/true);
}

Value Frame::readThread(Type type, size_t offset) {
  Value &field = fields[{offset, type}];
  if (!field) {
    OpBuilder builder = getPrologue();
    field = loadField(builder, func.getLoc(), type, getThread(), offset);
    endPrologue(field.getDefiningOp());
  }
  return field;
}

Value Frame::getConstant(Type type, int64_t value) {
  Value &constant = constants[{value, type}];
  if (!constant) {
    OpBuilder builder = getPrologue();
    constant = LLVM::ConstantOp::create(builder, func.getLoc(), type,
                                        builder.getIntegerAttr(type, value));
    endPrologue(constant.getDefiningOp());
  }
  return constant;
}

void Frame::callAPI(OpBuilder &builder, Location loc, size_t offset, ValueRange operands) {
  Type pointer = LLVM::LLVMPointerType::get(func.getContext());
  Value api = readThread(pointer, offsetof(posenc_emu_thread, api));
  Value &callee = functions[offset];
  if (!callee) {
    OpBuilder prologue = getPrologue();
    callee = loadField(prologue, func.getLoc(), pointer, api, offset);
    endPrologue(callee.getDefiningOp());
  }
  SmallVector<Value> arguments = {callee, getThread()};
  llvm::append_range(arguments, operands);
  SmallVector<Type> types(ValueRange(arguments).drop_front().getTypes());
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(func.getContext()), types);
  LLVM::CallOp::create(builder, loc, type, arguments);
}

Value Frame::getBuffer(Buffer buffer, unsigned count) {
  LLVM::AllocaOp &alloca = buffers[buffer];
  bool isSlots = buffer == OperandSlots || buffer == ResultSlots;
  if (!alloca) {
    OpBuilder builder = getPrologue();
    Value size = LLVM::ConstantOp::create(builder, func.getLoc(), builder.getI32Type(),
                                          builder.getI32IntegerAttr(0));
    Type type = isSlots ? builder.getI64Type() : builder.getI8Type();
    alloca = LLVM::AllocaOp::create(builder, func.getLoc(),
                                    LLVM::LLVMPointerType::get(func.getContext()), type, size,
                                    /*alignment=*/8);
    endPrologue(alloca);
  }
  counts[buffer] = std::max(counts[buffer], count);
  auto size = alloca.getArraySize().getDefiningOp<LLVM::ConstantOp>();
  size.setValueAttr(OpBuilder(func.getContext()).getI32IntegerAttr(counts[buffer]));
  return alloca;
}

Value Frame::createBytes(uint64_t bytes) {
  Type i8 = IntegerType::get(func.getContext(), 8);
  Value count = getConstant(IntegerType::get(func.getContext(), 64), bytes);
  OpBuilder builder = getPrologue();
  auto alloca = LLVM::AllocaOp::create(builder, func.getLoc(), getThread().getType(), i8, count,
                                       /*alignment=*/8);
  endPrologue(alloca);
  return alloca;
}
