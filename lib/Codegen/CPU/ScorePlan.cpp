//===- ScorePlan.cpp - Which scores a kernel computes, and how ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScorePlan.h"

#include "posenc/Dialect/PosEnc/Analysis/ScoreStructure.h"

#include <limits>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::cpu;

static bool isMasked(const ScoreZone &zone) {
  return zone.tile.visibility == Visibility::Masked;
}

/// What remains after the masked zones at both ends.
static DistanceRange findVisible(ArrayRef<ScoreZone> zones) {
  DistanceRange range;
  while (!zones.empty() && isMasked(zones.front())) {
    range.lo = zones.front().hi + 1;
    zones = zones.drop_front();
  }
  while (!zones.empty() && isMasked(zones.back())) {
    range.hi = zones.back().lo - 1;
    zones = zones.drop_back();
  }
  return range;
}

/// The longest run of zones in which every mask's predicate holds.
static std::optional<DistanceRange> findUnmasked(ArrayRef<ScoreZone> zones) {
  std::optional<DistanceRange> best;
  int64_t longest = -1;
  for (unsigned i = 0, e = zones.size(); i < e; ++i) {
    unsigned first = i;
    while (i < e && zones[i].tile.visibility == Visibility::Unmasked)
      ++i;
    if (first == i || zones[i - 1].hi - zones[first].lo <= longest)
      continue;
    longest = zones[i - 1].hi - zones[first].lo;
    best.emplace();
    if (first > 0)
      best->lo = zones[first].lo;
    if (i < e)
      best->hi = zones[i - 1].hi;
  }
  return best;
}

/// Whether the term adds a function of differences or hides a score by one.
static bool isAdditive(const ScoreTerm &term) {
  if (term.inputs & ~(kUniformInputs | InputDistance | InputAxes))
    return false;
  return term.action == TermAction::Add ||
         (term.action == TermAction::Mask &&
          term.fill == -std::numeric_limits<double>::infinity());
}

/// Up to this many scores of a head are kept: 4 MiB.
static constexpr int64_t kMatrixEntries = int64_t(1) << 20;

/// Whether what is added is worth a matrix: several batches read it. Positions
/// that are operands may be other ones in each.
static bool hasSmallMatrix(AttentionOp op, bool perBatch) {
  if (op.getQPositions() || op.getKPositions())
    return false;
  int64_t queries = op.getQueryExtent(AttentionOp::Seq);
  int64_t keys = op.getKeyExtent(AttentionOp::Seq);
  return !perBatch && op.getQueryExtent(AttentionOp::Batch) != 1 &&
         !ShapedType::isDynamic(queries) && !ShapedType::isDynamic(keys) && queries > 0 &&
         keys <= kMatrixEntries / queries;
}

ScorePlan ScorePlan::get(AttentionOp op) {
  ScorePlan plan;
  if (!op.hasScore()) {
    plan.additive = true;
    plan.unmasked.emplace();
    return plan;
  }
  ScoreStructure structure(op, KnownLengths::No);
  ArrayRef<ScoreTerm> terms = structure.getTerms();
  bool additive = structure.getStages().empty() && llvm::all_of(terms, isAdditive);
  for (const ScoreTerm &term : terms)
    plan.perBatch |= bool(term.inputs & InputBatch);
  // Where claims end below what any memory holds, only known lengths could show
  // that they apply.
  bool byDistance =
      structure.isIndexDistance() && structure.getPositionLimit() >= (int64_t(1) << 29);
  if (byDistance)
    plan.visible = findVisible(structure.getZones());
  bool isStrip = byDistance && llvm::all_of(terms, [](const ScoreTerm &term) {
                   return term.isDistanceOnly();
                 });
  plan.additive = additive && (isStrip || hasSmallMatrix(op, plan.perBatch));
  if (!plan.additive)
    return plan;
  plan.added = isStrip ? Strip : Matrix;
  if (byDistance)
    plan.unmasked = findUnmasked(structure.getZones());
  return plan;
}
