//===- AttentionDecode.cpp - Few queries, many keys -----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// A key that few queries read is not worth packing: the time goes into reading
// it. So keys are split among threads, every part is a softmax of its own for
// all queries that read it, straight from the operands, and the parts of a row
// are combined at the end, in their order.
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"

#include "posenc/Dialect/PosEnc/Utils/RegionInlining.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::cpu;

static constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Keys of a part: its keys and values stay in the second-level cache for all
/// query heads that share them.
static constexpr int64_t kPart = 256;

void AttentionKernel::buildDecode() {
  Value one = index(1);
  firstPart = builder.createOrFold<arith::DivUIOp>(firstKey(index(0)), index(kPart));
  // No query sees no key.
  Value end = maximum(endOfKeys(subtract(queriesTotal, one)), index(0));
  parts = maximum(subtract(divideUp(end, kPart), firstPart), index(0));
  planDecode();
  Value workspace = allocateWorkspace();
  forEachHead([&](const Task &task) { buildQueries(task); });
  parallel({batch, keyHeads, parts}, [&](ValueRange at) {
    Part part;
    part.b = at[0];
    part.keyHead = at[1];
    part.pair = add(multiply(at[0], keyHeads), at[1]);
    part.number = at[2];
    part.n0 = multiply(add(at[2], firstPart), index(kPart));
    part.end = minimum(keysTotal, add(part.n0, index(kPart)));
    loop(index(0), group, 1, [&](Value inGroup) {
      part.h = add(multiply(at[1], group), inGroup);
      loop(index(0), queriesTotal, 1, [&](Value m) {
        part.m = m;
        part.row = add(multiply(inGroup, queriesTotal), m);
        buildPart(part);
      });
    });
  });
  forEachHead([&](const Task &task) {
    initializeRows(task);
    loop(index(0), task.rows, 1, [&](Value row) { combineParts(task, row); });
    buildOutput(task);
  });
  freeWorkspace(workspace);
}

/// Heads are the workers here, all queries of one are a task.
void AttentionKernel::forEachHead(function_ref<void(const Task &)> body) {
  parallel({batch, queryHeads}, [&](ValueRange at) {
    Task task;
    task.worker = add(multiply(at[0], queryHeads), at[1]);
    task.b = at[0];
    task.h = at[1];
    task.m0 = index(0);
    task.rows = queriesTotal;
    body(task);
  });
}

void AttentionKernel::planDecode() {
  auto of = [](Value v) { return getAsOpFoldResult(v); };
  Value rows = multiply(group, queriesTotal);
  planScratch(multiply(batch, queryHeads));
  reserve(partScores, {of(keyPairs), of(parts), builder.getIndexAttr(kPart)});
  reserve(partOutput, {of(keyPairs), of(parts), of(rows), of(valueColumns)});
  reserve(partMaxima, {of(keyPairs), of(parts), of(rows)});
  reserve(partSums, {of(keyPairs), of(parts), of(rows)});
}

void AttentionKernel::buildPart(const Part &part) {
  int64_t width = shape.tile.width;
  loop(part.n0, part.end, width, [&](Value n) { buildRowDots(part, n); });
  Value max = buildScoreRow({partScores, {part.pair, part.number}, part.n0},
                            {part.b, part.h, part.m}, part.n0, part.end);
  Value rowAt[] = {part.pair, part.number, part.row};
  memref::StoreOp::create(builder, max, partMaxima, rowAt);
  // While every score is −inf, subtract 0: −inf − −inf would be NaN.
  Value none = arith::CmpFOp::create(builder, arith::CmpFPredicate::OEQ, max,
                                     buildFloat(builder, builder.getF32Type(), -kInfinity));
  Value shift = vector::BroadcastOp::create(
      builder, f32Lanes, choose(none, buildFloat(builder, builder.getF32Type(), 0.0f), max));
  Value zero = buildFloat(builder, f32Lanes, 0.0f);
  Value end = subtract(part.end, part.n0);
  auto weigh = [&](Value column, ValueRange carried) -> SmallVector<Value> {
    Value at[] = {part.pair, part.number, column};
    Value difference = arith::SubFOp::create(builder, load(partScores, at), shift);
    Value weight = buildExp(builder, difference);
    store(weight, partScores, at);
    return {arith::AddFOp::create(builder, carried[0], weight)};
  };
  Value lanes = loop(index(0), end, width, ValueRange{zero}, weigh)[0];
  Value sum = vector::ReductionOp::create(builder, vector::CombiningKind::ADD, lanes);
  memref::StoreOp::create(builder, sum, partSums, rowAt);
  buildPartOutput(part);
}

/// As many neighbouring scores as there are lanes: a sum per key along the
/// channels, and one transposition to add up the lanes of each.
void AttentionKernel::buildRowDots(const Part &part, Value n) {
  int64_t width = shape.tile.width;
  Value last = subtract(keysTotal, index(1)), zero = buildFloat(builder, f32Lanes, 0.0f);
  Value worker = add(multiply(part.b, queryHeads), part.h);
  SmallVector<Value> keys, init(width, zero);
  for (int64_t lane = 0; lane < width; ++lane)
    keys.push_back(minimum(add(n, index(lane)), last));
  auto body = [&](Value d, ValueRange sums) {
    Value query = load(queries, {worker, part.m, d});
    Value mask = channelMask(headSize, d);
    SmallVector<Value> next;
    for (auto [key, sum] : llvm::zip_equal(keys, sums)) {
      Value channels = buildChannels(k, {part.b, part.keyHead, key}, d, mask);
      channels = arith::SelectOp::create(builder, mask, channels, zero);
      next.push_back(math::FmaOp::create(builder, query, channels, sum));
    }
    return next;
  };
  SmallVector<Value> sums =
      buildTranspose(builder, loop(index(0), headSize, width, init, body));
  for (int64_t half = width / 2; half >= 1; half /= 2)
    for (int64_t i = 0; i < half; ++i)
      sums[i] = arith::AddFOp::create(builder, sums[i], sums[i + half]);
  store(sums[0], partScores, {part.pair, part.number, subtract(n, part.n0)});
}

