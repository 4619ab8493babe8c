//===- PlanZones.cpp - Zones of distances for a plan ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Plan/PlanZones.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::posenc;

//===----------------------------------------------------------------------===//
// Zones
//===----------------------------------------------------------------------===//

static bool isFull(const ScoreSteps &steps, int64_t lo, int64_t hi) {
  return llvm::all_of(steps.getSteps(), [&](const ScoreStep &step) {
    return steps.getEffect(step, lo, hi) <= StepEffect::Pointwise;
  });
}

static TileKind getKind(const ScoreSteps &steps, const TileClass &tile, int64_t lo,
                        int64_t hi) {
  switch (tile.visibility) {
  case Visibility::Masked:
    return TileKind::Skipped;
  case Visibility::Mixed:
    return TileKind::Masked;
  case Visibility::Unmasked:
    if (!tile.constant)
      return TileKind::Band;
    return isFull(steps, lo, hi) ? TileKind::Full : TileKind::Constant;
  }
  llvm_unreachable("all visibilities are covered");
}

/// Whether loops can end where distances pass a threshold.
static bool canSplit(const ScoreStructure &structure) {
  return structure.isIndexDistance() && structure.getStages().empty() &&
         !structure.getZones().empty();
}

/// What all tiles need, where they cannot be told apart.
static TileKind getKindOfAll(const ScoreSteps &steps) {
  const ScoreStructure &structure = steps.getStructure();
  int64_t reach = structure.getPositionLimit() - 1;
  // No run can check positions that an operand gives.
  bool checked = structure.isIndexDistance() || reach == kNoPositionLimit - 1;
  if (!structure.getStages().empty() || !checked)
    return TileKind::Masked;
  return getKind(steps, structure.classify(-reach, reach), -LoopPlan::kOpen, LoopPlan::kOpen);
}

PlanZones mlir::posenc::findPlanZones(const ScoreSteps &steps, int64_t blockM, int64_t blockN) {
  const ScoreStructure &structure = steps.getStructure();
  PlanZones result;
  if (!canSplit(structure)) {
    result.kinds.push_back(getKindOfAll(steps));
    return result;
  }
  // No tile has all its distances in a zone that is shorter.
  SmallVector<ScoreZone> zones = coarsenZones(structure.getZones(), blockM + blockN - 1);
  for (const ScoreZone &zone : zones) {
    TileKind kind = getKind(steps, zone.tile, zone.lo, zone.hi);
    bool same = !result.kinds.empty() && result.kinds.back() == kind;
    if (same && kind != TileKind::Constant)
      continue;
    if (!result.kinds.empty())
      result.thresholds.push_back(zone.lo);
    result.kinds.push_back(kind);
  }
  return result;
}

PlanAttr mlir::posenc::completePlan(PlanAttr plan, const ScoreSteps &steps, int64_t blockM,
                                    int64_t blockN) {
  MLIRContext *ctx = steps.getStructure().getOperation()->getContext();
  if (!plan)
    plan = PlanAttr::get(ctx, "", 0, 0, 0, 0, {}, {});
  auto or_ = [](int64_t value, int64_t otherwise) { return value ? value : otherwise; };
  blockM = or_(plan.getBlockM(), blockM);
  blockN = or_(plan.getBlockN(), blockN);
  PlanZones zones{SmallVector<int64_t>(plan.getThresholds()),
                  SmallVector<TileKind>(plan.getKinds())};
  if (!plan.hasZones())
    zones = findPlanZones(steps, blockM, blockN);
  return PlanAttr::get(ctx, plan.getEngine(), blockM, blockN, or_(plan.getStages(), 1),
                       or_(plan.getKeySplits(), 1), zones.thresholds, zones.kinds);
}

//===----------------------------------------------------------------------===//
// Verification
//===----------------------------------------------------------------------===//

/// Whether all scores with these distances are of the kind.
static bool holds(const ScoreSteps &steps, TileKind kind, int64_t lo, int64_t hi) {
  if (kind == TileKind::Masked)
    return true;
  const ScoreStructure &structure = steps.getStructure();
  if (kind == TileKind::Constant || kind == TileKind::Full) {
    // One value for all: it is no claim about parts.
    TileClass tile = structure.classify(lo, hi);
    for (const ScoreZone &zone : structure.getZones())
      if (zone.lo <= lo && hi <= zone.hi && zone.tile.constant)
        tile = zone.tile;
    return tile.visibility == Visibility::Unmasked && tile.constant &&
           (kind == TileKind::Constant || isFull(steps, lo, hi));
  }
  Visibility wanted = kind == TileKind::Skipped ? Visibility::Masked : Visibility::Unmasked;
  return llvm::all_of(structure.getZones(), [&](const ScoreZone &zone) {
    int64_t from = std::max(lo, zone.lo), to = std::min(hi, zone.hi);
    return from > to || zone.tile.visibility == wanted ||
           structure.classify(from, to).visibility == wanted;
  });
}

