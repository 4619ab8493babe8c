//===- CostModel.h - What a plan costs --------------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A score takes D + Dv products, its part of the softmax, and what its terms take
// in the loop that it is in. A tile takes its scores, the bytes of its keys and
// values, and a constant. A unit works off its tasks one after the other.
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_PLAN_COSTMODEL_H
#define POSENC_CODEGEN_PLAN_COSTMODEL_H

#include "posenc/Codegen/Plan/ChipModel.h"
#include "posenc/Dialect/PosEnc/Plan/PlanZones.h"

namespace mlir::posenc {

/// The sizes of an attention; lengths and others that are not static are taken
/// for something usual.
struct AttentionShape {
  int64_t batch, heads, queries, keys, channels, valueChannels, elementBytes;
  bool staticLengths;

  static AttentionShape get(AttentionOp op, int64_t usualLength);
};

class CostModel {
public:
  CostModel(const ChipModel &chip, const ScoreSteps &steps, const AttentionShape &shape)
      : chip(chip), steps(steps), shape(shape) {}

  /// Instructions per score that a step takes in a loop, by a strategy.
  double getSlots(const ScoreStep &step, TermStrategy strategy, const KeyLoop &loop) const;
  /// The same in tiles where the step has something to do.
  double getSlots(const ScoreStep &step, TermStrategy strategy) const;
  /// Clocks of the whole op. Steps without a strategy are not counted.
  double getCycles(PlanAttr plan) const;
  /// Clocks of a unit for a score that no mask hides and a loop visits.
  double getCyclesPerScore(PlanAttr plan) const;

private:
  double getScoreCycles(const KeyLoop &loop) const;
  double getTileCycles(PlanAttr plan, const KeyLoop &loop) const;

  const ChipModel &chip;
  const ScoreSteps &steps;
  AttentionShape shape;
};

} // namespace mlir::posenc

#endif // POSENC_CODEGEN_PLAN_COSTMODEL_H
