//===- Planner.cpp - Decides how an attention is computed -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Plan/Planner.h"

#include "posenc/Dialect/PosEnc/Utils/NeedsReference.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::posenc;
using kernel::TileShape;

/// The op's own plan, with what the request adds.
PlanAttr Planner::getPins(AttentionOp op) const {
  PlanAttr own = PlanAttr::of(op);
  if (!own)
    own = PlanAttr::get(op.getContext(), "", 0, 0, 0, 0, {}, {});
  auto first = [](int64_t a, int64_t b) { return a ? a : b; };
  return PlanAttr::get(
      op.getContext(), own.getEngine().empty() ? StringRef(request.engine) : own.getEngine(),
      first(own.getBlockM(), request.blockM), first(own.getBlockN(), request.blockN),
      own.getStages(), own.getKeySplits(), own.getThresholds(), own.getKinds());
}

/// Null after an error.
const PlanEngine *Planner::chooseEngine(AttentionOp op, PlanAttr pins) const {
  StringRef name = pins.getEngine();
  std::string reason;
  bool known = false;
  for (const std::unique_ptr<PlanEngine> &engine : engines) {
    if (!name.empty() && engine->getName() != name)
      continue;
    known = true;
    if (engine->supports(op, reason))
      return engine.get();
  }
  if (known) {
    op.emitOpError() << reason;
    return nullptr;
  }
  auto names = llvm::map_range(
      engines, [](const std::unique_ptr<PlanEngine> &engine) { return engine->getName(); });
  op.emitOpError() << "expected an engine of the chip " << chip.name << " ("
                   << llvm::join(names, ", ") << ") but got '" << name << "'";
  return nullptr;
}

void Planner::chooseStrategies(ScoreSteps &steps, const PlanEngine &engine,
                               const CostModel &costs, PlanReport &report) const {
  for (ScoreStep &step : steps.getSteps()) {
    if (step.getStrategy()) {
      report.pinned.insert(step.op);
      continue;
    }
    std::optional<TermStrategy> best;
    for (TermStrategy strategy : steps.getStrategies(step))
      if (llvm::is_contained(engine.getStrategies(), strategy) &&
          (!best || costs.getSlots(step, strategy) < costs.getSlots(step, *best)))
        best = strategy;
    // Every engine evaluates what it has no better way for.
    step.setStrategy(best.value_or(TermStrategy::PerScore));
  }
}

/// Those of the engine that have the pinned sizes; the pinned sizes if none has.
SmallVector<TileShape> Planner::getTiles(AttentionOp op, const PlanEngine &engine,
                                         PlanAttr pins) const {
  SmallVector<TileShape> tiles = engine.getTiles(op);
  TileShape usual = tiles.front();
  llvm::erase_if(tiles, [&](TileShape tile) {
    return (pins.getBlockM() && tile.blockM != pins.getBlockM()) ||
           (pins.getBlockN() && tile.blockN != pins.getBlockN());
  });
  if (tiles.empty())
    tiles.push_back({pins.getBlockM() ? pins.getBlockM() : usual.blockM,
                     pins.getBlockN() ? pins.getBlockN() : usual.blockN});
  return tiles;
}

/// The model knows no better whether something is faster.
static constexpr double kMargin = 0.95;

/// Null after an error.
PlanAttr Planner::chooseTile(AttentionOp op, const PlanEngine &engine, PlanAttr pins,
                             const ScoreSteps &steps, const CostModel &costs,
                             PlanReport &report) const {
  PlanAttr best;
  double least = 0;
  std::string reason;
  pins = PlanAttr::get(op.getContext(), engine.getName(), pins.getBlockM(), pins.getBlockN(),
                       pins.getStages(), pins.getKeySplits(), pins.getThresholds(),
                       pins.getKinds());
  for (TileShape tile : getTiles(op, engine, pins)) {
    PlanAttr plan = completePlan(pins, steps, tile.blockM, tile.blockN);
    if (!engine.accepts(op, plan, reason))
      continue;
    double cycles = costs.getCyclesPerScore(plan);
    auto byCycles = [](double value, const WeighedTile &other) { return value < other.cycles; };
    report.tiles.insert(llvm::upper_bound(report.tiles, cycles, byCycles), {tile, cycles});
    // The engine's favourite comes first.
    if (!best || cycles < kMargin * least) {
      best = plan;
      least = cycles;
    }
  }
  if (!best)
    op.emitOpError() << reason;
  return best;
}

/// Stages have one way to be computed each.
static void planStages(AttentionOp op) {
  if (!op.hasScore())
    return;
  for (auto stage : op.getScore().front().getOps<StageOpInterface>()) {
    bool scan = stage.getForm() == ScoreModForm::RowScan;
    TermStrategy strategy = scan ? TermStrategy::Scan : TermStrategy::Mix;
    if (!stage->hasAttr(PlanAttr::kStrategyName))
      stage->setAttr(PlanAttr::kStrategyName, TermStrategyAttr::get(op.getContext(), strategy));
  }
}

FailureOr<PlanReport> Planner::plan(AttentionOp op) const {
  PlanReport report;
  ScoreStructure structure(op);
  ScoreSteps steps(structure);
  if (std::optional<std::string> reason = whyNeedsReference(op)) {
    if (PlanAttr::of(op))
      return op.emitOpError() << "expected no plan of a kernel, as there is none for "
                              << *reason;
    planStages(op);
    report.unplanned = *reason;
    if (failed(verifyPlan(op, {}, steps)))
      return failure();
    return report;
  }
  PlanAttr pins = getPins(op);
  report.enginePinned = !pins.getEngine().empty();
  report.tilePinned = pins.getBlockM() && pins.getBlockN();
  report.zonesPinned = pins.hasZones();
  if (failed(verifyPlan(op, pins, steps)))
    return failure();
  const PlanEngine *engine = chooseEngine(op, pins);
  if (!engine)
    return failure();
  CostModel costs(chip, steps, AttentionShape::get(op, request.usualLength));
  chooseStrategies(steps, *engine, costs, report);
  PlanAttr plan = chooseTile(op, *engine, pins, steps, costs, report);
  if (!plan)
    return failure();
  op->setAttr(PlanAttr::kName, plan);
  return report;
}
