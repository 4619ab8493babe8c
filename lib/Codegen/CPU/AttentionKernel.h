//===- AttentionKernel.h - Online softmax on tiles --------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CODEGEN_CPU_ATTENTIONKERNEL_H
#define POSENC_LIB_CODEGEN_CPU_ATTENTIONKERNEL_H

#include "LaneEvaluator.h"
#include "ScorePlan.h"
#include "VectorHelpers.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::posenc::cpu {

/// How the kernel is cut: queries of a task, keys per block, and the register
/// tile; `workers` share the tasks.
struct KernelShape {
  int64_t blockM, blockN, workers;
  RegisterTile tile;
};

/// Builds attention on memrefs as loops over tiles:
///
///     K ← keys, f32, transposed; V ← values, f32               parallel, once
///     strip[h, n − m] ← what is added to a score               parallel, once
///     parallel (worker)
///       for each of its tasks (b, h, block of queries)
///         Q ← the block's queries, f32, scaled
///         for each block of visible keys
///           for each tile of rows
///             S ← strip + Q · K; S ← score(S); its maximum
///             S ← e^(S − max), its sum
///             O ← O · e^(old max − max) + S · V
///         o ← O / sum; lse
///
/// Capitals are buffers; S is of one tile of rows and one block of keys and
/// stays in the first-level cache. Row regions are evaluated while packing. A
/// score that is s + g(distance) starts from the strip; any other region is
/// evaluated on vectors of keys.
///
/// With many heads there is no parallel packing: a worker takes a head of keys,
/// packs it and goes through its queries while they are in the cache. Where what
/// is added is no function of i − j but of other differences (Swin), and static
/// lengths say that it is small, a matrix per head takes the strip's place. Few
/// queries take another way (AttentionDecode.cpp).
class AttentionKernel {
public:
  AttentionKernel(AttentionOp op, const KernelShape &shape, ImplicitLocOpBuilder &builder);

  /// Builds the kernel at the builder's position.
  void build();

private:
  struct Operand {
    Value memref;
    DimsAttr dims;
    Region *rows;
  };
  /// Where a row lies: batch, head of that tensor, index.
  struct Row {
    Value b, h, t;
  };
  /// A buffer of the workspace.
  struct Buffer {
    Value *target;
    SmallVector<OpFoldResult> extents;
  };
  /// A block of queries, and which of the packed keys are its own.
  struct Task {
    Value worker, slot, b, h, m0, rows;
  };
  /// A tile of rows, the first `valid` of which exist, and keys [lo, hi) of the
  /// block at n0. `tile` counts within the task.
  struct Tile {
    Value r0, tile, valid, n0, lo, hi;
  };

  /// A row of scores in a buffer, whose last index is n − n0.
  struct ScoreRow {
    Value buffer;
    SmallVector<Value> at;
    Value n0;
  };
  /// Keys [n0, end) of a head of keys, and a row that reads them: query m of head
  /// h, number `row` of those that share the keys.
  struct Part {
    Value b, keyHead, pair, number, n0, end, h, m, row;
  };

  // AttentionKernel.cpp: loops.
  void buildExtents();
  void buildTiled();
  void freeWorkspace(Value workspace);
  void planWorkspace();
  void planScratch(Value workers);
  void planStrip();
  Value allocateWorkspace();
  void buildWorker(Value worker, Value units);
  void buildUnit(Value worker, Value number);
  void buildTask(const Task &task);
  void buildKeyBlock(const Task &task, Value n0);
  /// The first key that any query from m on sees, and the end of those that any
  /// query up to m sees.
  Value firstKey(Value m);
  Value endOfKeys(Value m);

  // AttentionScores.cpp: S and its softmax.
  void buildScores(const Task &task, const Tile &tile);
  void buildAdditivePanel(const Task &task, const Tile &tile, Value panel,
                          SmallVectorImpl<Value> &maxima);
  SmallVector<Value> buildDots(const Task &task, const Tile &tile, Value key, ValueRange init);
  SmallVector<Value> loadAdded(const Task &task, const Tile &tile, Value key);
  SmallVector<Value> buildHiding(const Task &task, const Tile &tile, Value key,
                                 ValueRange scores);
  void storeScores(const Task &task, const Tile &tile, Value key, ValueRange scores);
  void buildGeneralRow(const Task &task, const Tile &tile, Value row);
  Value buildScoreRow(const ScoreRow &scores, const Row &row, Value from, Value to);
  void buildFactors(const Task &task, const Tile &tile);
  void buildWeights(const Task &task, const Tile &tile);
  void buildWeightedValues(const Task &task, const Tile &tile);
  Value visibleEverywhere(const Task &task, const Tile &tile, Value key);

