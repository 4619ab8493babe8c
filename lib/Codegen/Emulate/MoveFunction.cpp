//===- MoveFunction.cpp - Functions of the device on the host ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emulate.h"
#include "Scalars.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::emulate;

bool emulate::isKernel(LLVM::LLVMFuncOp func) {
  return func->hasAttr("gpu.kernel") || func->hasAttr("nvvm.kernel") ||
         func->hasAttr("rocdl.kernel");
}

/// Parameter `index` of a kernel out of the array that has a pointer to each.
static Value readParameter(OpBuilder &builder, Location loc, Value array, unsigned index,
                           Type type, bool isByValue) {
  Type pointer = array.getType();
  Value at = LLVM::GEPOp::create(builder, loc, pointer, pointer, array,
                                 LLVM::GEPArg(int32_t(index)));
  Value address = LLVM::LoadOp::create(builder, loc, pointer, at);
  return isByValue ? address : LLVM::LoadOp::create(builder, loc, type, address);
}

/// The old parameters of `from`, read at the start of a kernel.
static void readParameters(LLVM::LLVMFuncOp from, Block &entry) {
  OpBuilder builder = OpBuilder::atBlockBegin(&entry);
  Location loc = from.getLoc();
  for (unsigned i = 0, e = entry.getNumArguments() - 2; i < e; ++i) {
    BlockArgument old = entry.getArgument(i + 2);
    if (old.use_empty())
      continue;
    bool isByValue = bool(from.getArgAttr(i, LLVM::LLVMDialect::getByValAttrName()));
    old.replaceAllUsesWith(
        readParameter(builder, loc, entry.getArgument(1), i, old.getType(), isByValue));
  }
  entry.eraseArguments(2, entry.getNumArguments() - 2);
}

LLVM::LLVMFuncOp emulate::moveFunction(Module &module, LLVM::LLVMFuncOp func) {
  OpBuilder builder(module.source);
  Type pointer = LLVM::LLVMPointerType::get(func.getContext());
  bool kernel = isKernel(func);
  SmallVector<Type> parameters = {pointer};
  if (kernel)
    parameters.push_back(pointer);
  else
    llvm::append_range(parameters, func.getArgumentTypes());
  auto type = LLVM::LLVMFunctionType::get(func.getFunctionType().getReturnType(), parameters);
  auto moved = LLVM::LLVMFuncOp::create(builder, func.getLoc(), module.rename(func.getName()),
                                        type, LLVM::Linkage::Internal);
  moved.getBody().takeBody(func.getBody());
  Block &entry = moved.getBody().front();
  entry.insertArgument(0u, pointer, func.getLoc());
  if (!kernel)
    return moved;
  entry.insertArgument(1u, pointer, func.getLoc());
  readParameters(func, entry);
  module.tables.addKernel(func.getName(), formatLocation(func), moved.getName(),
                          func.getNumArguments());
  return moved;
}
