//===- AttentionKernel.cpp - Online softmax on tiles ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// The loops of a task, and the softmax. Moving data between operands and
// scratch is in AttentionPacking.cpp.
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"

#include "posenc/Dialect/PosEnc/Utils/RegionInlining.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::cpu;
using L = AttentionOp::Logical;

static constexpr float kInfinity = std::numeric_limits<float>::infinity();
static constexpr float kLog2E = 1.44269504088896341f;
static constexpr float kLn2 = 0.693147180559945309f;

AttentionKernel::AttentionKernel(AttentionOp op, const KernelShape &shape,
                                 ImplicitLocOpBuilder &builder)
    : op(op), shape(shape), builder(builder),
      f32Lanes(VectorType::get(shape.tile.width, builder.getF32Type())),
      q{op.getQ(), op.getQDims(), &op.getQRows()}, k{op.getK(), op.getKDims(), &op.getKRows()},
      v{op.getV(), op.getVDims(), &op.getVRows()},
      o{op.getOutput(), op.getODims(), &op.getORows()} {}

//===----------------------------------------------------------------------===//
// Small pieces
//===----------------------------------------------------------------------===//

Value AttentionKernel::index(int64_t value) {
  return arith::ConstantIndexOp::create(builder, value);
}

Value AttentionKernel::minimum(Value a, Value b) {
  return arith::MinSIOp::create(builder, a, b);
}

Value AttentionKernel::roundUp(Value a, int64_t to) {
  // Folds where extents are static, so that scratch has static shapes.
  Value tiles = builder.createOrFold<arith::CeilDivUIOp>(a, index(to));
  return builder.createOrFold<arith::MulIOp>(tiles, index(to));
}

Value AttentionKernel::maskBelow(Value limit, Value at) {
  Value left = arith::SubIOp::create(builder, limit, at);
  VectorType type = VectorType::get(shape.tile.width, builder.getI1Type());
  return vector::CreateMaskOp::create(builder, type, left);
}

