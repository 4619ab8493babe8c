//===- AttentionPacking.cpp - Operands to scratch and back ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"

#include "posenc/Dialect/PosEnc/Utils/RegionInlining.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <limits>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::cpu;

static constexpr float kLog2E = 1.44269504088896341f;

SmallVector<Value> AttentionKernel::permute(DimsAttr dims, const Row &row, Value d) {
  SmallVector<Value> at(4);
  for (auto [logical, value] : llvm::enumerate(ArrayRef<Value>{row.b, row.h, row.t, d}))
    at[dims.dimOf(logical)] = value;
  return at;
}

Value AttentionKernel::buildChannel(OpBuilder &scalar, const Operand &operand, const Row &row,
                                    Value d) {
  Location loc = builder.getLoc();
  auto load = [&](Value channel) -> Value {
    Value element = memref::LoadOp::create(scalar, loc, operand.memref,
                                           permute(operand.dims, row, channel));
    if (element.getType().isF32())
      return element;
    return arith::ExtFOp::create(scalar, loc, scalar.getF32Type(), element);
  };
  return inlineRowElement(scalar, loc, *operand.rows, row.b, row.h, row.t, d, load);
}

/// Q ← the block's queries, scaled. With a score region the scale is the op's;
/// otherwise it takes the softmax's log2 e along.
void AttentionKernel::buildQueries(Value b, Value h) {
  float scale = op.getScale().convertToFloat();
  Value factor = buildFloat(builder, f32Lanes, op.hasScore() ? scale : scale * kLog2E);
  loop(index(0), rows, 1, [&](Value row) {
    Value m = arith::AddIOp::create(builder, m0, row);
    loop(index(0), headSize, shape.tile.width, [&](Value d) {
      LaneEvaluator lanes(builder, builder, shape.tile.width, maskBelow(headSize, d));
      auto code = [&](OpBuilder &scalar, ValueRange args) {
        return buildChannel(scalar, q, {b, h, m}, args[0]);
      };
      Value vector = lanes.evaluate(code, LaneValue::counting(d));
      vector = arith::MulFOp::create(builder, vector, factor);
      vector::StoreOp::create(builder, vector, queries, ValueRange{row, d});
    });
  });
  initializeRows(h);
}

/// The softmax of no keys: the sink alone, where there is one.
void AttentionKernel::initializeRows(Value h) {
  Value zero = buildFloat(builder, f32Lanes, 0.0f);
  Value least = buildFloat(builder, f32Lanes, -std::numeric_limits<float>::infinity());
  Value sum = zero;
  if (op.getSinks()) {
    Value sink = memref::LoadOp::create(builder, op.getSinks(), h);
    if (!sink.getType().isF32())
      sink = arith::ExtFOp::create(builder, builder.getF32Type(), sink);
    // Maxima are natural or not as buildWeight says.
    if (!op.hasScore())
      sink = arith::MulFOp::create(builder, sink,
                                   buildFloat(builder, builder.getF32Type(), kLog2E));
    least = vector::BroadcastOp::create(builder, f32Lanes, sink);
    sum = buildFloat(builder, f32Lanes, 1.0f);
  }
  loop(index(0), rows, shape.tile.width, [&](Value row) {
    vector::StoreOp::create(builder, least, maxima, row);
    vector::StoreOp::create(builder, sum, sums, row);
  });
  loop(index(0), rows, 1, [&](Value row) {
    loop(index(0), valueColumns, shape.tile.width,
         [&](Value d) { vector::StoreOp::create(builder, zero, output, ValueRange{row, d}); });
  });
}

/// K ← a block of keys, transposed: lanes are neighbouring keys.
void AttentionKernel::packKeys(const Row &first, Value keys, Value columns) {
  loop(index(0), columns, shape.tile.width, [&](Value column) {
    Value panel = arith::DivUIOp::create(builder, column, index(shape.tile.columns()));
    Value inPanel = arith::RemUIOp::create(builder, column, index(shape.tile.columns()));
    Value mask = maskBelow(keys, column);
    Value n = arith::AddIOp::create(builder, first.t, column);
    loop(index(0), headSize, 1, [&](Value d) {
      LaneEvaluator lanes(builder, builder, shape.tile.width, mask);
      auto code = [&](OpBuilder &scalar, ValueRange args) {
        return buildChannel(scalar, k, {first.b, first.h, args[0]}, d);
      };
      Value vector = lanes.evaluate(code, LaneValue::counting(n));
      // Lanes without a key must not bring a NaN into a sum.
      vector =
          arith::SelectOp::create(builder, mask, vector, buildFloat(builder, f32Lanes, 0.0f));
      vector::StoreOp::create(builder, vector, keyPanel, ValueRange{panel, d, inPanel});
    });
  });
}

