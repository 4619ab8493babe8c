//===- AttentionScores.cpp - A tile of scores and its softmax -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// S holds a tile of rows and a block of keys: first scores, then weights.
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"

#include "posenc/Dialect/PosEnc/Utils/RegionInlining.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <limits>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::cpu;

static constexpr float kInfinity = std::numeric_limits<float>::infinity();

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

/// S ← score(Q · K) for the tile's keys, −inf for keys that do not exist, and
/// the maximum of each row.
void AttentionKernel::buildScores(const Task &task, const Tile &tile) {
  const RegisterTile &registers = shape.tile;
  Value least = buildFloat(builder, f32Lanes, -kInfinity);
  if (!plan.additive) {
    loop(tile.lo, tile.hi, registers.columns(), [&](Value key) {
      SmallVector<Value> zero(registers.accumulators(), buildFloat(builder, f32Lanes, 0.0f));
      storeScores(task, tile, key, buildDots(task, tile, key, zero));
    });
    loop(index(0), tile.valid, 1, [&](Value row) { buildGeneralRow(task, tile, row); });
    return;
  }
  SmallVector<Value> none(registers.rows, least);
  SmallVector<Value> maxima =
      loop(tile.lo, tile.hi, registers.columns(), none, [&](Value key, ValueRange carried) {
        SmallVector<Value> maxima(carried);
        buildAdditivePanel(task, tile, key, maxima);
        return maxima;
      });
  for (auto [row, lanes] : llvm::enumerate(maxima)) {
    Value max = vector::ReductionOp::create(builder, vector::CombiningKind::MAXNUMF, lanes);
    memref::StoreOp::create(builder, max, blockMaxima, ValueRange{task.worker, index(row)});
  }
}

/// Scores that start from the strip. Where a mask hides some of them, or keys
/// end, they are replaced; elsewhere that costs one branch.
void AttentionKernel::buildAdditivePanel(const Task &task, const Tile &tile, Value key,
                                         SmallVectorImpl<Value> &maxima) {
  const RegisterTile &registers = shape.tile;
  SmallVector<Value> init(registers.accumulators(), buildFloat(builder, f32Lanes, 0.0f));
  if (plan.added != ScorePlan::Nothing)
    init = loadAdded(task, tile, key);
  SmallVector<Value> sums = buildDots(task, tile, key, init);
  auto branch = scf::IfOp::create(builder, ValueRange(sums).getTypes(),
                                  visibleEverywhere(task, tile, key), /*withElseRegion=*/true);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(builder, sums);
    builder.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(builder, buildHiding(task, tile, key, sums));
  }
  storeScores(task, tile, key, branch.getResults());
  for (int64_t row = 0; row < registers.rows; ++row)
    for (int64_t v = 0; v < registers.vectors; ++v)
      maxima[row] =
          buildMax(builder, maxima[row], branch.getResult(row * registers.vectors + v));
}

/// Whether all keys of the panel exist and no mask hides any from any row.
Value AttentionKernel::visibleEverywhere(const Task &task, const Tile &tile, Value key) {
  auto compare = [&](arith::CmpIPredicate predicate, Value a, int64_t b) -> Value {
    return arith::CmpIOp::create(builder, predicate, a, index(b));
  };
  if (!plan.unmasked)
    return arith::ConstantIntOp::create(builder, 0, 1);
  const RegisterTile &registers = shape.tile;
  Value left = subtract(keysTotal, key);
  Value all = compare(arith::CmpIPredicate::sge, left, registers.columns());
  // The distance of the first row and the first key.
  Value first = subtract(add(add(task.m0, tile.r0), distanceOffset), key);
  if (plan.unmasked->lo)
    all = arith::AndIOp::create(builder, all,
                                compare(arith::CmpIPredicate::sge, first,
                                        *plan.unmasked->lo + registers.columns() - 1));
  if (plan.unmasked->hi)
    all = arith::AndIOp::create(
        builder, all,
        compare(arith::CmpIPredicate::sle, first, *plan.unmasked->hi - registers.rows + 1));
  return all;
}