  // AttentionDecode.cpp: few queries.
  void buildDecode();
  void planDecode();
  void forEachHead(function_ref<void(const Task &)> body);
  void buildPart(const Part &part);
  void buildRowDots(const Part &part, Value n);
  void buildPartOutput(const Part &part);
  void combineParts(const Task &task, Value row);

  // AttentionPacking.cpp: operands to the workspace and back.
  void packKeysAndValues(Value slot, Value b, Value h, Value block);
  void packKeys(Value slot, const Row &first, Value keys);
  void packKeyGroup(Value slot, const Row &first, Value d);
  void packValues(Value slot, const Row &first, Value keys);
  void fillStrip();
  void fillMatrix();
  Value buildRegionAt(Value b, Value h, LaneValue m, LaneValue n, Value mask);
  void buildQueries(const Task &task);
  void initializeRows(const Task &task);
  void buildOutput(const Task &task);
  Value normalizeRow(const Task &task, Value row);
  void storeRow(const Task &task, Value row);
  void buildLse(const Task &task);

  /// Channels from `d` on of a row after its row region, as f32 lanes.
  Value buildChannels(const Operand &operand, const Row &row, Value d, Value mask);
  /// Stores lanes into a memref of any layout; index number `counting` grows
  /// with the lane.
  void storeLanes(Value vector, Value memref, ArrayRef<Value> indices, unsigned counting,
                  Value mask);
  /// Indices into a tensor that stores its dimensions in the order `dims`.
  SmallVector<Value> permute(DimsAttr dims, const Row &row, Value d);
  Value getExtent(const Operand &operand, AttentionOp::Logical which);

  Value index(int64_t value);
  Value add(Value a, Value b);
  Value subtract(Value a, Value b);
  Value minimum(Value a, Value b);
  Value maximum(Value a, Value b);
  Value roundUp(Value a, int64_t to);
  Value roundDown(Value a, int64_t to);
  Value maskBelow(Value limit, Value at);
  /// The same for a multiple of the vector's width, where all lanes may be known
  /// to be below.
  Value channelMask(Value size, Value d);
  Value load(Value memref, ValueRange at);
  void store(Value vector, Value memref, ValueRange at);
  /// for (i = from; i < to; i += step), with the builder inside `body` only.
  void loop(Value from, Value to, int64_t step, function_ref<void(Value)> body);
  /// The same with values that are carried from one iteration to the next.
  SmallVector<Value> loop(Value from, Value to, int64_t step, ValueRange init,
                          function_ref<SmallVector<Value>(Value, ValueRange)> body);
  /// Runs over all indices below `to` on all threads.
  void parallel(ArrayRef<Value> to, function_ref<void(ValueRange)> body);
  Value choose(Value condition, Value ifTrue, Value ifFalse);
  Value multiply(Value a, Value b);
  Value divideUp(Value a, int64_t by);
  void reserve(Value &target, ArrayRef<OpFoldResult> extents);

  AttentionOp op;
  KernelShape shape;
  ScorePlan plan;
  ImplicitLocOpBuilder &builder;
  VectorType f32Lanes;
  Operand q, k, v, o;

  Value batch, queryHeads, keyHeads, queriesTotal, headSize, keysTotal, valueSize, group;
  Value valueColumns, queryBlocks, keyBlocks, keyPairs;
  /// Whether each worker packs the keys of its tasks itself: there are enough
  /// heads that no two workers need the same.
  Value packsLocally;
  /// Entries of the strip, and the last distance in it.
  Value stripEntries, stripLast;
  /// i − j − (m − n)
  Value distanceOffset;
  // For all tasks.
  Value packedKeys, packedValues, strip;
  // Of parts of keys.
  Value firstPart, parts, partScores, partOutput, partMaxima, partSums;
  // Per worker.
  Value queries, scores, output, sums, maxima, blockMaxima, shifts, factors, rowMaxima, rowSums;
  SmallVector<Buffer> buffers;
};

} // namespace mlir::posenc::cpu

#endif // POSENC_LIB_CODEGEN_CPU_ATTENTIONKERNEL_H
