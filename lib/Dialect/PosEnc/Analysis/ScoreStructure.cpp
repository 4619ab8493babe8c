//===- ScoreStructure.cpp - What a score region depends on ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Analysis/ScoreStructure.h"

#include "Coordinates.h"
#include "DescribeTerms.h"
#include "PrintExpr.h"
#include "RegionExprs.h"
#include "SplitTerms.h"
#include "Zones.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::scalar;

/// Evaluates every term of a structure, and the whole region.
struct ScoreStructure::Evaluators {
  SmallVector<std::unique_ptr<ConstancyEvaluator>> terms;
  /// The region's value, and the coordinates of queries and keys by axis.
  std::unique_ptr<Evaluator> yielded;
  SmallVector<std::pair<std::unique_ptr<Evaluator>, std::unique_ptr<Evaluator>>> axes;
};

static Region &getScoreRegion(Operation *op) {
  if (auto attention = dyn_cast<AttentionOp>(op))
    return attention.getScore();
  return cast<ScoreMapOp>(op).getScore();
}

//===----------------------------------------------------------------------===//
// Construction
//===----------------------------------------------------------------------===//

ScoreStructure::ScoreStructure(Operation *op, KnownLengths lengths)
    : op(op), cx(std::make_unique<ExprContext>(op->getContext())) {
  if (getScoreRegion(op).empty()) {
    zones.push_back(
        {1 - kNoPositionLimit, kNoPositionLimit - 1, {Visibility::Unmasked, true, 0.0}});
    return;
  }
  region = std::make_unique<RegionExprs>(*cx, op, lengths);
  // The region is read first: that finds the positions which it uses.
  Expr whole = region->ofYielded();
  coordinates = std::make_unique<Coordinates>(*cx, *region);
  incoming = cx->floatVar(region->score->type);
  yielded = coordinates->rewrite(whole);
  findStages();
  terms = findTerms(region->getYielded());
  makeEvaluators();
  if (lengths == KnownLengths::No)
    findZones();
}

ScoreStructure::~ScoreStructure() = default;

std::vector<ScoreTerm> ScoreStructure::findTerms(Value to) {
  std::vector<ScoreTerm> found = splitTerms(*cx, *region, *coordinates, incoming, to);
  TermDescriber describer(*cx, *region, *coordinates, incoming);
  for (ScoreTerm &term : found)
    describer.describe(term);
  describer.mergePointwise(found);
  return found;
}

void ScoreStructure::findStages() {
  for (auto op : region->getBlock().getOps<StageOpInterface>()) {
    bool scan = op.getForm() == ScoreModForm::RowScan;
    ScoreStage &stage =
        stages.emplace_back(ScoreStage{op, scan ? TermAction::RowScan : TermAction::HeadMix});
    for (Value operand : op->getOperands())
      if (operand.getType().isF32())
        stage.inputs.push_back(findTerms(operand));
  }
}

void ScoreStructure::makeEvaluators() {
  evaluators = std::make_unique<Evaluators>();
  uint64_t varying = coordinates->getVaryingVars();
  for (ScoreTerm &term : terms)
    evaluators->terms.push_back(
        term.value ? std::make_unique<ConstancyEvaluator>(term.value, varying) : nullptr);
  // A kernel may skip what is −inf for every finite score and table.
  evaluators->yielded = std::make_unique<Evaluator>(yielded, UnknownFloats::Finite);
  for (const CoordinateAxis &axis : coordinates->getAxes())
    evaluators->axes.push_back(
        {std::make_unique<Evaluator>(axis.query), std::make_unique<Evaluator>(axis.key)});
}

SmallVector<TermZone> ScoreStructure::findTermZones(ScoreTerm &term, int64_t lo, int64_t hi) {
  if (!term.value || !(term.inputs & InputDistance))
    return {};
  Expr d = coordinates->getDistance();
  SmallVector<TermZone> found;
  // Where a line is inclined there is nothing to be found.
  bool varies = term.affine && !term.affine->absolute && term.core == term.value;
  if (varies)
    found.push_back({lo, hi, nullptr});
  else
    found = findConstantZones(*cx, term.value, d, coordinates->getVaryingVars(), lo, hi);
  bool rowByDistance = term.row && !(term.rowInputs & ~(kUniformInputs | InputDistance));
  if (term.isDistanceOnly())
    term.zones = found;
  else if (rowByDistance)
    term.zones = findConstantZones(*cx, term.row, d, coordinates->getVaryingVars(), lo, hi);
  return found;
}

