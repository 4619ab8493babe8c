//===- PlanEngine.h - Engines as a planner sees them ------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_PLAN_PLANENGINE_H
#define POSENC_CODEGEN_PLAN_PLANENGINE_H

#include "posenc/Codegen/Kernel/Engine.h"
#include "posenc/Codegen/Plan/ChipModel.h"

namespace mlir::posenc {

/// An engine of a GPU, or the kernel of processors.
class PlanEngine {
public:
  virtual ~PlanEngine();
  virtual StringRef getName() const = 0;
  /// Each with the reason if not.
  virtual bool supports(AttentionOp op, std::string &reason) const = 0;
  virtual bool accepts(AttentionOp op, PlanAttr plan, std::string &reason) const = 0;
  /// What to choose from.
  virtual SmallVector<kernel::TileShape> getTiles(AttentionOp op) const = 0;
  virtual ArrayRef<TermStrategy> getStrategies() const = 0;
};

/// Those of a chip, the specialized ones first.
std::vector<std::unique_ptr<PlanEngine>> getPlanEngines(const ChipModel &chip);

} // namespace mlir::posenc

#endif // POSENC_CODEGEN_PLAN_PLANENGINE_H
