//===- MoveFunction.cpp - Functions of the device on the host ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include "Scalars.h"

#include "mlir/Interfaces/DataLayoutInterfaces.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::emulate;

bool emulate::isKernel(LLVM::LLVMFuncOp func) {
  return func->hasAttr("gpu.kernel") || func->hasAttr("nvvm.kernel") ||
         func->hasAttr("rocdl.kernel");
}

Function emulate::moveFunction(Module &module, LLVM::LLVMFuncOp func) {
  OpBuilder builder(module.source);
  Type pointer = LLVM::LLVMPointerType::get(func.getContext());
  Function function;
  function.isKernel = isKernel(func);
  SmallVector<Type> parameters = {pointer};
  if (function.isKernel)
    parameters.push_back(pointer);
  else
    llvm::append_range(parameters, func.getArgumentTypes());
  auto type = LLVM::LLVMFunctionType::get(func.getFunctionType().getReturnType(), parameters);
  auto moved = LLVM::LLVMFuncOp::create(builder, func.getLoc(), module.rename(func.getName()),
                                        type, LLVM::Linkage::Internal);
  function.func = moved;
  moved.getBody().takeBody(func.getBody());
  Block &entry = moved.getBody().front();
  entry.insertArgument(0u, pointer, func.getLoc());
  if (!function.isKernel)
    return function;
  entry.insertArgument(1u, pointer, func.getLoc());
  for (unsigned i = 0, e = func.getNumArguments(); i < e; ++i) {
    auto byValue = func.getArgAttrOfType<TypeAttr>(i, LLVM::LLVMDialect::getByValAttrName());
    function.byValue.push_back(byValue ? byValue.getValue() : Type());
  }
  module.tables.addKernel(func.getName(), formatLocation(func), moved.getName(),
                          func.getNumArguments());
  return function;
}

/// A parameter that is passed as a pointer to a copy is copied once more, to where the
/// thread may change it.
static Value copyParameter(OpBuilder &builder, Location loc, Value from, Type type,
                           uint64_t bytes) {
  Value one = LLVM::ConstantOp::create(builder, loc, builder.getI32Type(),
                                       builder.getI32IntegerAttr(1));
  Value copy = LLVM::AllocaOp::create(builder, loc, from.getType(), type, one,
                                      /*alignment=*/64);
  Value size = LLVM::ConstantOp::create(builder, loc, builder.getI64Type(),
                                        builder.getI64IntegerAttr(bytes));
  LLVM::MemcpyOp::create(builder, loc, copy, from, size, /*isVolatile=*/false);
  return copy;
}

void Lowering::readParameters() {
  Block &entry = frame.getFunc().getBody().front();
  OpBuilder builder = OpBuilder::atBlockBegin(&entry);
  Location loc = frame.getFunc().getLoc();
  Type pointer = frame.getThread().getType();
  for (auto [i, byValue] : llvm::enumerate(function.byValue)) {
    BlockArgument old = entry.getArgument(i + 2);
    if (old.use_empty())
      continue;
    Value at = LLVM::GEPOp::create(builder, loc, pointer, pointer, entry.getArgument(1),
                                   LLVM::GEPArg(int32_t(i)));
    Value value = LLVM::LoadOp::create(builder, loc, pointer, at);
    if (byValue)
      value = copyParameter(
          builder, loc, value, byValue,
          DataLayout::closest(module.source).getTypeSize(byValue).getFixedValue());
    else
      value = LLVM::LoadOp::create(builder, loc, old.getType(), value);
    old.replaceAllUsesWith(value);
  }
  entry.eraseArguments(2, function.byValue.size());
}