/// The strip, or the matrix, at the panel's scores.
SmallVector<Value> AttentionKernel::loadAdded(const Task &task, const Tile &tile, Value key) {
  const RegisterTile &registers = shape.tile;
  Value b = plan.perBatch ? task.b : index(0);
  Value m = add(task.m0, tile.r0);
  SmallVector<Value> result;
  if (plan.added == ScorePlan::Matrix) {
    for (int64_t row = 0; row < registers.rows; ++row)
      for (int64_t v = 0; v < registers.vectors; ++v)
        result.push_back(load(strip, ValueRange{b, task.h, add(m, index(row)),
                                                add(key, index(v * registers.width))}));
    return result;
  }
  // n − m + Tq − 1, behind rows − 1 entries.
  Value first = subtract(add(key, queriesTotal), m);
  for (int64_t row = 0; row < registers.rows; ++row)
    for (int64_t v = 0; v < registers.vectors; ++v) {
      int64_t at = registers.rows - 2 - row + v * registers.width;
      result.push_back(load(strip, ValueRange{b, task.h, add(first, index(at))}));
    }
  return result;
}

/// −inf where the strip says so (also for a score that is not finite) and where
/// there is no key.
SmallVector<Value> AttentionKernel::buildHiding(const Task &task, const Tile &tile, Value key,
                                                ValueRange scores) {
  const RegisterTile &registers = shape.tile;
  Value least = buildFloat(builder, f32Lanes, -kInfinity);
  SmallVector<Value> exists, result;
  for (int64_t v = 0; v < registers.vectors; ++v)
    exists.push_back(maskBelow(keysTotal, add(key, index(v * registers.width))));
  SmallVector<Value> added;
  if (plan.added != ScorePlan::Nothing)
    added = loadAdded(task, tile, key);
  for (auto [i, score] : llvm::enumerate(scores)) {
    Value shown = exists[i % registers.vectors];
    if (plan.added != ScorePlan::Nothing) {
      Value open = arith::CmpFOp::create(builder, arith::CmpFPredicate::UNE, added[i], least);
      shown = arith::AndIOp::create(builder, shown, open);
    }
    result.push_back(arith::SelectOp::create(builder, shown, score, least));
  }
  return result;
}

SmallVector<Value> AttentionKernel::buildDots(const Task &task, const Tile &tile, Value key,
                                              ValueRange init) {
  const RegisterTile &registers = shape.tile;
  Value panel = arith::DivUIOp::create(builder, key, index(registers.columns()));
  return buildTileProduct(
      builder, registers, index(0), headSize, init,
      [&](int64_t row, Value d) -> Value {
        return memref::LoadOp::create(builder, queries,
                                      ValueRange{task.worker, add(tile.r0, index(row)), d});
      },
      [&](int64_t v, Value d) {
        return load(packedKeys, {task.slot, panel, d, index(v * registers.width)});
      });
}

void AttentionKernel::storeScores(const Task &task, const Tile &tile, Value key,
                                  ValueRange values) {
  const RegisterTile &registers = shape.tile;
  Value column = subtract(key, tile.n0);
  for (auto [i, value] : llvm::enumerate(values)) {
    Value at = add(column, index(i % registers.vectors * registers.width));
    store(value, scores, {task.worker, index(i / registers.vectors), at});
  }
}

void AttentionKernel::buildGeneralRow(const Task &task, const Tile &tile, Value row) {
  Value m = add(add(task.m0, tile.r0), row);
  // Whole panels: the weights of keys behind the last one become 0.
  Value end = add(tile.lo, roundUp(subtract(tile.hi, tile.lo), shape.tile.columns()));
  Value max =
      buildScoreRow({scores, {task.worker, row}, tile.n0}, {task.b, task.h, m}, tile.lo, end);
  memref::StoreOp::create(builder, max, blockMaxima, ValueRange{task.worker, row});
}

/// The region on a row of raw scores of keys [from, to), −inf for keys that do
/// not exist; gives the maximum.
Value AttentionKernel::buildScoreRow(const ScoreRow &scores, const Row &row, Value from,
                                     Value to) {
  Value least = buildFloat(builder, f32Lanes, -kInfinity);
  auto loop = scf::ForOp::create(builder, from, to, index(shape.tile.width), least);
  // What is the same for the row is computed in front of the loop.
  ImplicitLocOpBuilder uniform(builder.getLoc(), loop);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value n = loop.getInductionVar();
    SmallVector<Value> at(scores.at);
    at.push_back(subtract(n, scores.n0));
    Value mask = maskBelow(keysTotal, n), score = load(scores.buffer, at);
    if (op.hasScore()) {
      LaneEvaluator lanes(builder, uniform, shape.tile.width, mask);
      auto code = [&](OpBuilder &scalar, ValueRange args) {
        return inlineScoreRegion(scalar, builder.getLoc(), op.getScore(),
                                 {args[0], row.b, row.h, row.t, args[1]},
                                 PositionSource::get(op));
      };
      score = lanes.evaluate(code, {LaneValue::varying(score), LaneValue::counting(n)});
    }
    score = arith::SelectOp::create(builder, mask, score, least);
    store(score, scores.buffer, at);
    scf::YieldOp::create(builder, buildMax(builder, loop.getRegionIterArg(0), score));
  }
  return vector::ReductionOp::create(builder, vector::CombiningKind::MAXNUMF,
                                     loop.getResult(0));
}

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

