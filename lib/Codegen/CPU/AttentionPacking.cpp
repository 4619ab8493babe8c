//===- AttentionPacking.cpp - Operands to scratch and back ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"

#include "posenc/Dialect/PosEnc/Utils/RegionInlining.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::cpu;

SmallVector<Value> AttentionKernel::permute(DimsAttr dims, const Row &row, Value d) {
  SmallVector<Value> at(4);
  for (auto [logical, value] : llvm::enumerate(ArrayRef<Value>{row.b, row.h, row.t, d}))
    at[dims.dimOf(logical)] = value;
  return at;
}

Value AttentionKernel::buildChannels(const Operand &operand, const Row &row, Value d,
                                     Value mask) {
  Location loc = builder.getLoc();
  LaneEvaluator lanes(builder, builder, shape.tile.width, mask);
  auto code = [&](OpBuilder &scalar, ValueRange args) {
    auto load = [&](Value channel) -> Value {
      Value element = memref::LoadOp::create(scalar, loc, operand.memref,
                                             permute(operand.dims, row, channel));
      if (element.getType().isF32())
        return element;
      return arith::ExtFOp::create(scalar, loc, scalar.getF32Type(), element);
    };
    return inlineRowElement(scalar, loc, *operand.rows, row.b, row.h, row.t, args[0], load);
  };
  // Channels are taken in whole vectors.
  std::optional<int64_t> limit = getConstantIntValue(getExtent(operand, AttentionOp::Channel));
  return lanes.evaluate(code, LaneValue::alignedCounting(d, limit));
}

//===----------------------------------------------------------------------===//
// Keys and values
//===----------------------------------------------------------------------===//

/// A block of keys and values of one head.
void AttentionKernel::packKeysAndValues(Value slot, Value b, Value h, Value block) {
  Value first = multiply(block, index(shape.blockN));
  Value keys = minimum(index(shape.blockN), subtract(keysTotal, first));
  packKeys(slot, {b, h, first}, keys);
  packValues(slot, {b, h, first}, keys);
}

/// K ← keys from `first` on, transposed: lanes are neighbouring keys. Up to the
/// end of the last panel they are 0, so that nothing there becomes a NaN.
void AttentionKernel::packKeys(Value slot, const Row &first, Value keys) {
  Value end = roundUp(keys, shape.tile.columns());
  loop(index(0), end, shape.tile.width, [&](Value column) {
    Value n = add(first.t, column);
    loop(index(0), headSize, shape.tile.width,
         [&](Value d) { packKeyGroup(slot, {first.b, first.h, n}, d); });
  });
}

/// As many keys as a vector has lanes, and as many channels: written row by row,
/// then transposed in place.
void AttentionKernel::packKeyGroup(Value slot, const Row &first, Value d) {
  int64_t width = shape.tile.width;
  Value panel = arith::DivUIOp::create(builder, first.t, index(shape.tile.columns()));
  Value inPanel = arith::RemUIOp::create(builder, first.t, index(shape.tile.columns()));
  auto at = [&](Value channel) -> SmallVector<Value> {
    return {slot, panel, add(d, channel), inPanel};
  };
  Value mask = channelMask(headSize, d), zero = buildFloat(builder, f32Lanes, 0.0f);
  loop(index(0), index(width), 1, [&](Value key) {
    Value n = add(first.t, key);
    Value exists = arith::CmpIOp::create(builder, arith::CmpIPredicate::slt, n, keysTotal);
    auto branch = scf::IfOp::create(builder, f32Lanes, exists, /*withElseRegion=*/true);
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(branch.thenBlock());
      Value channels = buildChannels(k, {first.b, first.h, n}, d, mask);
      scf::YieldOp::create(builder, channels);
      builder.setInsertionPointToStart(branch.elseBlock());
      scf::YieldOp::create(builder, zero);
    }
    store(branch.getResult(0), packedKeys, at(key));
  });
  SmallVector<Value> rows;
  for (int64_t i = 0; i < width; ++i)
    rows.push_back(load(packedKeys, at(index(i))));
  for (auto [i, column] : llvm::enumerate(buildTranspose(builder, rows)))
    store(column, packedKeys, at(index(i)));
}

/// V ← values from `first` on: lanes are neighbouring channels.
void AttentionKernel::packValues(Value slot, const Row &first, Value keys) {
  loop(index(0), valueColumns, shape.tile.width, [&](Value d) {
    Value panel = arith::DivUIOp::create(builder, d, index(shape.tile.columns()));
    Value inPanel = arith::RemUIOp::create(builder, d, index(shape.tile.columns()));
    Value mask = channelMask(valueSize, d);
    loop(first.t, add(first.t, keys), 1, [&](Value n) {
      Value channels = buildChannels(v, {first.b, first.h, n}, d, mask);
      store(channels, packedValues, {slot, panel, n, inPanel});
    });
  });
}

