//===- LoopPlan.cpp - The loops over keys of a block of queries -----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Plan/LoopPlan.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>

using namespace mlir;
using namespace mlir::posenc;

TileKind mlir::posenc::joinKinds(TileKind a, TileKind b) {
  if (a == b && a != TileKind::Constant)
    return a;
  bool hides = llvm::is_contained({a, b}, TileKind::Skipped) ||
               llvm::is_contained({a, b}, TileKind::Masked);
  // Two constants are two values.
  return hides ? TileKind::Masked : TileKind::Band;
}

//===----------------------------------------------------------------------===//
// Zones to loops
//===----------------------------------------------------------------------===//

/// The zone that a distance is in.
static size_t findZone(PlanAttr plan, int64_t distance) {
  return llvm::upper_bound(plan.getThresholds(), distance) - plan.getThresholds().begin();
}

/// Shifts from which on a tile holds other zones, in order.
static SmallVector<int64_t> findBreaks(PlanAttr plan) {
  SmallVector<int64_t> breaks;
  for (int64_t threshold : plan.getThresholds()) {
    breaks.push_back(threshold - plan.getBlockM() + 1); // its largest distance gets there
    breaks.push_back(threshold + plan.getBlockN() - 1); // its smallest does
  }
  llvm::sort(breaks);
  breaks.erase(llvm::unique(breaks), breaks.end());
  return breaks;
}

LoopPlan::LoopPlan(PlanAttr plan, std::optional<int64_t> offset)
    : blockM(plan.getBlockM()), blockN(plan.getBlockN()) {
  assert(blockM && blockN && plan.hasZones() && "a plan with tile sizes and zones");
  SmallVector<int64_t> breaks = findBreaks(plan);
  // Keys go up as shifts go down.
  for (size_t i = breaks.size() + 1; i-- > 0;) {
    KeyLoop loop;
    loop.minShift = i == 0 ? -kOpen : breaks[i - 1];
    loop.maxShift = i == breaks.size() ? kOpen : breaks[i] - 1;
    if (offset)
      narrow(loop, *offset);
    if (loop.minShift > loop.maxShift)
      continue;
    bool first = loop.minShift == -kOpen, last = loop.maxShift == kOpen;
    loop.minDistance = first ? -kOpen : loop.minShift - blockN + 1;
    loop.maxDistance = last ? kOpen : loop.maxShift + blockM - 1;
    // All tiles of the interval hold the same zones.
    size_t lo = first ? 0 : findZone(plan, loop.minShift - blockN + 1);
    size_t hi = last ? plan.getKinds().size() - 1 : findZone(plan, loop.maxShift + blockM - 1);
    loop.kind = plan.getKinds()[lo];
    for (size_t zone = lo + 1; zone <= hi; ++zone)
      loop.kind = joinKinds(loop.kind, plan.getKinds()[zone]);
    addLoop(loop);
  }
}

/// Moves the ends to shifts that tiles have: those that are the offset plus a
/// multiple of what both tile sizes are multiples of.
void LoopPlan::narrow(KeyLoop &loop, int64_t offset) const {
  int64_t step = std::gcd(blockM, blockN);
  auto above = [&](int64_t shift) { // the next from `shift` on
    return offset + llvm::divideCeilSigned(shift - offset, step) * step;
  };
  if (loop.minShift != -kOpen)
    loop.minShift = above(loop.minShift);
  if (loop.maxShift != kOpen)
    loop.maxShift = above(loop.maxShift - step + 1);
}

/// Appends a loop, or makes it a part of the last where that is of its kind.
void LoopPlan::addLoop(const KeyLoop &loop) {
  KeyLoop *last = loops.empty() ? nullptr : &loops.back();
  if (!last || last->kind != loop.kind || loop.kind == TileKind::Constant) {
    loops.push_back(loop);
    return;
  }
  last->minShift = loop.minShift;
  last->minDistance = loop.minDistance;
}

//===----------------------------------------------------------------------===//
// Loops to keys
//===----------------------------------------------------------------------===//

const KeyLoop &LoopPlan::getLoop(int64_t m0, int64_t n0, int64_t offset) const {
  int64_t shift = m0 + offset - n0;
  for (const KeyLoop &loop : loops)
    if (shift >= loop.minShift)
      return loop;
  llvm_unreachable("the last loop has no end");
}

int64_t LoopPlan::getStart(size_t loop) const {
  // The tile is not in the loop before: m0 + offset − n0 < minShift of that.
  return loop == 0 ? -kOpen : 1 - loops[loop - 1].minShift;
}

SmallVector<int64_t> LoopPlan::getBoundaries(int64_t m0, int64_t offset, int64_t keys) const {
  SmallVector<int64_t> boundaries{0};
  for (size_t loop = 1; loop < loops.size(); ++loop) {
    int64_t first = std::max<int64_t>(m0 + offset + getStart(loop), 0);
    boundaries.push_back(std::min<int64_t>(llvm::alignTo(first, blockN), keys));
  }
  boundaries.push_back(keys);
  return boundaries;
}

SmallVector<int64_t> LoopPlan::countTiles(int64_t queries, int64_t keys, int64_t offset) const {
  SmallVector<int64_t> counts(loops.size());
  for (int64_t m0 = 0; m0 < queries; m0 += blockM) {
    SmallVector<int64_t> boundaries = getBoundaries(m0, offset, keys);
    for (size_t loop = 0; loop < loops.size(); ++loop)
      counts[loop] += llvm::divideCeil(boundaries[loop + 1] - boundaries[loop], blockN);
  }
  return counts;
}

SmallVector<Value> LoopPlan::buildBoundaries(OpBuilder &builder, Location loc, Value m0,
                                             Value offset, Value begin, Value end) const {
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  Value shift = offset ? builder.createOrFold<arith::AddIOp>(loc, m0, offset) : m0;
  Value zero = index(0), size = index(blockN), first = begin ? begin : zero;
  SmallVector<Value> boundaries{first};
  for (size_t loop = 1; loop < loops.size(); ++loop) {
    Value key = builder.createOrFold<arith::AddIOp>(loc, shift, index(getStart(loop)));
    // Not negative, so that the division is one that processors have.
    key = builder.createOrFold<arith::MaxSIOp>(loc, key, zero);
    key = builder.createOrFold<arith::CeilDivUIOp>(loc, key, size);
    key = builder.createOrFold<arith::MulIOp>(loc, key, size);
    if (begin)
      key = builder.createOrFold<arith::MaxSIOp>(loc, key, begin);
    boundaries.push_back(builder.createOrFold<arith::MinSIOp>(loc, key, end));
  }
  boundaries.push_back(end);
  return boundaries;
}