void AttentionKernel::loop(Value from, Value to, int64_t step, function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(builder, from, to, index(step));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

Value AttentionKernel::allocate(ArrayRef<OpFoldResult> extents) {
  SmallVector<int64_t> sizes;
  SmallVector<Value> dynamic;
  dispatchIndexOpFoldResults(extents, dynamic, sizes);
  auto type = MemRefType::get(sizes, builder.getF32Type());
  auto buffer = memref::AllocOp::create(builder, type, dynamic, builder.getI64IntegerAttr(64));
  // Tells the deallocation pipeline that this buffer is looked after.
  buffer->setAttr(bufferization::BufferizationDialect::kManualDeallocation,
                  builder.getUnitAttr());
  scratch.push_back(buffer);
  return buffer;
}

Value AttentionKernel::getExtent(const Operand &operand, L which) {
  int64_t dim = operand.dims.dimOf(which);
  return builder.createOrFold<memref::DimOp>(operand.memref, dim);
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

void AttentionKernel::buildExtents() {
  batch = getExtent(q, L::Batch);
  queryHeads = getExtent(q, L::Head);
  queriesTotal = getExtent(q, L::Seq);
  headSize = getExtent(q, L::Channel);
  keysTotal = getExtent(k, L::Seq);
  valueSize = getExtent(v, L::Channel);
  // Without heads there are no tasks, but the division would still trap.
  Value keyHeads = arith::MaxSIOp::create(builder, getExtent(k, L::Head), index(1));
  group = arith::MaxSIOp::create(builder, arith::DivUIOp::create(builder, queryHeads, keyHeads),
                                 index(1));
  valueColumns = roundUp(valueSize, shape.tile.columns());
}

scf::ParallelOp AttentionKernel::build() {
  buildExtents();
  Value blocks = arith::CeilDivUIOp::create(builder, queriesTotal, index(shape.blockM));
  Value zero = index(0), one = index(1);
  auto tasks =
      scf::ParallelOp::create(builder, ValueRange{zero, zero, zero},
                              ValueRange{batch, queryHeads, blocks}, ValueRange{one, one, one});
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(tasks.getBody());
  auto at = tasks.getInductionVars();
  buildTask(at[0], at[1], at[2]);
  return tasks;
}

void AttentionKernel::buildTask(Value b, Value h, Value block) {
  m0 = arith::MulIOp::create(builder, block, index(shape.blockM));
  rows = minimum(index(shape.blockM), arith::SubIOp::create(builder, queriesTotal, m0));
  allocateScratch();
  buildQueries(b, h);
  Value keyHead = arith::DivUIOp::create(builder, h, group);
  loop(index(0), keysTotal, shape.blockN, [&](Value n0) { buildKeyBlock(b, h, keyHead, n0); });
  buildOutput(b, h);
  for (Value buffer : scratch) {
    auto dealloc = memref::DeallocOp::create(builder, buffer);
    dealloc->setAttr(bufferization::BufferizationDialect::kManualDeallocation,
                     builder.getUnitAttr());
  }
}

void AttentionKernel::allocateScratch() {
  auto extent = [&](Value v) { return getAsOpFoldResult(v); };
  Attribute blockM = builder.getIndexAttr(shape.blockM),
            blockN = builder.getIndexAttr(shape.blockN),
            columns = builder.getIndexAttr(shape.tile.columns());
  Value panels =
      builder.createOrFold<arith::DivUIOp>(valueColumns, index(shape.tile.columns()));
  Attribute keyPanels = builder.getIndexAttr(shape.blockN / shape.tile.columns());
  queries = allocate({blockM, extent(roundUp(headSize, shape.tile.width))});
  keyPanel = allocate({keyPanels, extent(headSize), columns});
  valuePanel = allocate({extent(panels), blockN, columns});
  scores = allocate({blockM, blockN});
  output = allocate({blockM, extent(valueColumns)});
  // Whole vectors of rows are read and written.
  Attribute rowVectors = builder.getIndexAttr(llvm::alignTo(shape.blockM, shape.tile.width));
  maxima = allocate({rowVectors});
  sums = allocate({rowVectors});
}

void AttentionKernel::buildKeyBlock(Value b, Value h, Value keyHead, Value n0) {
  Value keys = minimum(index(shape.blockN), arith::SubIOp::create(builder, keysTotal, n0));
  Value columns = roundUp(keys, shape.tile.columns());
  packKeys({b, keyHead, n0}, keys, columns);
  buildProduct(builder, shape.tile,
               {queries, keyPanel, scores, rows, columns, headSize, /*accumulate=*/false});
  loop(index(0), rows, 1, [&](Value row) { buildSoftmaxRow(row, b, h, n0, keys, columns); });
  packValues({b, keyHead, n0}, keys);
  buildProduct(builder, shape.tile,
               {scores, valuePanel, output, rows, valueColumns, keys, /*accumulate=*/true});
}

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

/// Without a region, scores and maxima carry the factor log2 e from the queries.
/// With one they are natural, and only differences to the maximum get the
/// factor: the most negative float, which masks are made of, must stay finite.
Value AttentionKernel::buildWeight(Value score, Value shift) {
  Value difference = arith::SubFOp::create(builder, score, shift);
  if (op.hasScore())
    difference = arith::MulFOp::create(builder, difference,
                                       buildFloat(builder, difference.getType(), kLog2E));
  return buildExp2(builder, difference);
}

void AttentionKernel::buildSoftmaxRow(Value row, Value b, Value h, Value n0, Value keys,
                                      Value columns) {
  Value infinity = buildFloat(builder, builder.getF32Type(), -kInfinity);
  Value blockMax = buildScores(row, b, h, n0, keys, columns);
  Value oldMax = memref::LoadOp::create(builder, maxima, row);
  Value newMax = buildMax(builder, oldMax, blockMax);
  memref::StoreOp::create(builder, newMax, maxima, row);
  // While every score is −inf, subtract 0: −inf − −inf would be NaN.
  Value hidden = arith::CmpFOp::create(builder, arith::CmpFPredicate::OEQ, newMax, infinity);
  Value zero = buildFloat(builder, builder.getF32Type(), 0.0f);
  Value shift = arith::SelectOp::create(builder, hidden, zero, newMax);
  Value blockSum = buildWeights(row, shift, columns);
  Value factor = buildWeight(oldMax, shift);
  Value oldSum = memref::LoadOp::create(builder, sums, row);
  memref::StoreOp::create(builder, math::FmaOp::create(builder, oldSum, factor, blockSum), sums,
                          row);
  rescaleOutput(row, factor);
}

/// S[row] ← score(S[row]), −inf outside; gives the maximum.
Value AttentionKernel::buildScores(Value row, Value b, Value h, Value n0, Value keys,
                                   Value columns) {
  Value m = arith::AddIOp::create(builder, m0, row);
  Value least = buildFloat(builder, f32Lanes, -kInfinity);
  auto loop = scf::ForOp::create(builder, index(0), columns, index(shape.tile.width), least);
  // What is the same for the row is computed in front of the loop.
  ImplicitLocOpBuilder uniform(builder.getLoc(), loop);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value column = loop.getInductionVar();
    Value mask = maskBelow(keys, column);
    Value score = vector::LoadOp::create(builder, f32Lanes, scores, ValueRange{row, column});
    if (op.hasScore()) {
      LaneEvaluator lanes(builder, uniform, shape.tile.width, mask);
      Value n = arith::AddIOp::create(builder, n0, column);
      auto code = [&](OpBuilder &scalar, ValueRange args) {
        return inlineScoreRegion(scalar, builder.getLoc(), op.getScore(),
                                 {args[0], b, h, m, args[1]}, PositionSource::get(op));
      };
      score = lanes.evaluate(code, {LaneValue::varying(score), LaneValue::counting(n)});
    }
    score = arith::SelectOp::create(builder, mask, score, least);
    vector::StoreOp::create(builder, score, scores, ValueRange{row, column});
    scf::YieldOp::create(builder, buildMax(builder, loop.getRegionIterArg(0), score));
  }
  return vector::ReductionOp::create(builder, vector::CombiningKind::MAXNUMF,
                                     loop.getResult(0));
}

/// S[row] ← e^(S[row] − shift); gives the sum.
Value AttentionKernel::buildWeights(Value row, Value shift, Value columns) {
  Value wide = vector::BroadcastOp::create(builder, f32Lanes, shift);
  auto loop = scf::ForOp::create(builder, index(0), columns, index(shape.tile.width),
                                 buildFloat(builder, f32Lanes, 0.0f));
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value column = loop.getInductionVar();
    Value score = vector::LoadOp::create(builder, f32Lanes, scores, ValueRange{row, column});
    Value weight = buildWeight(score, wide);
    vector::StoreOp::create(builder, weight, scores, ValueRange{row, column});
    scf::YieldOp::create(
        builder, arith::AddFOp::create(builder, loop.getRegionIterArg(0), weight).getResult());
  }
  return vector::ReductionOp::create(builder, vector::CombiningKind::ADD, loop.getResult(0));
}

