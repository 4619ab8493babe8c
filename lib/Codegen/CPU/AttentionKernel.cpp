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
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"

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
  Value tiles = builder.createOrFold<arith::CeilDivUIOp>(a, index(to));
  return builder.createOrFold<arith::MulIOp>(tiles, index(to));
}

Value AttentionKernel::roundDown(Value a, int64_t to) {
  return subtract(a, builder.createOrFold<arith::RemUIOp>(a, index(to)));
}

Value AttentionKernel::maskBelow(Value limit, Value at) {
  VectorType type = VectorType::get(shape.tile.width, builder.getI1Type());
  return vector::CreateMaskOp::create(builder, type, subtract(limit, at));
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

Value AttentionKernel::allocate(ArrayRef<OpFoldResult> extents) {
  SmallVector<int64_t> sizes;
  SmallVector<Value> dynamic;
  dispatchIndexOpFoldResults(extents, dynamic, sizes);
  auto type = MemRefType::get(sizes, builder.getF32Type());
  auto buffer = memref::AllocOp::create(builder, type, dynamic, builder.getI64IntegerAttr(64));
  // Tells the deallocation pipeline that this buffer is looked after.
  buffer->setAttr(bufferization::BufferizationDialect::kManualDeallocation,
                  builder.getUnitAttr());
  workspace.push_back(buffer);
  return buffer;
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
  group = maximum(builder.createOrFold<arith::DivUIOp>(queryHeads, divisor), index(1));
  valueColumns = roundUp(valueSize, shape.tile.columns());
  distanceOffset = subtract(op.getQOffset() ? op.getQOffset() : index(0),
                            op.getKOffset() ? op.getKOffset() : index(0));
}

void AttentionKernel::allocateWorkspace() {
  auto of = [](Value v) { return getAsOpFoldResult(v); };
  auto constant = [&](int64_t value) -> OpFoldResult { return builder.getIndexAttr(value); };
  const RegisterTile &tile = shape.tile;
  Value keyPanels = builder.createOrFold<arith::CeilDivUIOp>(keysTotal, index(tile.columns()));
  Value valuePanels =
      builder.createOrFold<arith::CeilDivUIOp>(valueSize, index(tile.columns()));
  packedKeys = allocate({of(batch), of(keyHeads), of(keyPanels),
                         of(roundUp(headSize, tile.width)), constant(tile.columns())});
  packedValues = allocate(
      {of(batch), of(keyHeads), of(valuePanels), of(keysTotal), constant(tile.columns())});
  int64_t tiles = shape.blockM / tile.rows;
  int64_t rows = llvm::alignTo(shape.blockM, tile.width);
  int64_t rowVectors = llvm::alignTo(tile.rows, tile.width);
  OpFoldResult workers = constant(shape.workers);
  queries =
      allocate({workers, constant(shape.blockM), of(roundUp(headSize, tile.width))});
  // A vector more, so that rows do not meet in the same sets of the cache.
  scores = allocate({workers, constant(tile.rows), constant(shape.blockN + tile.width)});
  output = allocate({workers, constant(shape.blockM), of(valueColumns)});
  sums = allocate({workers, constant(shape.blockM), constant(tile.width)});
  maxima = allocate({workers, constant(tiles), constant(rowVectors)});
  blockMaxima = allocate({workers, constant(rowVectors)});
  shifts = allocate({workers, constant(rowVectors)});
  factors = allocate({workers, constant(rowVectors)});
  rowMaxima = allocate({workers, constant(rows)});
  rowSums = allocate({workers, constant(rows)});
}

void AttentionKernel::build() {
  buildExtents();
  allocateWorkspace();
  packKeysAndValues();
  if (plan.additive && !plan.plain)
    fillStrip();
  Value blocks = builder.createOrFold<arith::CeilDivUIOp>(queriesTotal, index(shape.blockM));
  Value pairs = builder.createOrFold<arith::MulIOp>(batch, queryHeads);
  Value tasks = builder.createOrFold<arith::MulIOp>(pairs, blocks);
  parallel(minimum(tasks, index(shape.workers)),
           [&](ValueRange at) { buildWorker(at[0], tasks, blocks); });
  for (Value buffer : workspace) {
    auto dealloc = memref::DeallocOp::create(builder, buffer);
    dealloc->setAttr(bufferization::BufferizationDialect::kManualDeallocation,
                     builder.getUnitAttr());
  }
}

/// Tasks worker, worker + workers, … Blocks are taken from both ends in turn:
/// whatever run of tasks a thread gets, its share of short (masked) and long ones
/// is about the same.
void AttentionKernel::buildWorker(Value worker, Value tasks, Value blocks) {
  loop(worker, tasks, shape.workers, [&](Value number) {
    Value two = index(2);
    Value pair = arith::DivUIOp::create(builder, number, blocks);
    Value turn = arith::RemUIOp::create(builder, number, blocks);
    Value half = arith::DivUIOp::create(builder, turn, two);
    Value fromEnd = subtract(subtract(blocks, index(1)), half);
    Value isOdd = arith::CmpIOp::create(builder, arith::CmpIPredicate::ne,
                                        arith::RemUIOp::create(builder, turn, two), index(0));
    Value block = arith::SelectOp::create(builder, isOdd, fromEnd, half);
    Task task;
    task.worker = worker;
    task.b = arith::DivUIOp::create(builder, pair, queryHeads);
    task.h = arith::RemUIOp::create(builder, pair, queryHeads);
    task.keyHead = arith::DivUIOp::create(builder, task.h, group);
    task.m0 = arith::MulIOp::create(builder, block, index(shape.blockM));
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
    Value any =
        arith::CmpIOp::create(builder, arith::CmpIPredicate::slt, tile.lo, tile.hi);
    auto branch = scf::IfOp::create(builder, any, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.thenBlock());
    buildScores(task, tile);
    buildFactors(task, tile);
    buildWeights(task, tile);
    buildWeightedValues(task, tile);
  });
}
