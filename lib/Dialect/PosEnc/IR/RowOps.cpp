//===- RowOps.cpp - What transforms of rows share; row_scale --------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RowOps.h"

#include "RegionOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::regionops;
using namespace mlir::posenc::rowops;

RowExtents RowExtents::get(RankedTensorType type, DimsAttr dims) {
  ArrayRef<int64_t> shape = type.getShape();
  RowExtents rows;
  if (shape.size() == 4) {
    rows.batch = shape[dims.dimOf(AttentionOp::Batch)];
    rows.heads = shape[dims.dimOf(AttentionOp::Head)];
    rows.tokens = shape[dims.dimOf(AttentionOp::Seq)];
    rows.channels = shape[dims.dimOf(AttentionOp::Channel)];
    return rows;
  }
  rows.batch = shape.size() == 3 ? shape[0] : 1;
  rows.heads = 1;
  rows.tokens = shape[shape.size() - 2];
  rows.channels = shape.back();
  return rows;
}

LogicalResult rowops::verifyRowForm(Operation *op, Value x, ValueRange at, DimsAttr dims,
                                    bool perHead, const RowIds &ids) {
  auto tensor = dyn_cast<RankedTensorType>(x.getType());
  bool row = isa<RowType>(x.getType()) && !at.empty() && at.size() <= 3;
  bool whole = tensor && tensor.getRank() >= 2 && tensor.getRank() <= 4 && at.empty();
  if (!row && !whole)
    return op->emitOpError() << ids.form
                             << " expected a row with one to three indices, at(…), or a "
                                "tensor of rank 2 to 4 without, but got "
                             << x.getType() << " with " << at.size() << " indices";
  if (op->getResult(0).getType() != x.getType())
    return op->emitOpError() << ids.form << " expected a result of type " << x.getType()
                             << " but got " << op->getResult(0).getType();
  bool rank4 = tensor && tensor.getRank() == 4;
  if (!dims.isIdentity() && !rank4)
    return op->emitOpError() << ids.dims << " expected dims only on a tensor of rank 4 but got "
                             << x.getType();
  if (perHead && !rank4)
    return op->emitOpError() << ids.perHead
                             << " expected per_head only on a tensor of rank 4 but got "
                             << x.getType();
  return success();
}

bool rowops::tableFits(ArrayRef<int64_t> leading, const RowExtents &rows, bool perHead) {
  SmallVector<int64_t> extents{rows.batch};
  if (perHead)
    extents.push_back(rows.heads);
  extents.push_back(rows.tokens);
  if (leading.size() > extents.size())
    return false;
  return llvm::all_of(llvm::zip(leading, ArrayRef(extents).take_back(leading.size())),
                      [](auto p) { return compatible(std::get<0>(p), std::get<1>(p)); });
}

int64_t rowops::getNumIndices(ValueRange at, bool isRow, bool perHead) {
  return isRow ? at.size() : (perHead ? 3 : 2);
}

Value rowops::buildTableRead(OpBuilder &b, Location loc, Value table, ValueRange at,
                             Value last) {
  size_t rank = cast<ShapedType>(table.getType()).getRank();
  SmallVector<Value> indices(at.take_back(last ? rank - 1 : rank));
  if (last)
    indices.push_back(last);
  return buildRead(b, loc, table, indices);
}

SmallVector<Value> rowops::selectIndices(Value b, Value h, Value t, bool perHead) {
  if (perHead)
    return {b, h, t};
  return {b, t};
}

bool rowops::isRowTensor(Value x, DimsAttr own, DimsAttr dims) {
  auto type = dyn_cast<RankedTensorType>(x.getType());
  return type && type.getRank() == 4 && own == dims;
}

//===----------------------------------------------------------------------===//
// row_scale
//===----------------------------------------------------------------------===//

LogicalResult RowScaleOp::verify() {
  if (failed(verifyRowForm(*this, getX(), getAt(), getDims(), getPerHead(),
                           {"(RS1)", "(RS4)", "(RS5)"})))
    return failure();
  auto factor = cast<ShapedType>(getFactor().getType());
  int64_t own = getPerChannel() ? 1 : 0;
  int64_t most = getNumIndices(getAt(), isRow(), getPerHead()) + own;
  if (!factor.hasRank() || factor.getRank() < 1 || factor.getRank() > most)
    return emitOpError() << "(RS2) expected a factor of rank 1 to " << most << " but got "
                         << factor;
  if (isRow())
    return success();
  RowExtents rows = RowExtents::get(cast<RankedTensorType>(getX().getType()), getDims());
  ArrayRef<int64_t> shape = factor.getShape();
  if (!tableFits(shape.drop_back(own), rows, getPerHead()) ||
      (own && !compatible(shape.back(), rows.channels)))
    return emitOpError() << "(RS3) expected a factor of the extents of " << getX().getType()
                         << " but got " << factor;
  return success();
}

LogicalResult RowScaleOp::reifyResultShapes(OpBuilder &builder,
                                            ReifiedRankedShapedTypeDims &shapes) {
  if (isRow())
    return failure();
  shapes.push_back(tensor::getMixedSizes(builder, getLoc(), getX()));
  return success();
}

void RowScaleOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  addMemrefEffects(getFactorMutable(), {}, effects);
}

OpOperand &RowScaleOp::getRowMutable() { return getXMutable(); }
bool RowScaleOp::isRow() { return isa<RowType>(getX().getType()); }
bool RowScaleOp::isLinear() { return true; }

SmallVector<Value> RowScaleOp::getTableIndices(Value b, Value h, Value t) {
  return selectIndices(b, h, t, getPerHead());
}

Value RowScaleOp::buildElement(OpBuilder &b, Location loc, ValueRange operands,
                               function_ref<Value(Value)> load, Value d) {
  Adaptor in(operands, *this);
  return buildElementAt(b, loc, operands, in.getAt(), load, d);
}

Value RowScaleOp::buildElementAt(OpBuilder &b, Location loc, ValueRange operands, ValueRange at,
                                 function_ref<Value(Value)> load, Value d) {
  Adaptor in(operands, *this);
  Value factor = buildTableRead(b, loc, in.getFactor(), at, getPerChannel() ? d : Value());
  return arith::MulFOp::create(b, loc, load(d), factor);
}

bool RowScaleOp::hasRowForm(DimsAttr dims) { return isRowTensor(getX(), getDims(), dims); }

Value RowScaleOp::buildRowForm(OpBuilder &builder, Value row, Value b, Value h, Value t) {
  return RowScaleOp::create(builder, getLoc(), row.getType(), row, getTableIndices(b, h, t),
                            getFactor(), getPerChannelAttr(), UnitAttr(),
                            DimsAttr::getDefault(getContext()));
}
