//===- StageOps.cpp - Stages of a score region ----------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// What all stages have to keep to, and posenc.row_scan.
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::posenc;

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

LogicalResult posenc::verifyStage(Operation *op) {
  Operation *owner = op->getParentOp();
  auto attention = dyn_cast_or_null<AttentionOp>(owner);
  bool topLevel = attention ? op->getParentRegion() == &attention.getScore()
                            : isa_and_nonnull<ScoreMapOp>(owner);
  if (!topLevel)
    return op->emitOpError() << "(Z1) expected to stand at the top level of the score region "
                                "of attention or score_map";
  for (Value operand : op->getOperands()) {
    bool isScore = operand.getType().isF32();
    if (!isScore && op->getParentRegion()->isAncestor(operand.getParentRegion()))
      return op->emitOpError() << "(Z2) expected a value of type " << operand.getType()
                               << " from outside of the score region";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// row_scan
//===----------------------------------------------------------------------===//

ScoreModForm RowScanOp::getForm() { return ScoreModForm::RowScan; }

/// One column of scores, [B,H,Tq,1].
static Value buildColumn(OpBuilder &b, Location loc, Value tensor, ArrayRef<OpFoldResult> sizes,
                         Value n) {
  SmallVector<OpFoldResult> offsets(4, b.getIndexAttr(0)), strides(4, b.getIndexAttr(1));
  SmallVector<OpFoldResult> extents(sizes);
  offsets[3] = n;
  extents[3] = b.getIndexAttr(1);
  return tensor::ExtractSliceOp::create(b, loc, tensor, offsets, extents, strides);
}

static Value buildInsertedColumn(OpBuilder &b, Location loc, Value column, Value tensor,
                                 ArrayRef<OpFoldResult> sizes, Value n) {
  SmallVector<OpFoldResult> offsets(4, b.getIndexAttr(0)), strides(4, b.getIndexAttr(1));
  SmallVector<OpFoldResult> extents(sizes);
  offsets[3] = n;
  extents[3] = b.getIndexAttr(1);
  return tensor::InsertSliceOp::create(b, loc, column, tensor, offsets, extents, strides);
}

/// (sum, column of the result) for the next column of x.
static std::pair<Value, Value> buildStep(OpBuilder &builder, Location loc, bool exclusive,
                                         Value x, Value sum, Value result) {
  SmallVector<AffineMap> maps(3, builder.getMultiDimIdentityMap(4));
  SmallVector<utils::IteratorType> loops(4, utils::IteratorType::parallel);
  auto step = linalg::GenericOp::create(
      builder, loc, TypeRange{sum.getType(), result.getType()}, ValueRange{x},
      ValueRange{sum, result}, maps, loops, [&](OpBuilder &b, Location l, ValueRange in) {
        Value next = arith::AddFOp::create(b, l, in[1], in[0]);
        linalg::YieldOp::create(b, l, ValueRange{next, exclusive ? in[1] : next});
      });
  return {step.getResult(0), step.getResult(1)};
}

/// Whole columns, one after the other: as many additions as there are scores.
Value RowScanOp::buildOnTensors(OpBuilder &builder, Location loc, ValueRange operands) {
  Value x = Adaptor(operands, *this).getValue();
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, x);
  Value keys = getValueOrCreateConstantIndexOp(builder, loc, sizes[3]);
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Type f32 = builder.getF32Type();
  Value result = tensor::EmptyOp::create(builder, loc, sizes, f32);
  SmallVector<OpFoldResult> columnSizes(sizes);
  columnSizes[3] = builder.getIndexAttr(1);
  Value nothing = arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(0.0f));
  Value sum = tensor::EmptyOp::create(builder, loc, columnSizes, f32);
  sum = linalg::FillOp::create(builder, loc, nothing, sum).getResult(0);
  auto loop = scf::ForOp::create(
      builder, loc, zero, keys, one, ValueRange{sum, result},
      [&](OpBuilder &b, Location l, Value at, ValueRange state) {
        Value n = at;
        if (getReverse()) {
          Value last = arith::SubIOp::create(b, l, keys, one);
          n = arith::SubIOp::create(b, l, last, at);
        }
        auto [next, column] = buildStep(b, l, getExclusive(), buildColumn(b, l, x, sizes, n),
                                        state[0], buildColumn(b, l, state[1], sizes, n));
        Value inserted = buildInsertedColumn(b, l, column, state[1], sizes, n);
        scf::YieldOp::create(b, l, ValueRange{next, inserted});
      });
  return loop.getResult(1);
}
