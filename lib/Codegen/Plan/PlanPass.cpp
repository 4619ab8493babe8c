//===- PlanPass.cpp - Decide how each attention is computed ---------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Plan/Passes.h"
#include "posenc/Codegen/Plan/Planner.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCPLANPASS
#include "posenc/Codegen/Plan/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;

namespace {
struct PlanPass final : posenc::impl::PosEncPlanPassBase<PlanPass> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<AttentionOp> ops;
    getOperation()->walk([&](AttentionOp op) { ops.push_back(op); });
    if (ops.empty())
      return;
    FailureOr<ChipModel> model = ChipModel::get(chip);
    if (failed(model)) {
      getOperation()->emitError() << kUnknownChip << chip << "'";
      return signalPassFailure();
    }
    Planner planner(*model, {engine, blockM, blockN, length});
    for (AttentionOp op : ops) {
      if (replan)
        forget(op);
      if (failed(planner.plan(op)))
        return signalPassFailure();
    }
  }

  static void forget(AttentionOp op) {
    op->removeAttr(PlanAttr::kName);
    op.getScore().walk([](Operation *inner) { inner->removeAttr(PlanAttr::kStrategyName); });
  }
};
} // namespace