//===----------------------------------------------------------------------===//
// The strip
//===----------------------------------------------------------------------===//

/// What is added to a score, by n − m + Tq − 1, behind rows − 1 entries and with
/// a panel of entries after it, which repeat the first and the last: tiles at
/// the edges read them. Each is the region's value for the score 0 at one query
/// and key of that distance.
void AttentionKernel::fillStrip() {
  const RegisterTile &registers = shape.tile;
  Value one = index(1), zero = index(0);
  // Without queries or keys there are no distances, and nothing may be read.
  Value any = arith::CmpIOp::create(builder, arith::CmpIPredicate::sgt,
                                    minimum(queriesTotal, keysTotal), zero);
  auto type = VectorType::get(registers.width, builder.getIndexType());
  auto broadcast = [&](Value scalar) -> Value {
    return vector::BroadcastOp::create(builder, type, scalar);
  };
  Value all = arith::ConstantOp::create(
      builder, DenseElementsAttr::get(type.clone(builder.getI1Type()), true));
  Value copies = plan.perBatch ? batch : one;
  parallel({copies, choose(any, queryHeads, zero)}, [&](ValueRange at) {
    loop(zero, stripEntries, registers.width, [&](Value first) {
      Value entry =
          arith::AddIOp::create(builder, vector::StepOp::create(builder, type),
                                broadcast(subtract(first, index(registers.rows - 1))));
      entry = arith::MaxSIOp::create(builder, entry, broadcast(zero));
      entry = arith::MinSIOp::create(builder, entry, broadcast(stripLast));
      // n − m, at a query or a key with index 0.
      Value distance =
          arith::SubIOp::create(builder, entry, broadcast(subtract(queriesTotal, one)));
      Value n = arith::MaxSIOp::create(builder, distance, broadcast(zero));
      Value m = arith::SubIOp::create(builder, n, distance);
      store(buildRegionAt(at[0], at[1], LaneValue::varying(m), LaneValue::varying(n), all),
            strip, {at[0], at[1], first});
    });
  });
}

/// What is added to each score of a head.
void AttentionKernel::fillMatrix() {
  Value copies = plan.perBatch ? batch : index(1);
  parallel({copies, queryHeads, queriesTotal}, [&](ValueRange at) {
    loop(index(0), keysTotal, shape.tile.width, [&](Value n) {
      Value added = buildRegionAt(at[0], at[1], LaneValue::uniform(at[2]),
                                  LaneValue::counting(n), maskBelow(keysTotal, n));
      store(added, strip, {at[0], at[1], at[2], n});
    });
  });
}

/// The region's values for scores of 0.
Value AttentionKernel::buildRegionAt(Value b, Value h, LaneValue m, LaneValue n, Value mask) {
  LaneEvaluator lanes(builder, builder, shape.tile.width, mask);
  Value zero = buildFloat(builder, builder.getF32Type(), 0.0f);
  auto code = [&](OpBuilder &scalar, ValueRange args) {
    return inlineScoreRegion(scalar, builder.getLoc(), op.getScore(),
                             {zero, b, h, args[0], args[1]}, PositionSource::get(op));
  };
  return lanes.evaluate(code, {m, n});
}

//===----------------------------------------------------------------------===//
// Queries and results
//===----------------------------------------------------------------------===//

/// Q ← the block's queries, scaled; 0 up to the end of the last tile.
void AttentionKernel::buildQueries(const Task &task) {
  Value factor = buildFloat(builder, f32Lanes, op.getScale().convertToFloat());
  Value zero = buildFloat(builder, f32Lanes, 0.0f);
  auto rows = [&](Value from, Value to, function_ref<Value(Value, Value)> channels) {
    loop(from, to, 1, [&](Value row) {
      loop(index(0), headSize, shape.tile.width,
           [&](Value d) { store(channels(row, d), queries, {task.worker, row, d}); });
    });
  };
  rows(index(0), task.rows, [&](Value row, Value d) -> Value {
    Row at{task.b, task.h, add(task.m0, row)};
    Value mask = channelMask(headSize, d);
    Value channels = buildChannels(q, at, d, mask);
    channels = arith::MulFOp::create(builder, channels, factor);
    return arith::SelectOp::create(builder, mask, channels, zero);
  });
  rows(task.rows, roundUp(task.rows, shape.tile.rows), [&](Value, Value) { return zero; });
}

