//===- LoopPlan.h - The loops over keys of a block of queries ---*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Keys are cut into tiles of block_n, queries into tiles of block_m. What a tile
// needs depends on one number, its shift m0 + offset − n0: the distances i − j of
// its scores are those from shift − block_n + 1 to shift + block_m − 1. So the
// zones of distances of a plan become intervals of shifts, and those, for a
// query block, become ranges of keys, in order. docs/Plan.md.
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_PLAN_LOOPPLAN_H
#define POSENC_DIALECT_POSENC_PLAN_LOOPPLAN_H

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

namespace mlir::posenc {

/// What a tile needs that holds distances of both kinds of zones.
TileKind joinKinds(TileKind a, TileKind b);

/// One loop over tiles of keys: all tiles of one interval of shifts.
struct KeyLoop {
  TileKind kind;
  /// Inclusive; LoopPlan::kOpen below or above where there is no end.
  int64_t minShift, maxShift;
  /// The distances i − j of all scores of its tiles, inclusive, ends as above.
  int64_t minDistance, maxDistance;

  bool isVisited() const { return kind != TileKind::Skipped; }
};

/// The loops of a plan, for every block of queries and all lengths.
class LoopPlan {
public:
  /// Stands for no end, on either side; farther than any distance.
  static constexpr int64_t kOpen = int64_t(1) << 42;

  /// Of a plan with tile sizes and zones. `offset` is what i − j is more than
  /// m − n, if it is known; loops that no tile can be in are then left out.
  LoopPlan(PlanAttr plan, std::optional<int64_t> offset);

  /// In the order of keys, those that are skipped included. At least one.
  ArrayRef<KeyLoop> getLoops() const { return loops; }
  int64_t getBlockM() const { return blockM; }
  int64_t getBlockN() const { return blockN; }

  /// The loop of the tile with first query `m0` and first key `n0`, which are
  /// multiples of the tile sizes.
  const KeyLoop &getLoop(int64_t m0, int64_t n0, int64_t offset) const;

  /// Where the loops begin and, last, where they end, for the query block at
  /// `m0`: loop k has keys from number k to number k + 1. All are multiples of
  /// block_n but those that are `keys`.
  SmallVector<int64_t> getBoundaries(int64_t m0, int64_t offset, int64_t keys) const;
  /// The number of tiles of each loop, over all query blocks.
  SmallVector<int64_t> countTiles(int64_t queries, int64_t keys, int64_t offset) const;

  /// Builds getBoundaries. `offset` (index) may be null for 0. The keys are those
  /// from `begin` (a multiple of block_n; null for 0) to `end`: a task may have
  /// a part of them.
  SmallVector<Value> buildBoundaries(OpBuilder &builder, Location loc, Value m0, Value offset,
                                     Value begin, Value end) const;

private:
  void addLoop(const KeyLoop &loop);
  void narrow(KeyLoop &loop, int64_t offset) const;
  /// The smallest n0 of the loops from `loop` on is that of the first multiple of
  /// block_n from m0 + offset + this on; −kOpen for the first loop.
  int64_t getStart(size_t loop) const;

  int64_t blockM, blockN;
  SmallVector<KeyLoop> loops;
};

} // namespace mlir::posenc

#endif // POSENC_DIALECT_POSENC_PLAN_LOOPPLAN_H
