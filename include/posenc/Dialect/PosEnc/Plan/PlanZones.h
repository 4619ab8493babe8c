//===- PlanZones.h - Zones of distances for a plan --------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_PLAN_PLANZONES_H
#define POSENC_DIALECT_POSENC_PLAN_PLANZONES_H

#include "posenc/Dialect/PosEnc/Plan/ScoreSteps.h"

namespace mlir::posenc {

/// The zones of distances that are worth a loop with such tiles.
struct PlanZones {
  SmallVector<int64_t> thresholds;
  SmallVector<TileKind> kinds;
};
PlanZones findPlanZones(const ScoreSteps &steps, int64_t blockM, int64_t blockN);

/// The plan with tile sizes and zones filled in where it says nothing: the zones
/// of `steps`, the sizes given.
PlanAttr completePlan(PlanAttr plan, const ScoreSteps &steps, int64_t blockM, int64_t blockN);

/// Whether what a plan claims of distances, and the strategies of its steps, are
/// true of its score region; if not, an error at the op that says what is not.
LogicalResult verifyPlan(AttentionOp op, PlanAttr plan, const ScoreSteps &steps);

/// The claims of a plan hold while indices plus offsets stay below this limit,
/// which `lengths` that are static may show. Builds whether they do; null if
/// nothing has to be checked.
Value buildPositionCheck(OpBuilder &builder, Location loc, const ScoreStructure &structure,
                         Value queries, Value keys, Value queryOffset, Value keyOffset);

} // namespace mlir::posenc

#endif // POSENC_DIALECT_POSENC_PLAN_PLANZONES_H