/// The new maximum of each row, what is subtracted from its scores, and by what
/// earlier sums shrink.
void AttentionKernel::buildFactors(const Task &task, const Tile &tile) {
  Value least = buildFloat(builder, f32Lanes, -kInfinity);
  Value zero = buildFloat(builder, f32Lanes, 0.0f);
  for (int64_t row = 0; row < shape.tile.rows; row += shape.tile.width) {
    Value at[] = {task.worker, index(row)};
    Value old[] = {task.worker, tile.tile, index(row)};
    Value oldMax = load(maxima, old);
    Value newMax = buildMax(builder, oldMax, load(blockMaxima, at));
    store(newMax, maxima, old);
    // While every score is −inf, subtract 0: −inf − −inf would be NaN.
    Value hidden = arith::CmpFOp::create(builder, arith::CmpFPredicate::OEQ, newMax, least);
    Value shift = arith::SelectOp::create(builder, hidden, zero, newMax);
    store(shift, shifts, at);
    store(buildExp(builder, arith::SubFOp::create(builder, oldMax, shift)), factors, at);
  }
}

/// S ← e^(S − shift); sums, lane by lane.
void AttentionKernel::buildWeights(const Task &task, const Tile &tile) {
  Value from = subtract(tile.lo, tile.n0);
  Value to = add(from, roundUp(subtract(tile.hi, tile.lo), shape.tile.width));
  loop(index(0), tile.valid, 1, [&](Value row) {
    auto broadcast = [&](Value buffer) -> Value {
      Value element = memref::LoadOp::create(builder, buffer, ValueRange{task.worker, row});
      return vector::BroadcastOp::create(builder, f32Lanes, element);
    };
    Value shift = broadcast(shifts), factor = broadcast(factors);
    Value sumAt[] = {task.worker, add(tile.r0, row), index(0)};
    Value init = arith::MulFOp::create(builder, load(sums, sumAt), factor);
    auto body = [&](Value column, ValueRange carried) -> SmallVector<Value> {
      Value at[] = {task.worker, row, column};
      Value difference = arith::SubFOp::create(builder, load(scores, at), shift);
      Value weight = buildExp(builder, difference);
      store(weight, scores, at);
      return {arith::AddFOp::create(builder, carried[0], weight)};
    };
    store(loop(from, to, shape.tile.width, init, body)[0], sums, sumAt);
  });
}

/// O ← O · factor + S · V
void AttentionKernel::buildWeightedValues(const Task &task, const Tile &tile) {
  const RegisterTile &registers = shape.tile;
  loop(index(0), valueColumns, registers.columns(), [&](Value column) {
    Value panel = arith::DivUIOp::create(builder, column, index(registers.columns()));
    SmallVector<Value> init;
    auto at = [&](int64_t row, int64_t v) -> SmallVector<Value> {
      return {task.worker, add(tile.r0, index(row)), add(column, index(v * registers.width))};
    };
    for (int64_t row = 0; row < registers.rows; ++row) {
      Value factor =
          memref::LoadOp::create(builder, factors, ValueRange{task.worker, index(row)});
      Value wide = vector::BroadcastOp::create(builder, f32Lanes, factor);
      for (int64_t v = 0; v < registers.vectors; ++v)
        init.push_back(arith::MulFOp::create(builder, load(output, at(row, v)), wide));
    }
    SmallVector<Value> sums = buildTileProduct(
        builder, registers, tile.lo, tile.hi, init,
        [&](int64_t row, Value n) -> Value {
          return memref::LoadOp::create(
              builder, scores, ValueRange{task.worker, index(row), subtract(n, tile.n0)});
        },
        [&](int64_t v, Value n) {
          return load(packedValues, {task.slot, panel, n, index(v * registers.width)});
        });
    for (auto [i, sum] : llvm::enumerate(sums))
      store(sum, output, at(i / registers.vectors, i % registers.vectors));
  });
}