static LogicalResult verifyZones(AttentionOp op, PlanAttr plan, const ScoreSteps &steps) {
  const ScoreStructure &structure = steps.getStructure();
  if (!canSplit(structure)) {
    TileKind only = getKindOfAll(steps), kind = plan.getKinds().front();
    if (plan.getKinds().size() > 1)
      return op.emitOpError() << "expected a plan with one zone, as loops over keys cannot be "
                                 "split at distances here, but got "
                              << plan.getKinds().size();
    if (kind != only && kind != TileKind::Masked)
      return op.emitOpError() << "expected a plan that fits the score region, where all "
                                 "distances are '"
                              << stringifyTileKind(only) << "', but got '"
                              << stringifyTileKind(kind) << "'";
    return success();
  }
  int64_t reach = structure.getPositionLimit() - 1;
  for (auto [i, kind] : llvm::enumerate(plan.getKinds())) {
    bool first = i == 0, last = i == plan.getThresholds().size();
    int64_t lo = first ? -reach : plan.getThresholds()[i - 1];
    int64_t hi = last ? reach : plan.getThresholds()[i] - 1;
    if (lo <= hi && holds(steps, kind, lo, hi))
      continue;
    InFlightDiagnostic diag = op.emitOpError();
    diag << "expected a plan that fits the score region but its distances ";
    if (first || last)
      diag << (first && last ? "of all sizes"
               : first       ? "up to "
                             : "from ")
           << (first && last ? "" : std::to_string(first ? hi : lo));
    else
      diag << "from " << lo << " to " << hi;
    return diag << " are not '" << stringifyTileKind(kind) << "'";
  }
  return success();
}

/// The strategy of one op of the region; `step` is null if the op is none.
static LogicalResult verifyStrategy(Operation *op, TermStrategy strategy, const ScoreStep *step,
                                    const ScoreSteps &steps) {
  SmallVector<TermStrategy> possible;
  if (auto stage = dyn_cast<StageOpInterface>(op)) {
    bool scan = stage.getForm() == ScoreModForm::RowScan;
    possible.push_back(scan ? TermStrategy::Scan : TermStrategy::Mix);
  } else if (step) {
    possible = steps.getStrategies(*step);
  } else {
    return op->emitOpError() << "expected a strategy on an op that changes the score, but no "
                                "term is this op's";
  }
  if (llvm::is_contained(possible, strategy))
    return success();
  InFlightDiagnostic diag = op->emitOpError() << "expected a strategy that its term allows (";
  llvm::interleaveComma(possible, diag,
                        [&](TermStrategy s) { diag << stringifyTermStrategy(s); });
  return diag << ") but got '" << stringifyTermStrategy(strategy) << "'";
}

static LogicalResult verifyStrategies(AttentionOp op, const ScoreSteps &steps) {
  llvm::SmallDenseMap<Operation *, const ScoreStep *> known;
  for (const ScoreStep &step : steps.getSteps())
    known[step.op] = &step;
  WalkResult result = op.getScore().walk([&](Operation *inner) {
    auto attr = inner->getAttrOfType<TermStrategyAttr>(PlanAttr::kStrategyName);
    if (attr && failed(verifyStrategy(inner, attr.getValue(), known.lookup(inner), steps)))
      return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

LogicalResult mlir::posenc::verifyPlan(AttentionOp op, PlanAttr plan, const ScoreSteps &steps) {
  if (plan && plan.hasZones() && failed(verifyZones(op, plan, steps)))
    return failure();
  return verifyStrategies(op, steps);
}

//===----------------------------------------------------------------------===//
// Limit of positions
//===----------------------------------------------------------------------===//

Value mlir::posenc::buildPositionCheck(OpBuilder &builder, Location loc,
                                       const ScoreStructure &structure, Value queries,
                                       Value keys, Value queryOffset, Value keyOffset) {
  int64_t limit = structure.getPositionLimit();
  if (limit >= kNoPositionLimit)
    return {};
  Value below;
  for (auto [length, offset] : {std::pair{queries, queryOffset}, {keys, keyOffset}}) {
    Value end = length;
    if (offset)
      end = builder.createOrFold<arith::AddIOp>(loc, length, offset);
    APInt known;
    if (matchPattern(end, m_ConstantInt(&known)) && known.getSExtValue() <= limit)
      continue;
    Value bound = arith::ConstantIndexOp::create(builder, loc, limit);
    Value inside = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sle, end, bound);
    below = below ? arith::AndIOp::create(builder, loc, below, inside).getResult() : inside;
  }
  return below;
}
