//===- TensorView.cpp - q, k, v, o of a kernel through strides ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Kernel/TensorView.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::kernel;

Type TensorView::elementType() const { return getElementTypeOrSelf(memref.getType()); }

int64_t TensorView::elementsPer128() const {
  return 128 / elementType().getIntOrFloatBitWidth();
}

Value TensorView::extent(const Emit &emit, AttentionOp::Logical which) const {
  int64_t size = staticExtent(which);
  if (!ShapedType::isDynamic(size))
    return emit.index(size);
  return memref::DimOp::create(emit.builder, emit.loc, memref, dims.dimOf(which));
}

SmallVector<Value> TensorView::order(const RowIndex &row, Value channel) const {
  SmallVector<Value> at(4);
  at[dims.dimOf(AttentionOp::Batch)] = row.b;
  at[dims.dimOf(AttentionOp::Head)] = row.h;
  at[dims.dimOf(AttentionOp::Seq)] = row.t;
  at[dims.dimOf(AttentionOp::Channel)] = channel;
  return at;
}

/// To and from f32, scalars and vectors.
static Value widen(const Emit &emit, Value value) {
  if (getElementTypeOrSelf(value.getType()).isF32())
    return value;
  Type type = emit.builder.getF32Type();
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    type = vector.clone(type);
  return arith::ExtFOp::create(emit.builder, emit.loc, type, value);
}
static Value narrow(const Emit &emit, Value value, Type element) {
  if (element.isF32())
    return value;
  Type type = element;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    type = vector.clone(element);
  return arith::TruncFOp::create(emit.builder, emit.loc, type, value);
}

Value TensorView::load(const Emit &emit, const RowIndex &row, Value channel) const {
  return widen(emit,
               memref::LoadOp::create(emit.builder, emit.loc, memref, order(row, channel)));
}
void TensorView::store(const Emit &emit, Value value, const RowIndex &row,
                       Value channel) const {
  memref::StoreOp::create(emit.builder, emit.loc, narrow(emit, value, elementType()), memref,
                          order(row, channel));
}

Value TensorView::loadVector(const Emit &emit, const RowIndex &row, Value channel,
                             int64_t width) const {
  auto type = VectorType::get(width, elementType());
  int64_t bytes = width * elementType().getIntOrFloatBitWidth() / 8;
  Value loaded =
      vector::LoadOp::create(emit.builder, emit.loc, type, memref, order(row, channel),
                             /*nontemporal=*/false, llvm::MaybeAlign(bytes));
  return widen(emit, loaded);
}
void TensorView::storeVector(const Emit &emit, Value values, const RowIndex &row,
                             Value channel) const {
  Value narrowed = narrow(emit, values, elementType());
  int64_t bytes = cast<VectorType>(narrowed.getType()).getNumElements() *
                  elementType().getIntOrFloatBitWidth() / 8;
  vector::StoreOp::create(emit.builder, emit.loc, narrowed, memref, order(row, channel),
                          /*nontemporal=*/false, llvm::MaybeAlign(bytes));
}

Value TensorView::vectorizable(const Emit &emit, int64_t width) const {
  auto type = cast<MemRefType>(memref.getType());
  int64_t channels = dims.dimOf(AttentionOp::Channel);
  SmallVector<int64_t> strides;
  int64_t offset;
  // A vector access also needs the last dimension of the memref to be the
  // adjacent one.
  if (failed(type.getStridesAndOffset(strides, offset)) || channels != 3 || strides[3] != 1)
    return {};
  auto metadata = memref::ExtractStridedMetadataOp::create(emit.builder, emit.loc, memref);
  // Every row starts on a multiple of `width` elements if all of these are one.
  SmallVector<Value> mustDivide;
  auto require = [&](int64_t known, Value dynamic) {
    if (ShapedType::isDynamic(known))
      mustDivide.push_back(dynamic);
    return ShapedType::isDynamic(known) || known % width == 0;
  };
  bool possible = require(type.getDimSize(3), metadata.getSizes()[3]);
  for (int64_t dim = 0; dim < 3; ++dim)
    if (type.getDimSize(dim) != 1)
      possible &= require(strides[dim], metadata.getStrides()[dim]);
  if (!possible)
    return {};
  Value address =
      memref::ExtractAlignedPointerAsIndexOp::create(emit.builder, emit.loc, memref);
  int64_t bytes = elementType().getIntOrFloatBitWidth() / 8;
  Value start =
      ShapedType::isDynamic(offset) ? Value(metadata.getOffset()) : emit.index(offset);
  Value bits = emit.add(address, emit.mul(start, bytes));
  for (Value value : mustDivide)
    bits = arith::OrIOp::create(emit.builder, emit.loc, bits, emit.mul(value, bytes));
  Value low =
      arith::AndIOp::create(emit.builder, emit.loc, bits, emit.index(width * bytes - 1));
  return arith::CmpIOp::create(emit.builder, emit.loc, arith::CmpIPredicate::eq, low,
                               emit.index(0));
}
