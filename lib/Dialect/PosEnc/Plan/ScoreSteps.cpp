//===- ScoreSteps.cpp - A score region as a kernel computes it ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Plan/ScoreSteps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::posenc;

unsigned ScoreStep::getInputs() const {
  unsigned inputs = 0;
  for (const ScoreTerm *term : terms)
    inputs |= term->inputs;
  return inputs;
}

bool ScoreStep::isSum() const {
  return from && llvm::all_of(terms, [](const ScoreTerm *term) {
           bool hides = term->action == TermAction::Mask &&
                        term->fill == -std::numeric_limits<double>::infinity();
           return hides || term->action == TermAction::Add;
         });
}

std::optional<TermStrategy> ScoreStep::getStrategy() const {
  if (auto attr = op->getAttrOfType<TermStrategyAttr>(PlanAttr::kStrategyName))
    return attr.getValue();
  return std::nullopt;
}

void ScoreStep::setStrategy(TermStrategy strategy) {
  op->setAttr(PlanAttr::kStrategyName, TermStrategyAttr::get(op->getContext(), strategy));
}

ScoreSteps::ScoreSteps(const ScoreStructure &structure) : structure(structure) {
  for (const ScoreTerm &term : structure.getTerms()) {
    if (steps.empty() || steps.back().to != term.to)
      steps.push_back({term.op, term.from, term.to, {}});
    steps.back().terms.push_back(&term);
  }
}

//===----------------------------------------------------------------------===//
// Effects
//===----------------------------------------------------------------------===//

/// The one value of a term for all distances of an interval; null if none.
static scalar::Expr getValueIn(const ScoreTerm &term, int64_t lo, int64_t hi) {
  if (!term.value || term.product)
    return nullptr;
  if (!(term.inputs & ~kUniformInputs))
    return term.value;
  // Zones end where claims do; what is open is meant to.
  for (const TermZone &zone : term.zones) {
    bool first = &zone == term.zones.begin(), last = &zone == term.zones.end() - 1;
    bool from = zone.lo <= lo || (first && lo == -LoopPlan::kOpen);
    bool to = hi <= zone.hi || (last && hi == LoopPlan::kOpen);
    if (from && to)
      return zone.value;
  }
  return nullptr;
}

static StepEffect getTermEffect(const ScoreTerm &term, int64_t lo, int64_t hi) {
  unsigned others = term.inputs & ~kUniformInputs;
  switch (term.action) {
  case TermAction::Pointwise:
    return StepEffect::Pointwise;
  case TermAction::General:
    return others & ~InputScore ? StepEffect::Varies : StepEffect::Uniform;
  case TermAction::Add:
  case TermAction::Multiply: {
    scalar::Expr value = getValueIn(term, lo, hi);
    if (!value)
      return StepEffect::Varies;
    double neutral = term.action == TermAction::Add ? 0.0 : 1.0;
    return value->floatValue() == neutral ? StepEffect::Identity : StepEffect::Uniform;
  }
  case TermAction::Mask: {
    scalar::Expr value = getValueIn(term, lo, hi);
    return value && value->isConst(1) ? StepEffect::Identity : StepEffect::Varies;
  }
  case TermAction::Product:
  case TermAction::RowScan:
  case TermAction::HeadMix:
    return StepEffect::Varies;
  }
  llvm_unreachable("all actions are covered");
}

StepEffect ScoreSteps::getEffect(const ScoreStep &step, int64_t lo, int64_t hi) const {
  StepEffect effect = StepEffect::Identity;
  for (const ScoreTerm *term : step.terms)
    effect = std::max(effect, getTermEffect(*term, lo, hi));
  return effect;
}

bool ScoreSteps::addsOneValue(const KeyLoop &loop) const {
  return llvm::all_of(steps, [&](const ScoreStep &step) {
    StepEffect effect = getEffect(step, loop);
    return step.from && (effect == StepEffect::Identity ||
                         (effect == StepEffect::Uniform && step.isAll(TermAction::Add)));
  });
}

//===----------------------------------------------------------------------===//
// Strategies
//===----------------------------------------------------------------------===//

/// Whether what the step adds may be added before all other steps.
static bool mayComeFirst(ArrayRef<ScoreStep> before) {
  return llvm::all_of(before, [](const ScoreStep &step) {
    return step.isSum() || (step.from && step.isAll(TermAction::Product));
  });
}