/// V ← a block of values: lanes are neighbouring channels.
void AttentionKernel::packValues(const Row &first, Value keys) {
  loop(index(0), valueColumns, shape.tile.width, [&](Value d) {
    Value panel = arith::DivUIOp::create(builder, d, index(shape.tile.columns()));
    Value inPanel = arith::RemUIOp::create(builder, d, index(shape.tile.columns()));
    Value mask = maskBelow(valueSize, d);
    loop(index(0), keys, 1, [&](Value key) {
      Value n = arith::AddIOp::create(builder, first.t, key);
      LaneEvaluator lanes(builder, builder, shape.tile.width, mask);
      auto code = [&](OpBuilder &scalar, ValueRange args) {
        return buildChannel(scalar, v, {first.b, first.h, n}, args[0]);
      };
      Value vector = lanes.evaluate(code, LaneValue::counting(d));
      vector::StoreOp::create(builder, vector, valuePanel, ValueRange{panel, key, inPanel});
    });
  });
}

/// O[row] ← O[row] / sum, or 0 for a row with nothing to attend to.
void AttentionKernel::normalizeRow(Value row) {
  Type f32 = builder.getF32Type();
  Value sum = memref::LoadOp::create(builder, sums, row);
  Value zero = buildFloat(builder, f32, 0.0f);
  Value empty = arith::CmpFOp::create(builder, arith::CmpFPredicate::OEQ, sum, zero);
  Value inverse = arith::DivFOp::create(builder, buildFloat(builder, f32, 1.0f), sum);
  Value factor = vector::BroadcastOp::create(builder, f32Lanes, inverse);
  Value nothing = buildFloat(builder, f32Lanes, 0.0f);
  loop(index(0), valueColumns, shape.tile.width, [&](Value d) {
    Value at = vector::LoadOp::create(builder, f32Lanes, output, ValueRange{row, d});
    Value scaled = arith::MulFOp::create(builder, at, factor);
    // A choice, not a product: a masked value may be infinite.
    scaled = arith::SelectOp::create(builder, empty, nothing, scaled);
    vector::StoreOp::create(builder, scaled, output, ValueRange{row, d});
  });
}

void AttentionKernel::buildOutput(Value b, Value h) {
  loop(index(0), rows, 1, [&](Value row) {
    normalizeRow(row);
    storeRow(b, h, row);
  });
  if (op.getLse())
    buildLse(b, h);
}

/// o ← o_rows(O[row]), narrowed to the element type.
void AttentionKernel::storeRow(Value b, Value h, Value row) {
  Value m = arith::AddIOp::create(builder, m0, row);
  loop(index(0), valueSize, shape.tile.width, [&](Value d) {
    Value mask = maskBelow(valueSize, d);
    LaneEvaluator lanes(builder, builder, shape.tile.width, mask);
    auto code = [&](OpBuilder &scalar, ValueRange args) {
      Location loc = builder.getLoc();
      auto load = [&](Value channel) -> Value {
        return memref::LoadOp::create(scalar, loc, output, ValueRange{row, channel});
      };
      return inlineRowElement(scalar, loc, *o.rows, b, h, m, args[0], load);
    };
    Value vector = lanes.evaluate(code, LaneValue::counting(d));
    Type element = op.getElementType();
    if (!element.isF32())
      vector =
          arith::TruncFOp::create(builder, VectorType::get(shape.tile.width, element), vector);
    storeLanes(vector, o.memref, permute(o.dims, {b, h, m}, d),
               o.dims.dimOf(AttentionOp::Channel), mask);
  });
}

void AttentionKernel::storeLanes(Value vector, Value memref, ArrayRef<Value> indices,
                                 unsigned counting, Value mask) {
  auto type = cast<MemRefType>(memref.getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  bool isStrided = succeeded(type.getStridesAndOffset(strides, offset));
  if (isStrided && counting + 1 == indices.size() && strides.back() == 1) {
    vector::MaskedStoreOp::create(builder, memref, indices, mask, vector);
    return;
  }
  FlatView view = buildFlatView(builder, memref);
  Value first = index(0);
  for (auto [at, stride] : llvm::zip_equal(indices, view.strides))
    first = arith::AddIOp::create(builder, first, arith::MulIOp::create(builder, at, stride));
  VectorType lanes = VectorType::get(shape.tile.width, builder.getIndexType());
  Value step = vector::BroadcastOp::create(builder, lanes, view.strides[counting]);
  Value offsets = arith::MulIOp::create(builder, vector::StepOp::create(builder, lanes), step);
  vector::ScatterOp::create(builder, /*resultType=*/Type(), view.memref, first, offsets, mask,
                            vector);
}
