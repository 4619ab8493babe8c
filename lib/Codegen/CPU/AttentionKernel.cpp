//===- AttentionKernel.cpp - Online softmax on tiles ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// The loops: workers, tasks, blocks of keys, tiles of rows. Scores and softmax
// are in AttentionScores.cpp, moving data in AttentionPacking.cpp.
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::cpu;
using L = AttentionOp::Logical;

AttentionKernel::AttentionKernel(AttentionOp op, const KernelShape &shape,
                                 ImplicitLocOpBuilder &builder)
    : op(op), shape(shape), plan(ScorePlan::get(op)), builder(builder),
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

Value AttentionKernel::add(Value a, Value b) {
  return builder.createOrFold<arith::AddIOp>(a, b);
}

Value AttentionKernel::subtract(Value a, Value b) {
  return builder.createOrFold<arith::SubIOp>(a, b);
}

Value AttentionKernel::minimum(Value a, Value b) {
  return builder.createOrFold<arith::MinSIOp>(a, b);
}

Value AttentionKernel::maximum(Value a, Value b) {
  return builder.createOrFold<arith::MaxSIOp>(a, b);
}

Value AttentionKernel::roundUp(Value a, int64_t to) {
  // Folds where extents are static, so that scratch has static shapes.
  return multiply(divideUp(a, to), index(to));
}

Value AttentionKernel::roundDown(Value a, int64_t to) {
  return subtract(a, builder.createOrFold<arith::RemUIOp>(a, index(to)));
}

Value AttentionKernel::maskBelow(Value limit, Value at) {
  VectorType type = VectorType::get(shape.tile.width, builder.getI1Type());
  return vector::CreateMaskOp::create(builder, type, subtract(limit, at));
}

Value AttentionKernel::channelMask(Value size, Value d) {
  std::optional<int64_t> known = getConstantIntValue(size);
  if (!known || *known % shape.tile.width != 0)
    return maskBelow(size, d);
  VectorType type = VectorType::get(shape.tile.width, builder.getI1Type());
  return arith::ConstantOp::create(builder, DenseElementsAttr::get(type, true));
}

Value AttentionKernel::load(Value memref, ValueRange at) {
  return vector::LoadOp::create(builder, f32Lanes, memref, at);
}

void AttentionKernel::store(Value vector, Value memref, ValueRange at) {
  vector::StoreOp::create(builder, vector, memref, at);
}

void AttentionKernel::loop(Value from, Value to, int64_t step, function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(builder, from, to, index(step));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

SmallVector<Value>
AttentionKernel::loop(Value from, Value to, int64_t step, ValueRange init,
                      function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(builder, from, to, index(step), init);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> carried = body(loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(builder, carried);
  return llvm::to_vector_of<Value>(loop.getResults());
}

void AttentionKernel::parallel(ArrayRef<Value> to, function_ref<void(ValueRange)> body) {
  SmallVector<Value> from(to.size(), index(0)), step(to.size(), index(1));
  auto loops = scf::ParallelOp::create(builder, from, to, step);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loops.getBody());
  body(loops.getInductionVars());
}

Value AttentionKernel::choose(Value condition, Value ifTrue, Value ifFalse) {
  return builder.createOrFold<arith::SelectOp>(condition, ifTrue, ifFalse);
}

Value AttentionKernel::multiply(Value a, Value b) {
  return builder.createOrFold<arith::MulIOp>(a, b);
}

Value AttentionKernel::divideUp(Value a, int64_t by) {
  return builder.createOrFold<arith::CeilDivUIOp>(a, index(by));
}

Value AttentionKernel::getExtent(const Operand &operand, L which) {
  int64_t dim = operand.dims.dimOf(which);
  return builder.createOrFold<memref::DimOp>(operand.memref, dim);
}

//===----------------------------------------------------------------------===//
// Around the tasks
//===----------------------------------------------------------------------===//

void AttentionKernel::buildExtents() {
  batch = getExtent(q, L::Batch);
  queryHeads = getExtent(q, L::Head);
  queriesTotal = getExtent(q, L::Seq);
  headSize = getExtent(q, L::Channel);
  keyHeads = getExtent(k, L::Head);
  keysTotal = getExtent(k, L::Seq);
  valueSize = getExtent(v, L::Channel);
  // Without heads there are no tasks, but the division would still trap.
  Value divisor = maximum(keyHeads, index(1));
  group = builder.createOrFold<arith::DivUIOp>(queryHeads, divisor);
  valueColumns = roundUp(valueSize, shape.tile.columns());
  distanceOffset = subtract(op.getQOffset() ? op.getQOffset() : index(0),
                            op.getKOffset() ? op.getKOffset() : index(0));
  queryBlocks = divideUp(queriesTotal, shape.blockM);
  keyBlocks = divideUp(keysTotal, shape.blockN);
  keyPairs = multiply(batch, keyHeads);
  packsLocally = builder.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::sge, keyPairs,
                                                     index(shape.workers));
}

/// Up to this many queries read keys where they are.
static constexpr int64_t kFewQueries = 4;

