//===- Planner.h - Decides how an attention is computed ---------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_PLAN_PLANNER_H
#define POSENC_CODEGEN_PLAN_PLANNER_H

#include "posenc/Codegen/Plan/CostModel.h"
#include "posenc/Codegen/Plan/PlanEngine.h"

namespace mlir::posenc {

/// What a user says about all attention ops that say nothing themselves.
struct PlanRequest {
  std::string engine;
  int64_t blockM = 0, blockN = 0;
  /// What a dynamic length is taken for.
  int64_t usualLength = 2048;
};

/// A tile that was weighed, and its clocks per pair of query and key.
struct WeighedTile {
  kernel::TileShape tile;
  double cycles;
};

/// What was decided, and between what.
struct PlanReport {
  /// Why the op has no plan; empty if it has one.
  std::string unplanned;
  bool enginePinned = false, tilePinned = false, zonesPinned = false;
  /// The best first.
  SmallVector<WeighedTile> tiles;
  /// Ops whose strategy was there before.
  llvm::SmallPtrSet<Operation *, 4> pinned;
};

/// Decides for one chip.
class Planner {
public:
  Planner(const ChipModel &chip, const PlanRequest &request)
      : chip(chip), request(request), engines(getPlanEngines(chip)) {}

  /// Writes the plan and the strategies of `op`; keeps what is there.
  FailureOr<PlanReport> plan(AttentionOp op) const;

private:
  PlanAttr getPins(AttentionOp op) const;
  const PlanEngine *chooseEngine(AttentionOp op, PlanAttr pins) const;
  void chooseStrategies(ScoreSteps &steps, const PlanEngine &engine, const CostModel &costs,
                        PlanReport &report) const;
  SmallVector<kernel::TileShape> getTiles(AttentionOp op, const PlanEngine &engine,
                                          PlanAttr pins) const;
  PlanAttr chooseTile(AttentionOp op, const PlanEngine &engine, PlanAttr pins,
                      const ScoreSteps &steps, const CostModel &costs,
                      PlanReport &report) const;

  const ChipModel &chip;
  PlanRequest request;
  std::vector<std::unique_ptr<PlanEngine>> engines;
};

} // namespace mlir::posenc

#endif // POSENC_CODEGEN_PLAN_PLANNER_H
