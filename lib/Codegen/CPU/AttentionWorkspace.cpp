//===- AttentionWorkspace.cpp - The one allocation of a kernel ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::cpu;

/// Of buffers in the workspace: a line of the cache.
static constexpr int64_t kAlignment = 64;

void AttentionKernel::reserve(Value &target, ArrayRef<OpFoldResult> extents) {
  buffers.push_back({&target, SmallVector<OpFoldResult>(extents)});
}

void AttentionKernel::planWorkspace() {
  auto of = [](Value v) { return getAsOpFoldResult(v); };
  const RegisterTile &tile = shape.tile;
  OpFoldResult columns = builder.getIndexAttr(tile.columns());
  Value slots = choose(packsLocally, index(shape.workers), keyPairs);
  reserve(packedKeys, {of(slots), of(divideUp(keysTotal, tile.columns())),
                       of(roundUp(headSize, tile.width)), columns});
  reserve(packedValues,
          {of(slots), of(divideUp(valueSize, tile.columns())), of(keysTotal), columns});
  planScratch(index(shape.workers));
  if (plan.added != ScorePlan::Nothing)
    planStrip();
}

void AttentionKernel::planScratch(Value numWorkers) {
  auto of = [](Value v) { return getAsOpFoldResult(v); };
  auto constant = [&](int64_t value) -> OpFoldResult { return builder.getIndexAttr(value); };
  const RegisterTile &tile = shape.tile;
  Value rows = minimum(index(shape.blockM), roundUp(queriesTotal, tile.rows));
  int64_t tiles = shape.blockM / tile.rows;
  int64_t lanesOfBlock = llvm::alignTo(shape.blockM, tile.width);
  int64_t lanesOfTile = llvm::alignTo(tile.rows, tile.width);
  OpFoldResult workers = of(numWorkers);
  reserve(queries, {workers, of(rows), of(roundUp(headSize, tile.width))});
  // A vector more, so that rows do not meet in the same sets of the cache.
  reserve(scores, {workers, constant(tile.rows), constant(shape.blockN + tile.width)});
  reserve(output, {workers, of(rows), of(valueColumns)});
  reserve(sums, {workers, of(rows), constant(tile.width)});
  reserve(maxima, {workers, constant(tiles), constant(lanesOfTile)});
  for (Value *ofTile : {&blockMaxima, &shifts, &factors})
    reserve(*ofTile, {workers, constant(lanesOfTile)});
  for (Value *ofBlock : {&rowMaxima, &rowSums})
    reserve(*ofBlock, {workers, constant(lanesOfBlock)});
}

void AttentionKernel::planStrip() {
  auto of = [](Value v) { return getAsOpFoldResult(v); };
  const RegisterTile &tile = shape.tile;
  OpFoldResult copies = plan.perBatch ? of(batch) : builder.getIndexAttr(1);
  if (plan.added == ScorePlan::Matrix) {
    reserve(strip, {copies, of(queryHeads), of(roundUp(queriesTotal, tile.rows)),
                    of(roundUp(keysTotal, tile.columns()))});
    return;
  }
  stripLast = subtract(add(queriesTotal, keysTotal), index(2));
  stripEntries = roundUp(add(stripLast, index(tile.rows + tile.columns())), tile.width);
  reserve(strip, {copies, of(queryHeads), of(stripEntries)});
}

/// One allocation: what a process allocates and frees in one piece stays with
/// it, many large ones would go back to the system and be cleared every time.
Value AttentionKernel::allocateWorkspace() {
  Value end = index(0);
  SmallVector<Value> offsets;
  for (const Buffer &buffer : buffers) {
    Value bytes = index(sizeof(float));
    for (OpFoldResult extent : buffer.extents)
      bytes =
          multiply(bytes, getValueOrCreateConstantIndexOp(builder, builder.getLoc(), extent));
    offsets.push_back(end);
    end = add(end, roundUp(bytes, kAlignment));
  }
  auto allocate = [&](OpFoldResult size) {
    SmallVector<int64_t> sizes;
    SmallVector<Value> dynamic;
    dispatchIndexOpFoldResults(size, dynamic, sizes);
    auto type = MemRefType::get(sizes, builder.getI8Type());
    return memref::AllocOp::create(builder, type, dynamic,
                                   builder.getI64IntegerAttr(kAlignment));
  };
  auto workspace = allocate(getAsOpFoldResult(end));
  // Tells the deallocation pipeline that this buffer is looked after.
  workspace->setAttr(bufferization::BufferizationDialect::kManualDeallocation,
                     builder.getUnitAttr());
  for (auto [buffer, offset] : llvm::zip_equal(buffers, offsets)) {
    SmallVector<int64_t> sizes;
    SmallVector<Value> dynamic;
    dispatchIndexOpFoldResults(buffer.extents, dynamic, sizes);
    auto type = MemRefType::get(sizes, builder.getF32Type());
    *buffer.target = memref::ViewOp::create(builder, type, workspace, offset, dynamic);
  }
  buffers.clear();
  return workspace;
}

void AttentionKernel::freeWorkspace(Value workspace) {
  auto dealloc = memref::DeallocOp::create(builder, workspace);
  dealloc->setAttr(bufferization::BufferizationDialect::kManualDeallocation,
                   builder.getUnitAttr());
}