void AttentionKernel::build() {
  buildExtents();
  if (std::optional<int64_t> known = getConstantIntValue(queriesTotal))
    return *known <= kFewQueries ? buildDecode() : buildTiled();
  Value few = arith::CmpIOp::create(builder, arith::CmpIPredicate::sle, queriesTotal,
                                    index(kFewQueries));
  auto branch = scf::IfOp::create(builder, few, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  buildDecode();
  builder.setInsertionPointToStart(branch.elseBlock());
  buildTiled();
}

void AttentionKernel::buildTiled() {
  planWorkspace();
  Value workspace = allocateWorkspace();
  Value zero = index(0);
  parallel({choose(packsLocally, zero, batch), keyHeads, keyBlocks}, [&](ValueRange at) {
    Value slot = add(multiply(at[0], keyHeads), at[1]);
    packKeysAndValues(slot, at[0], at[1], at[2]);
  });
  if (plan.added == ScorePlan::Strip)
    fillStrip();
  if (plan.added == ScorePlan::Matrix)
    fillMatrix();
  Value tasks = multiply(multiply(batch, queryHeads), queryBlocks);
  Value units = choose(packsLocally, keyPairs, tasks);
  parallel(minimum(units, index(shape.workers)),
           [&](ValueRange at) { buildWorker(at[0], units); });
  freeWorkspace(workspace);
}

/// A run of units: neighbours read the same keys, and threads, which get a run of
/// workers, get whole heads where there are enough.
void AttentionKernel::buildWorker(Value worker, Value units) {
  Value workers = minimum(units, index(shape.workers));
  auto firstOf = [&](Value number) -> Value {
    return arith::DivUIOp::create(builder, multiply(number, units), workers);
  };
  loop(firstOf(worker), firstOf(add(worker, index(1))), 1,
       [&](Value number) { buildUnit(worker, number); });
}

/// A task, or all tasks that read one head of keys. Blocks of queries are taken
/// from both ends in turn: whatever run of tasks a thread gets, its share of short
/// (masked) and long ones is about the same.
void AttentionKernel::buildUnit(Value worker, Value number) {
  Value zero = index(0), one = index(1), two = index(2);
  Value perPair = multiply(group, queryBlocks);
  // Keys without queries are units without tasks, where a division would trap.
  Value divisor = maximum(perPair, one);
  Value pair = choose(packsLocally, number, arith::DivUIOp::create(builder, number, divisor));
  Value turn = arith::RemUIOp::create(builder, number, divisor);
  Value from = choose(packsLocally, zero, turn);
  Value to = choose(packsLocally, perPair, add(turn, one));
  Task task;
  task.worker = worker;
  task.slot = choose(packsLocally, worker, pair);
  task.b = arith::DivUIOp::create(builder, pair, keyHeads);
  Value keyHead = arith::RemUIOp::create(builder, pair, keyHeads);
  loop(zero, choose(packsLocally, keyBlocks, zero), 1,
       [&](Value block) { packKeysAndValues(task.slot, task.b, keyHead, block); });
  loop(from, to, 1, [&](Value at) {
    Value inGroup = arith::DivUIOp::create(builder, at, queryBlocks);
    Value turn = arith::RemUIOp::create(builder, at, queryBlocks);
    Value half = arith::DivUIOp::create(builder, turn, two);
    Value isOdd = arith::CmpIOp::create(builder, arith::CmpIPredicate::ne,
                                        arith::RemUIOp::create(builder, turn, two), zero);
    Value fromEnd = subtract(subtract(queryBlocks, one), half);
    task.h = add(multiply(keyHead, group), inGroup);
    task.m0 = multiply(choose(isOdd, fromEnd, half), index(shape.blockM));
    task.rows = minimum(index(shape.blockM), subtract(queriesTotal, task.m0));
    buildTask(task);
  });
}

//===----------------------------------------------------------------------===//
// A task
//===----------------------------------------------------------------------===//

Value AttentionKernel::firstKey(Value m) {
  if (!plan.visible.hi)
    return index(0);
  return maximum(index(0), add(m, subtract(distanceOffset, index(*plan.visible.hi))));
}

Value AttentionKernel::endOfKeys(Value m) {
  if (!plan.visible.lo)
    return keysTotal;
  Value end = add(m, subtract(distanceOffset, index(*plan.visible.lo - 1)));
  return minimum(keysTotal, end);
}

void AttentionKernel::buildTask(const Task &task) {
  buildQueries(task);
  initializeRows(task);
  Value last = subtract(add(task.m0, task.rows), index(1));
  Value first = roundDown(firstKey(task.m0), shape.blockN);
  loop(first, endOfKeys(last), shape.blockN, [&](Value n0) { buildKeyBlock(task, n0); });
  buildOutput(task);
}

void AttentionKernel::buildKeyBlock(const Task &task, Value n0) {
  const RegisterTile &registers = shape.tile;
  loop(index(0), task.rows, registers.rows, [&](Value r0) {
    Tile tile;
    tile.r0 = r0;
    tile.tile = arith::DivUIOp::create(builder, r0, index(registers.rows));
    tile.valid = minimum(index(registers.rows), subtract(task.rows, r0));
    tile.n0 = n0;
    Value m = add(task.m0, r0);
    tile.lo = maximum(n0, roundDown(firstKey(m), registers.columns()));
    Value last = subtract(add(m, tile.valid), index(1));
    tile.hi = minimum(add(n0, index(shape.blockN)), endOfKeys(last));
    Value any = arith::CmpIOp::create(builder, arith::CmpIPredicate::slt, tile.lo, tile.hi);
    auto branch = scf::IfOp::create(builder, any, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.thenBlock());
    buildScores(task, tile);
    buildFactors(task, tile);
    buildWeights(task, tile);
    buildWeightedValues(task, tile);
  });
}
