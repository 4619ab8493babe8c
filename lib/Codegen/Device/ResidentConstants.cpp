//===- ResidentConstants.cpp - Constants that stay on the device ----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// The runtime deals in addresses, so the call is one of the LLVM dialect already here,
// with casts around it that the conversion of everything else makes vanish.
//===----------------------------------------------------------------------===//

#include "ResidentConstants.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/FunctionCallUtils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"

using namespace mlir;

/// {allocated, aligned, offset, sizes[rank], strides[rank]} of a contiguous buffer.
static Value createDescriptor(OpBuilder &builder, Location loc, MemRefType type,
                              Value address) {
  Type i64 = builder.getI64Type(), ptr = address.getType();
  int64_t rank = type.getRank();
  SmallVector<Type> fields = {ptr, ptr, i64};
  if (rank > 0)
    fields.append(2, LLVM::LLVMArrayType::get(i64, rank));
  Value value = LLVM::PoisonOp::create(
      builder, loc, LLVM::LLVMStructType::getLiteral(builder.getContext(), fields));
  auto insert = [&](Value field, ArrayRef<int64_t> position) {
    value = LLVM::InsertValueOp::create(builder, loc, value, field, position);
  };
  auto insertNumber = [&](int64_t number, ArrayRef<int64_t> position) {
    insert(LLVM::ConstantOp::create(builder, loc, i64, builder.getI64IntegerAttr(number)),
           position);
  };
  insert(address, {0});
  insert(address, {1});
  insertNumber(0, {2});
  int64_t stride = 1;
  for (int64_t axis = rank; axis-- > 0;) {
    insertNumber(type.getDimSize(axis), {3, axis});
    insertNumber(stride, {4, axis});
    stride *= type.getDimSize(axis);
  }
  return value;
}

FailureOr<Value> posenc::createResidentConstant(OpBuilder &builder, Location loc, Value host) {
  auto type = cast<MemRefType>(host.getType());
  Type i64 = builder.getI64Type();
  auto ptr = LLVM::LLVMPointerType::get(builder.getContext());
  auto module = host.getDefiningOp()->getParentOfType<ModuleOp>();
  FailureOr<LLVM::LLVMFuncOp> function =
      LLVM::lookupOrCreateFn(builder, module, kConstantOnDevice, {ptr, i64}, ptr);
  if (failed(function))
    return failure();
  uint64_t bytes =
      DataLayout::closest(module).getTypeSize(type.getElementType()) * type.getNumElements();
  Value address = memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, host);
  address = arith::IndexCastOp::create(builder, loc, i64, address);
  address = LLVM::IntToPtrOp::create(builder, loc, ptr, address);
  Value size = LLVM::ConstantOp::create(builder, loc, i64, builder.getI64IntegerAttr(bytes));
  auto call = LLVM::CallOp::create(builder, loc, *function, ValueRange{address, size});
  Value descriptor = createDescriptor(builder, loc, type, call.getResult());
  return UnrealizedConversionCastOp::create(builder, loc, type, descriptor).getResult(0);
}