void ScoreStructure::findZones() {
  Expr d = coordinates->getDistance();
  if (!d)
    return;
  int64_t reach = getPositionLimit() - 1;
  int64_t lo = std::max(d->lo, -reach), hi = std::min(d->hi, reach);
  SmallVector<int64_t> starts{lo};
  for (ScoreTerm &term : terms)
    for (const TermZone &zone : findTermZones(term, lo, hi))
      starts.push_back(zone.lo);
  for (ScoreStage &stage : stages)
    for (std::vector<ScoreTerm> &input : stage.inputs)
      for (ScoreTerm &term : input)
        findTermZones(term, lo, hi);
  llvm::sort(starts);
  starts.erase(llvm::unique(starts), starts.end());
  for (auto [i, start] : llvm::enumerate(starts)) {
    int64_t end = i + 1 < starts.size() ? starts[i + 1] - 1 : hi;
    TileClass tile = classify(start, end);
    // Two constants are one only if both are known.
    bool same = !zones.empty() && zones.back().tile == tile &&
                (!tile.constant || tile.bias || tile.visibility == Visibility::Masked);
    if (same)
      zones.back().hi = end;
    else
      zones.push_back({start, end, tile});
  }
}

SmallVector<ScoreZone> mlir::posenc::coarsenZones(ArrayRef<ScoreZone> zones,
                                                  int64_t minLength) {
  SmallVector<ScoreZone> result;
  bool lastIsShort = false;
  for (ScoreZone zone : zones) {
    bool isShort = zone.hi - zone.lo + 1 < minLength;
    if (isShort)
      zone.tile = {zone.tile.visibility == Visibility::Unmasked ? Visibility::Unmasked
                                                                : Visibility::Mixed,
                   /*constant=*/false, std::nullopt};
    ScoreZone *last = result.empty() ? nullptr : &result.back();
    bool join = last && !last->tile.constant && !zone.tile.constant &&
                (lastIsShort || isShort || last->tile == zone.tile);
    if (!join) {
      result.push_back(zone);
      lastIsShort = isShort;
      continue;
    }
    if (!(last->tile == zone.tile))
      last->tile.visibility = Visibility::Mixed;
    last->hi = zone.hi;
    lastIsShort = last->hi - last->lo + 1 < minLength;
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Questions
//===----------------------------------------------------------------------===//

ArrayRef<CoordinateAxis> ScoreStructure::getAxes() const {
  return coordinates ? coordinates->getAxes() : ArrayRef<CoordinateAxis>();
}

bool ScoreStructure::isIndexDistance() const { return !region || !region->hasPositionOperands; }

std::optional<int64_t> ScoreStructure::getDistanceOffset() const {
  if (!region || region->hasPositionOperands)
    return region ? std::nullopt : std::optional<int64_t>(0);
  Expr offset = cx->sub(region->queryOffset, region->keyOffset);
  if (offset->kind != Kind::IntConst)
    return std::nullopt;
  return offset->num;
}

int64_t ScoreStructure::getPositionLimit() const {
  return coordinates ? coordinates->getExactBelow() : kNoPositionLimit;
}

/// Whether a term that is no mask could hide a score: it holds an infinity or a
/// stage's result, or nothing is known of it.
static bool mayHide(const ScoreTerm &term) {
  bool found = false;
  if (term.action != TermAction::Mask)
    visit(term.value, [&](Expr e) {
      found |= e->kind == Kind::Undef || isStageResult(e) ||
               (e->kind == Kind::FloatConst && std::isinf(*e->floatValue()));
    });
  return found;
}

void ScoreStructure::evaluateTerms(ArrayRef<Evaluator::Range> ranges, TileClass &tile) const {
  bool visible = true, constant = true;
  std::optional<double> bias = 0.0;
  for (auto [term, evaluator] : llvm::zip_equal(terms, evaluators->terms)) {
    if (!evaluator) {
      constant = false;
      continue;
    }
    ConstancyEvaluator::Result result = evaluator->run(ranges);
    constant &= result.constant;
    bool known = result.constant && !result.range.poison;
    if (term.action == TermAction::Mask) {
      bool shown = known && result.range.isIntPoint() && result.range.lo == 1;
      visible &= shown;
      if (!shown)
        bias.reset();
      continue;
    }
    bool finite = known && result.range.isFloatPoint() && std::isfinite(result.range.flo);
    if (!finite && mayHide(term))
      visible = constant = false;
    if (term.action == TermAction::Add && finite) {
      bias = bias ? std::optional<double>(*bias + result.range.flo) : std::nullopt;
    } else {
      bias.reset();
    }
  }
  tile.constant = constant;
  if (visible)
    tile.visibility = Visibility::Unmasked;
  if (constant && visible)
    tile.bias = bias;
  Interval value = evaluators->yielded->run(ranges);
  if (value.isFloatPoint() && value.flo == -std::numeric_limits<double>::infinity())
    tile = {stages.empty() ? Visibility::Masked : Visibility::Mixed, stages.empty(),
            std::nullopt};
}

TileClass ScoreStructure::classify(int64_t dMin, int64_t dMax) const {
  if (dMin > dMax)
    return {Visibility::Masked, true, std::nullopt};
  if (!region)
    return {Visibility::Unmasked, true, 0.0};
  TileClass tile;
  SmallVector<Evaluator::Range> ranges;
  if (Expr d = coordinates->getDistance())
    ranges.push_back({d, Interval::ofInt(dMin, dMax)});
  evaluateTerms(ranges, tile);
  return tile;
}

TileClass ScoreStructure::classify(const ScoreTile &t) const {
  if (t.m0 >= t.m1 || t.n0 >= t.n1)
    return {Visibility::Masked, true, std::nullopt};
  if (!region)
    return {Visibility::Unmasked, true, 0.0};
  TileClass tile;
  SmallVector<Evaluator::Range> ranges{{region->query, Interval::ofInt(t.m0, t.m1 - 1)},
                                       {region->key, Interval::ofInt(t.n0, t.n1 - 1)}};
  if (region->queryOffset->kind == Kind::Var)
    ranges.push_back({region->queryOffset, Interval::ofInt(t.qOffset, t.qOffset)});
  if (region->keyOffset->kind == Kind::Var)
    ranges.push_back({region->keyOffset, Interval::ofInt(t.kOffset, t.kOffset)});
  size_t known = ranges.size();
  for (auto [axis, sides] : llvm::zip_equal(coordinates->getAxes(), evaluators->axes)) {
    if (axis.kind == AxisKind::FloatPosition)
      continue;
    ArrayRef<Evaluator::Range> indices = ArrayRef(ranges).take_front(known);
    Interval query = sides.first->run(indices), key = sides.second->run(indices);
    ranges.push_back({axis.difference, Interval::ofInt(query.lo - key.hi, query.hi - key.lo)});
  }
  evaluateTerms(ranges, tile);
  return tile;
}

/// A loop, or a function that no processor has as one instruction.
static bool isCostly(StringRef name) {
  if (name.consume_front("math."))
    return !llvm::is_contained({"absf", "ceil", "copysign", "floor", "fma", "round",
                                "roundeven", "sqrt", "trunc", "isnan", "isinf", "isfinite"},
                               name);
  return name.starts_with("scf.");
}

ValueStructure ScoreStructure::describe(Value value, Value from) const {
  Expr e = region->of(value);
  if (from)
    e = cx->substitute(e, {{region->of(from), incoming}});
  e = coordinates->rewrite(e);
  // A part by itself may show a coordinate that the whole has not.
  for (const CoordinateAxis &axis : coordinates->getAxes().drop_front(evaluators->axes.size()))
    evaluators->axes.push_back(
        {std::make_unique<Evaluator>(axis.query), std::make_unique<Evaluator>(axis.key)});
  TermDescriber describer(*cx, *region, *coordinates, incoming);
  ValueStructure result;
  result.inputs = describer.inputsOf(e);
  visit(e, [&](Expr node) {
    for (auto [i, axis] : llvm::enumerate(coordinates->getAxes()))
      if (node == axis.difference)
        result.axes.push_back(i);
    result.costly |= node->kind == Kind::Op && isCostly(node->name) &&
                     (describer.inputsOf(node) & (InputDistance | InputAxes));
  });
  llvm::sort(result.axes);
  return result;
}

bool ScoreStructure::isIndex(Expr e) const {
  return region && (e == region->query || e == region->key);
}

void ScoreStructure::print(raw_ostream &os, Expr e, AsmState &state) const {
  ExprPrinter(os, state, *region, *coordinates).print(e);
}

//===----------------------------------------------------------------------===//
// Analysis
//===----------------------------------------------------------------------===//

const ScoreStructure &ScoreStructureAnalysis::get(Operation *op) {
  std::unique_ptr<ScoreStructure> &structure = structures[op];
  if (!structure)
    structure = std::make_unique<ScoreStructure>(op);
  return *structure;
}