/// The softmax of no keys: the sink alone, where there is one.
void AttentionKernel::initializeRows(const Task &task) {
  const RegisterTile &registers = shape.tile;
  Value zero = buildFloat(builder, f32Lanes, 0.0f), sum = zero;
  Value least = buildFloat(builder, f32Lanes, -std::numeric_limits<float>::infinity());
  if (op.getSinks()) {
    Value sink = memref::LoadOp::create(builder, op.getSinks(), task.h);
    if (!sink.getType().isF32())
      sink = arith::ExtFOp::create(builder, builder.getF32Type(), sink);
    least = vector::BroadcastOp::create(builder, f32Lanes, sink);
    // Lanes are added at the end.
    Value one = buildFloat(builder, builder.getF32Type(), 1.0f);
    sum = vector::InsertOp::create(builder, one, zero, 0);
  }
  loop(index(0), task.rows, registers.rows, [&](Value r0) {
    Value tile = arith::DivUIOp::create(builder, r0, index(registers.rows));
    for (int64_t row = 0; row < registers.rows; row += registers.width)
      store(least, maxima, {task.worker, tile, index(row)});
  });
  loop(index(0), roundUp(task.rows, registers.rows), 1, [&](Value row) {
    store(sum, sums, {task.worker, row, index(0)});
    loop(index(0), valueColumns, registers.width,
         [&](Value d) { store(zero, output, {task.worker, row, d}); });
  });
}

/// O[row] ← O[row] / sum, or 0 for a row with nothing to attend to; gives the sum.
Value AttentionKernel::normalizeRow(const Task &task, Value row) {
  Type f32 = builder.getF32Type();
  Value lanes = load(sums, {task.worker, row, index(0)});
  Value sum = vector::ReductionOp::create(builder, vector::CombiningKind::ADD, lanes);
  Value zero = buildFloat(builder, f32, 0.0f);
  Value empty = arith::CmpFOp::create(builder, arith::CmpFPredicate::OEQ, sum, zero);
  Value inverse = arith::DivFOp::create(builder, buildFloat(builder, f32, 1.0f), sum);
  Value factor = vector::BroadcastOp::create(builder, f32Lanes, inverse);
  Value nothing = buildFloat(builder, f32Lanes, 0.0f);
  loop(index(0), valueColumns, shape.tile.width, [&](Value d) {
    Value at[] = {task.worker, row, d};
    Value scaled = arith::MulFOp::create(builder, load(output, at), factor);
    // A choice, not a product: a masked value may be infinite.
    store(arith::SelectOp::create(builder, empty, nothing, scaled), output, at);
  });
  return sum;
}

void AttentionKernel::buildOutput(const Task &task) {
  loop(index(0), task.rows, 1, [&](Value row) {
    Value sum = normalizeRow(task, row);
    storeRow(task, row);
    if (!op.getLse())
      return;
    Value rows = index(shape.tile.rows);
    Value tile = arith::DivUIOp::create(builder, row, rows);
    Value inTile = arith::RemUIOp::create(builder, row, rows);
    Value max = memref::LoadOp::create(builder, maxima, ValueRange{task.worker, tile, inTile});
    memref::StoreOp::create(builder, max, rowMaxima, ValueRange{task.worker, row});
    memref::StoreOp::create(builder, sum, rowSums, ValueRange{task.worker, row});
  });
  if (op.getLse())
    buildLse(task);
}

/// lse = ln Σ exp, for whole vectors of rows; rows outside are not stored.
void AttentionKernel::buildLse(const Task &task) {
  loop(index(0), task.rows, shape.tile.width, [&](Value row) {
    Value max = load(rowMaxima, {task.worker, row});
    Value sum = load(rowSums, {task.worker, row});
    Value lse = arith::AddFOp::create(builder, max, math::LogOp::create(builder, sum));
    storeLanes(lse, op.getLse(), {task.b, task.h, add(task.m0, row)}, /*counting=*/2,
               maskBelow(task.rows, row));
  });
}

/// o ← o_rows(O[row]), narrowed to the element type.
void AttentionKernel::storeRow(const Task &task, Value row) {
  Value m = add(task.m0, row);
  loop(index(0), valueSize, shape.tile.width, [&](Value d) {
    Value mask = channelMask(valueSize, d);
    LaneEvaluator lanes(builder, builder, shape.tile.width, mask);
    auto code = [&](OpBuilder &scalar, ValueRange args) {
      Location loc = builder.getLoc();
      auto load = [&](Value channel) -> Value {
        return memref::LoadOp::create(scalar, loc, output,
                                      ValueRange{task.worker, row, channel});
      };
      return inlineRowElement(scalar, loc, *o.rows, task.b, task.h, m, args[0], load);
    };
    Value vector = lanes.evaluate(code, LaneValue::alignedCounting(d));
    Type element = op.getElementType();
    if (!element.isF32())
      vector =
          arith::TruncFOp::create(builder, VectorType::get(shape.tile.width, element), vector);
    storeLanes(vector, o.memref, permute(o.dims, {task.b, task.h, m}, d),
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