static void addStrategiesOfSum(const ScoreStep &step, bool first, bool indexDistance,
                               SmallVectorImpl<TermStrategy> &found) {
  unsigned inputs = step.getInputs() & ~kUniformInputs;
  if (!inputs && step.isAll(TermAction::Add))
    found.push_back(TermStrategy::Uniform);
  bool affine = llvm::all_of(step.terms, [](const ScoreTerm *term) {
    return term->affine && term->core == term->value;
  });
  if (affine && indexDistance)
    found.push_back(TermStrategy::Affine);
  if (inputs == InputDistance && indexDistance) {
    if (first)
      found.push_back(TermStrategy::StripInit);
    found.push_back(TermStrategy::Strip);
  }
  bool factors = llvm::all_of(step.terms, [](const ScoreTerm *term) {
    unsigned rest = term->core ? term->coreInputs & ~kUniformInputs : 0;
    return (term->queryFactor || term->keyFactor) && !rest;
  });
  if (factors)
    found.push_back(TermStrategy::LowRank);
  if (inputs == InputDense)
    found.push_back(TermStrategy::Dense);
  if (inputs && !(inputs & ~(InputAxes | InputDistance)) && (inputs & InputAxes))
    found.push_back(TermStrategy::Table);
}

SmallVector<TermStrategy> ScoreSteps::getStrategies(const ScoreStep &step) const {
  SmallVector<TermStrategy> found;
  bool indexDistance = structure.isIndexDistance();
  unsigned inputs = step.getInputs() & ~kUniformInputs;
  if (step.isAll(TermAction::Mask) && indexDistance && inputs == InputDistance)
    found.push_back(TermStrategy::Bounds);
  if (step.isSum())
    addStrategiesOfSum(step, mayComeFirst(ArrayRef(steps).take_front(&step - steps.begin())),
                       indexDistance, found);
  if (step.isAll(TermAction::Multiply) && !inputs)
    found.push_back(TermStrategy::Uniform);
  if (step.isAll(TermAction::Product))
    found.push_back(TermStrategy::Product);
  found.push_back(TermStrategy::PerScore);
  return found;
}

//===----------------------------------------------------------------------===//
// Regions
//===----------------------------------------------------------------------===//

static void eraseUnused(Block &block) {
  Operation *op = block.getTerminator()->getPrevNode();
  while (op) {
    Operation *before = op->getPrevNode();
    if (isOpTriviallyDead(op))
      op->erase();
    op = before;
  }
}

std::unique_ptr<Region> ScoreSteps::clone(function_ref<bool(const ScoreStep &)> bypass,
                                          bool zeroScore) const {
  // The last region of attention and the only one of score_map.
  Region &score = structure.getOperation()->getRegions().back();
  auto region = std::make_unique<Region>();
  IRMapping mapping;
  score.cloneInto(region.get(), mapping);
  if (region->empty())
    return region;
  Block &block = region->front();
  DenseMap<Value, Value> now; // what stands for a value of the region in the clone
  if (zeroScore) {
    Location loc = structure.getOperation()->getLoc();
    OpBuilder builder(loc.getContext()); // the block has no op to ask for it
    builder.setInsertionPointToStart(&block);
    Value zero = arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(0.0f));
    block.getArgument(0).replaceAllUsesWith(zero);
    now[score.getArgument(0)] = zero;
  }
  for (const ScoreStep &step : steps) {
    if (!bypass(step))
      continue;
    Value before = now.lookup(step.from);
    if (!before)
      before = mapping.lookup(step.from);
    mapping.lookup(step.to).replaceAllUsesWith(before);
    now[step.to] = before;
  }
  eraseUnused(block);
  return region;
}

std::unique_ptr<Region>
ScoreSteps::cloneForLoop(const KeyLoop &loop,
                         function_ref<bool(const ScoreStep &)> leaveOut) const {
  return clone(
      [&](const ScoreStep &step) {
        return step.from &&
               (getEffect(step, loop) == StepEffect::Identity || (leaveOut && leaveOut(step)));
      },
      /*zeroScore=*/false);
}

std::unique_ptr<Region> ScoreSteps::cloneSum(function_ref<bool(const ScoreStep &)> keep) const {
  // What does not read its score would be left over.
  return clone([&](const ScoreStep &step) { return !keep(step) && step.from; },
               /*zeroScore=*/true);
}