/// How many vectors of channels are summed at a time: up to eight, none of which
/// lies behind the last channel where the number of channels is known.
static int64_t chooseVectors(Value size, int64_t width) {
  constexpr int64_t most = 8;
  std::optional<int64_t> known = getConstantIntValue(size);
  int64_t needed = known ? std::max<int64_t>(llvm::divideCeil(*known, width), 1) : most / 2;
  int64_t vectors = std::min(needed, most);
  while (needed % vectors != 0)
    --vectors;
  return vectors;
}

/// Σ weight · value, unnormalised, for some vectors of channels at a time.
void AttentionKernel::buildPartOutput(const Part &part) {
  int64_t width = shape.tile.width;
  int64_t vectors = chooseVectors(valueSize, width);
  loop(index(0), valueSize, vectors * width, [&](Value first) {
    SmallVector<Value> init(vectors, buildFloat(builder, f32Lanes, 0.0f)), masks, channels;
    for (int64_t v = 0; v < vectors; ++v) {
      channels.push_back(add(first, index(v * width)));
      masks.push_back(channelMask(valueSize, channels.back()));
    }
    auto body = [&](Value n, ValueRange sums) {
      Value weight = memref::LoadOp::create(
          builder, partScores, ValueRange{part.pair, part.number, subtract(n, part.n0)});
      Value wide = vector::BroadcastOp::create(builder, f32Lanes, weight);
      SmallVector<Value> next;
      for (auto [d, mask, sum] : llvm::zip_equal(channels, masks, sums)) {
        Value values = buildChannels(v, {part.b, part.keyHead, n}, d, mask);
        next.push_back(math::FmaOp::create(builder, wide, values, sum));
      }
      return next;
    };
    SmallVector<Value> sums = loop(part.n0, part.end, 1, init, body);
    for (auto [d, mask, sum] : llvm::zip_equal(channels, masks, sums))
      vector::MaskedStoreOp::create(builder, partOutput,
                                    ValueRange{part.pair, part.number, part.row, d}, mask, sum);
  });
}

/// The row's parts, each as a block of keys of the softmax.
void AttentionKernel::combineParts(const Task &task, Value row) {
  Value keyHead = arith::DivUIOp::create(builder, task.h, group);
  Value pair = add(multiply(task.b, keyHeads), keyHead);
  Value inGroup = arith::RemUIOp::create(builder, task.h, group);
  Value partRow = add(multiply(inGroup, queriesTotal), row);
  Value rows = index(shape.tile.rows);
  Value maxAt[] = {task.worker, arith::DivUIOp::create(builder, row, rows),
                   arith::RemUIOp::create(builder, row, rows)};
  Value sumAt[] = {task.worker, row, index(0)};
  Value least = buildFloat(builder, builder.getF32Type(), -kInfinity);
  Value zero = buildFloat(builder, builder.getF32Type(), 0.0f);
  Value only = vector::CreateMaskOp::create(
      builder, VectorType::get(shape.tile.width, builder.getI1Type()), index(1));
  loop(index(0), parts, 1, [&](Value number) {
    Value at[] = {pair, number, partRow};
    Value partMax = memref::LoadOp::create(builder, partMaxima, at);
    Value partSum = memref::LoadOp::create(builder, partSums, at);
    Value oldMax = memref::LoadOp::create(builder, maxima, maxAt);
    Value newMax = buildMax(builder, oldMax, partMax);
    memref::StoreOp::create(builder, newMax, maxima, maxAt);
    Value hidden = arith::CmpFOp::create(builder, arith::CmpFPredicate::OEQ, newMax, least);
    Value shift = choose(hidden, zero, newMax);
    auto shrink = [&](Value max) -> Value {
      Value factor = buildExp(builder, arith::SubFOp::create(builder, max, shift));
      return vector::BroadcastOp::create(builder, f32Lanes, factor);
    };
    Value oldFactor = shrink(oldMax), factor = shrink(partMax);
    auto combine = [&](Value old, Value added) -> Value {
      Value shrunk = arith::MulFOp::create(builder, old, oldFactor);
      return math::FmaOp::create(builder, added, factor, shrunk);
    };
    // The sum of a row is that of its lanes.
    Value lanes = arith::SelectOp::create(
        builder, only, vector::BroadcastOp::create(builder, f32Lanes, partSum),
        buildFloat(builder, f32Lanes, 0.0f));
    store(combine(load(sums, sumAt), lanes), sums, sumAt);
    loop(index(0), valueSize, shape.tile.width, [&](Value d) {
      Value outputAt[] = {task.worker, row, d};
      Value added = load(partOutput, {pair, number, partRow, d});
      store(combine(load(output, outputAt), added), output, outputAt);
    });
  });
}
