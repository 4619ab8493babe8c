//===- CostModel.cpp - What a plan costs ----------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Plan/CostModel.h"

#include "posenc/Dialect/PosEnc/Analysis/ScalarExpr.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::posenc;
using L = AttentionOp::Logical;

AttentionShape AttentionShape::get(AttentionOp op, int64_t usualLength) {
  auto known = [](int64_t a, int64_t b, int64_t otherwise) {
    return !ShapedType::isDynamic(a) ? a : !ShapedType::isDynamic(b) ? b : otherwise;
  };
  auto ofOutput = [&](L which) {
    return AttentionOp::getExtent(op.getOutput(), op.getODims(), which);
  };
  int64_t queries = known(op.getQueryExtent(L::Seq), ofOutput(L::Seq), ShapedType::kDynamic);
  int64_t keys =
      known(op.getKeyExtent(L::Seq), op.getValueExtent(L::Seq), ShapedType::kDynamic);
  AttentionShape shape;
  shape.staticLengths = !ShapedType::isDynamic(queries) && !ShapedType::isDynamic(keys);
  shape.batch = known(op.getQueryExtent(L::Batch), ofOutput(L::Batch), 1);
  shape.heads = known(op.getQueryExtent(L::Head), ofOutput(L::Head), 8);
  shape.queries = known(queries, queries, usualLength);
  shape.keys = known(keys, keys, usualLength);
  shape.channels = known(op.getQueryExtent(L::Channel), op.getKeyExtent(L::Channel), 64);
  shape.valueChannels = known(op.getValueExtent(L::Channel), ofOutput(L::Channel), 64);
  shape.elementBytes = op.getElementType().getIntOrFloatBitWidth() / 8;
  return shape;
}

//===----------------------------------------------------------------------===//
// Terms
//===----------------------------------------------------------------------===//

/// An element that is not adjacent to its neighbour's.
static constexpr double kGatherSlots = 4;

/// Instructions that evaluate a term for one score.
static double getEvaluationSlots(const ScoreTerm &term, const AttentionShape &shape) {
  if (term.action == TermAction::Product)
    return double(shape.channels);
  double slots = 0;
  if (term.value)
    for (scalar::Expr e : scalar::postOrder(term.value))
      slots += e->kind == scalar::Kind::Read ? kGatherSlots : e->ops.empty() ? 0 : 1;
  return slots + 1;
}

double CostModel::getSlots(const ScoreStep &step, TermStrategy strategy) const {
  switch (strategy) {
  case TermStrategy::Uniform:
    return 1;
  case TermStrategy::Affine:
    return chip.isCPU() ? 1 : 1.38;
  case TermStrategy::Strip:
    return chip.isCPU() ? 1 : 1.25;
  case TermStrategy::StripInit:
    // A processor loads it where it would have set a register to zero.
    return chip.isCPU() ? 0.1 : 0.88;
  case TermStrategy::LowRank: {
    double slots = 0;
    for (const ScoreTerm *term : step.terms)
      slots += ShapedType::isDynamic(term->rank) ? double(shape.channels) : double(term->rank);
    return slots;
  }
  case TermStrategy::Product:
    return 2.0 * double(shape.channels);
  case TermStrategy::Dense:
    return 1.5;
  case TermStrategy::Table:
    return kGatherSlots + 1;
  case TermStrategy::Bounds:
  case TermStrategy::Widened:
  case TermStrategy::PerScore:
  case TermStrategy::Scan:
  case TermStrategy::Mix:
    break;
  }
  double slots = 0;
  for (const ScoreTerm *term : step.terms)
    slots += getEvaluationSlots(*term, shape);
  return slots;
}

double CostModel::getSlots(const ScoreStep &step, TermStrategy strategy,
                           const KeyLoop &loop) const {
  // Per score it is evaluated whatever it does; all others know where to be.
  if (strategy == TermStrategy::PerScore)
    return getSlots(step, strategy);
  switch (steps.getEffect(step, loop)) {
  case StepEffect::Identity:
    return 0;
  case StepEffect::Uniform:
    // Goes into the row's maximum if nothing but sums is there.
    return steps.addsOneValue(loop) ? 0 : 1;
  case StepEffect::Pointwise:
  case StepEffect::Varies:
    return getSlots(step, strategy);
  }
  llvm_unreachable("all effects are covered");
}

//===----------------------------------------------------------------------===//
// Tiles and tasks
//===----------------------------------------------------------------------===//

/// What a tile takes besides: loop, barriers, maxima of rows.
static constexpr double kTileCycles = 200;

double CostModel::getScoreCycles(const KeyLoop &loop) const {
  double slots = double(shape.channels + shape.valueChannels) + chip.softmaxSlots;
  for (const ScoreStep &step : steps.getSteps())
    if (std::optional<TermStrategy> strategy = step.getStrategy())
      slots += getSlots(step, *strategy, loop);
  double cycles = slots / chip.slots;
  return chip.exponentials ? std::max(cycles, 1 / chip.exponentials) : cycles;
}

double CostModel::getTileCycles(PlanAttr plan, const KeyLoop &loop) const {
  int64_t m = plan.getBlockM(), n = plan.getBlockN();
  double bytes =
      double(n) * double((shape.channels + shape.valueChannels) * shape.elementBytes);
  // What does not fit is fetched again from farther away.
  int64_t own = 4 * (m * n + (m + n) * (shape.channels + shape.valueChannels));
  double farther = own > chip.ownBytes ? 4 : 1;
  return double(m * n) * getScoreCycles(loop) + farther * bytes / chip.bytes + kTileCycles;
}

double CostModel::getCycles(PlanAttr plan) const {
  std::optional<int64_t> offset = steps.getStructure().getDistanceOffset();
  LoopPlan loops(plan, offset);
  SmallVector<int64_t> counts = loops.countTiles(shape.queries, shape.keys, offset.value_or(0));
  double ofHead = 0;
  for (auto [loop, count] : llvm::zip_equal(loops.getLoops(), counts))
    if (loop.isVisited())
      ofHead += double(count) * getTileCycles(plan, loop);
  int64_t blocks = llvm::divideCeil(shape.queries, plan.getBlockM());
  int64_t tasks =
      shape.batch * shape.heads * blocks * std::max<int64_t>(plan.getKeySplits(), 1);
  if (tasks == 0)
    return 0;
  double ofTask = ofHead * double(shape.batch * shape.heads) / double(tasks);
  return ofTask * double(llvm::divideCeil(tasks, chip.units));
}

double CostModel::getCyclesPerScore(PlanAttr plan) const {
  double scores =
      double(shape.batch * shape.heads) * double(shape.queries) * double(shape.keys);
  return scores == 0 ? 0 : getCycles(plan) * double(chip.units) / scores;
}
