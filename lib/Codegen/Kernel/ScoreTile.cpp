//===- ScoreTile.cpp - Scores in registers and where they stand -----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Kernel/ScoreTile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <limits>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::kernel;

/// Whether evaluating the region at an index past the end could read past the
/// end of a buffer. The tables of modifiers are addressed through buckets, which
/// are in range everywhere, and by the head.
static bool readsByIndex(AttentionOp op) {
  if (op.getQPositions() || op.getKPositions())
    return true;
  if (!op.hasScore())
    return false;
  Value head = op.getScore().getArgument(2);
  WalkResult found = op.getScore().walk([&](Operation *inner) {
    Value index;
    if (auto table = dyn_cast<BiasTableOp>(inner))
      index = table.getHead();
    else if (auto fn = dyn_cast<BiasFnOp>(inner))
      index = fn.getHead();
    else if (inner->getNumRegions() == 0 && !isMemoryEffectFree(inner))
      return WalkResult::interrupt();
    bool safe = !index || index == head || !op.getScore().isAncestor(index.getParentRegion());
    return safe ? WalkResult::advance() : WalkResult::interrupt();
  });
  return found.wasInterrupted();
}

/// Without a region the scale is a factor of the exponent. A scale that is not
/// positive would turn the maximum around.
static bool foldsScale(AttentionOp op) {
  return !op.hasScore() && op.getScale().convertToFloat() > 0.0f;
}

float kernel::getExponentFactor(AttentionOp op) {
  constexpr double log2e = 1.4426950408889634;
  return static_cast<float>(foldsScale(op) ? log2e * op.getScale().convertToDouble() : log2e);
}

void kernel::applyScoreRegion(const Emit &emit, AttentionKernel &kernel, const ScoreTile &tile,
                              MutableArrayRef<Value> scores) {
  AttentionOp op = kernel.op;
  SmallVector<Value> rows(tile.rows), columns(tile.columns), inside;
  for (Value column : tile.columns)
    inside.push_back(emit.less(column, kernel.extents.keys));
  if (readsByIndex(op)) {
    // This spoils the differences of indices that a compiler can share between
    // registers, so only where it is needed.
    Value zero = emit.index(0);
    for (Value &row : rows)
      row = emit.select(emit.less(row, kernel.extents.queries), row, zero);
    for (auto [column, in] : llvm::zip_equal(columns, inside))
      column = emit.select(in, column, zero);
  }
  Value minusInfinity = emit.f32(-std::numeric_limits<float>::infinity());
  bool scaled = !foldsScale(op) && op.getScale().convertToFloat() != 1.0f;
  Value scale = scaled ? emit.f32(op.getScale().convertToFloat()) : Value();
  for (unsigned r = 0; r < tile.size(); ++r) {
    Value score = scaled ? emit.mulF(scores[r], scale) : scores[r];
    ScorePoint point{score, kernel.batch, kernel.queryHead, rows[tile.rowOf[r]],
                     columns[tile.columnOf[r]]};
    score = inlineScoreRegion(emit.builder, emit.loc, op.getScore(), point, kernel.positions,
                              kernel.captures);
    scores[r] = emit.select(inside[tile.columnOf[r]], score, minusInfinity);
  }
}

//===----------------------------------------------------------------------===//
// Key range
//===----------------------------------------------------------------------===//

namespace {
/// What the last masks of a region show. Nothing follows them, so a key that
/// one hides has the score −inf.
struct TrailingMasks {
  std::optional<int64_t> least, most; // of i − j
  SmallVector<MaskAttr, 1> chunks;

  explicit TrailingMasks(AttentionOp op) {
    if (!op.hasScore() || op.getQPositions() || op.getKPositions())
      return;
    Value value = cast<YieldOp>(op.getScore().front().getTerminator()).getValue();
    while (auto mask = value.getDefiningOp<MaskOp>()) {
      value = mask.getScore();
      if (mask.getQPosition().getDefiningOp<QPosOp>() &&
          mask.getKPosition().getDefiningOp<KPosOp>())
        add(mask.getMask());
    }
  }

private:
  void add(MaskAttr mask) {
    if (auto bound = mask.getMinDistance())
      least = least ? std::max(*least, *bound) : *bound;
    if (auto bound = mask.getMaxDistance())
      most = most ? std::min(*most, *bound) : *bound;
    if (mask.getKind() == MaskKind::Chunked)
      chunks.push_back(mask);
  }
};
} // namespace

KeyRange kernel::buildKeyRange(const Emit &emit, AttentionKernel &kernel, int64_t queryTile,
                               int64_t keyTile) {
  TrailingMasks masks(kernel.op);
  const PositionSource &positions = kernel.positions;
  // i − j = m − n + shift.
  Value shift = positions.qOffset ? positions.qOffset : emit.index(0);
  if (positions.kOffset)
    shift = emit.sub(shift, positions.kOffset);
  auto lastRow = [&] { return emit.add(kernel.firstQuery, queryTile - 1); };
  KeyRange range{emit.index(0), kernel.extents.keys};
  auto endBefore = [&](Value bound) {
    range.end = emit.max(emit.min(range.end, bound), emit.index(0));
  };
  auto beginAt = [&](Value bound) { range.begin = emit.max(bound, range.begin); };
  if (masks.least) // n ≤ m + shift − least for the last row
    endBefore(emit.add(emit.add(lastRow(), shift), 1 - *masks.least));
  if (masks.most) // n ≥ m + shift − most for the first row
    beginAt(emit.add(emit.add(kernel.firstQuery, shift), -*masks.most));
  for (MaskAttr mask : masks.chunks) { // from the first row's chunk to the last row's
    Value qOffset = positions.qOffset ? positions.qOffset : emit.index(0);
    Value kOffset = positions.kOffset ? positions.kOffset : emit.index(0);
    auto chunkOf = [&](Value row) {
      return mask.buildChunk(emit.builder, emit.loc, emit.add(row, qOffset));
    };
    beginAt(emit.sub(emit.mul(chunkOf(kernel.firstQuery), mask.getSize()), kOffset));
    Value next = emit.add(chunkOf(lastRow()), 1);
    endBefore(emit.sub(emit.mul(next, mask.getSize()), kOffset));
  }
  if (masks.most || !masks.chunks.empty())
    range.begin = emit.mul(emit.div(range.begin, emit.index(keyTile)), keyTile);
  return range;
}