/// O[row] ← O[row] · factor, which is 1 in most blocks.
void AttentionKernel::rescaleOutput(Value row, Value factor) {
  Value one = buildFloat(builder, builder.getF32Type(), 1.0f);
  // Unordered: a NaN has to reach the output.
  Value changes = arith::CmpFOp::create(builder, arith::CmpFPredicate::UNE, factor, one);
  auto branch = scf::IfOp::create(builder, changes, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  Value wide = vector::BroadcastOp::create(builder, f32Lanes, factor);
  loop(index(0), valueColumns, shape.tile.width, [&](Value d) {
    Value at = vector::LoadOp::create(builder, f32Lanes, output, ValueRange{row, d});
    vector::StoreOp::create(builder, arith::MulFOp::create(builder, at, wide), output,
                            ValueRange{row, d});
  });
}

/// lse = ln Σ exp, for whole vectors of rows; rows outside are not stored.
void AttentionKernel::buildLse(Value b, Value h) {
  loop(index(0), rows, shape.tile.width, [&](Value row) {
    Value max = vector::LoadOp::create(builder, f32Lanes, maxima, row);
    Value sum = vector::LoadOp::create(builder, f32Lanes, sums, row);
    if (!op.hasScore())
      max = arith::MulFOp::create(builder, max, buildFloat(builder, f32Lanes, kLn2));
    Value lse = arith::AddFOp::create(builder, max, math::LogOp::create(builder, sum));
    Value m = arith::AddIOp::create(builder, m0, row);
    storeLanes(lse, op.getLse(), {b, h, m}, /*counting=*/2, maskBelow(rows, row));
  });
}
