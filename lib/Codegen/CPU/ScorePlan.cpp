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

/// Whether the term adds a function of the distance or hides a score by one.
static bool isAdditive(const ScoreTerm &term) {
  if (!term.isDistanceOnly())
    return false;
  return term.action == TermAction::Add ||
         (term.action == TermAction::Mask &&
          term.fill == -std::numeric_limits<double>::infinity());
}

ScorePlan ScorePlan::get(AttentionOp op) {
  ScorePlan plan;
  plan.plain = !op.hasScore();
  if (plan.plain) {
    plan.additive = true;
    plan.unmasked.emplace();
    return plan;
  }
  ScoreStructure structure(op, KnownLengths::No);
  // Where claims end below what any memory holds, only known lengths could show
  // that they apply.
  if (!structure.isIndexDistance() || structure.getPositionLimit() < (int64_t(1) << 29))
    return plan;
  ArrayRef<ScoreZone> zones = structure.getZones();
  plan.visible = findVisible(zones);
  plan.additive =
      structure.getStages().empty() && llvm::all_of(structure.getTerms(), isAdditive);
  if (!plan.additive)
    return plan;
  plan.unmasked = findUnmasked(zones);
  for (const ScoreTerm &term : structure.getTerms())
    plan.perBatch |= bool(term.inputs & InputBatch);
  return plan;
}
