//===- ScoreSteps.h - A score region as a kernel computes it ----*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The way of a score through its region, op by op, with what each op does in the
// tiles of one loop and which strategy computes it. And the regions that are
// left of the whole one: for a loop, without what does nothing there; for a
// strip, nothing but what is added from it. docs/Plan.md.
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_PLAN_SCORESTEPS_H
#define POSENC_DIALECT_POSENC_PLAN_SCORESTEPS_H

#include "posenc/Dialect/PosEnc/Analysis/ScoreStructure.h"
#include "posenc/Dialect/PosEnc/Plan/LoopPlan.h"

namespace mlir::posenc {

/// What a step does to the scores of tiles.
enum class StepEffect : uint8_t {
  Identity,  ///< nothing
  Pointwise, ///< the same function of the score for all
  Uniform,   ///< adds or multiplies one value per head and batch, or is a function of both
  Varies,    ///< anything
};

/// An op that changes the score. All its terms share a strategy.
struct ScoreStep {
  Operation *op;
  /// The score before (null if `to` does not depend on it) and behind.
  Value from, to;
  SmallVector<const ScoreTerm *, 1> terms;

  bool isAll(TermAction action) const {
    return llvm::all_of(terms, [&](const ScoreTerm *term) { return term->action == action; });
  }
  /// Whether it adds something, −inf where a mask hides the score.
  bool isSum() const;
  /// The union of the terms' inputs.
  unsigned getInputs() const;
  /// What `posenc.strategy` of the op says; none if it says nothing.
  std::optional<TermStrategy> getStrategy() const;
  void setStrategy(TermStrategy strategy);
};

/// The steps of a score region. It refers to the structure.
class ScoreSteps {
public:
  explicit ScoreSteps(const ScoreStructure &structure);

  const ScoreStructure &getStructure() const { return structure; }
  MutableArrayRef<ScoreStep> getSteps() { return steps; }
  ArrayRef<ScoreStep> getSteps() const { return steps; }

  /// What a step does to scores whose i − j is in [minDistance, maxDistance].
  StepEffect getEffect(const ScoreStep &step, int64_t minDistance, int64_t maxDistance) const;
  StepEffect getEffect(const ScoreStep &step, const KeyLoop &loop) const {
    return getEffect(step, loop.minDistance, loop.maxDistance);
  }
  /// Whether in a loop all that happens to a score is that one value is added, per
  /// head and batch: the region's result at the score 0 and any query and key of it.
  bool addsOneValue(const KeyLoop &loop) const;

  /// The strategies by which the step may be computed, whatever the engine, the
  /// most general (`per_score`) last.
  SmallVector<TermStrategy> getStrategies(const ScoreStep &step) const;

  /// The region for the tiles of one loop: without the steps that do nothing
  /// there, and without those for which `leaveOut` holds, which somebody else
  /// computes. It has the arguments of the region, belongs to no op, and may be
  /// given to inlineScoreRegion. In a `constant` or `full` loop nothing but the
  /// score differs from tile to tile, so that all else may be computed at any one
  /// query and key of the loop.
  std::unique_ptr<Region>
  cloneForLoop(const KeyLoop &loop,
               llvm::function_ref<bool(const ScoreStep &)> leaveOut = nullptr) const;
  /// The region that yields the sum of what the steps add for which `keep` holds,
  /// which all are sums; a mask adds −inf. It does not read its score. Of steps with the
  /// strategies `strip` and `strip_init` it is a function of i − j, b and h: all
  /// scores of a tile [m0, m1) × [n0, n1) have their values among those at the
  /// query m1 − 1 and the keys from n0 to n1 + (m1 − m0) − 2, and (m, n) has the
  /// one at the key n + (m1 − 1 − m). Keys past the last are no problem: the value
  /// reads no tensor by a key's index.
  std::unique_ptr<Region> cloneSum(llvm::function_ref<bool(const ScoreStep &)> keep) const;

private:
  std::unique_ptr<Region> clone(llvm::function_ref<bool(const ScoreStep &)> bypass,
                                bool zeroScore) const;

  const ScoreStructure &structure;
  SmallVector<ScoreStep> steps;
};

} // namespace mlir::posenc

#endif // POSENC_DIALECT_POSENC_PLAN_SCORESTEPS_H
