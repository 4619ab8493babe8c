//===- PlanEngine.cpp - Engines as a planner sees them --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Plan/PlanEngine.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::posenc;
using kernel::TileShape;

PlanEngine::~PlanEngine() = default;

namespace {
class GPUPlanEngine final : public PlanEngine {
public:
  GPUPlanEngine(const kernel::Engine &engine, const kernel::GPUTarget &target)
      : engine(engine), target(target) {}

  StringRef getName() const override { return engine.getName(); }
  bool supports(AttentionOp op, std::string &reason) const override {
    return engine.supports(op, target, reason);
  }
  bool accepts(AttentionOp op, PlanAttr plan, std::string &reason) const override {
    return acceptsPlan(engine, op, target, plan, reason);
  }
  SmallVector<TileShape> getTiles(AttentionOp op) const override {
    return engine.getTiles(op, target);
  }
  ArrayRef<TermStrategy> getStrategies() const override { return engine.getStrategies(); }

private:
  const kernel::Engine &engine;
  kernel::GPUTarget target;
};

/// Loops on vectors (posenc-attention-to-vector). Its blocks are whole register
/// tiles; any size is one or is rounded up to one.
class VectorPlanEngine final : public PlanEngine {
public:
  StringRef getName() const override { return "vector"; }
  bool supports(AttentionOp, std::string &) const override { return true; }

  SmallVector<TileShape> getTiles(AttentionOp) const override {
    SmallVector<TileShape> tiles;
    for (int64_t m : {128, 64, 32, 256})
      for (int64_t n : {128, 64, 256, 512})
        tiles.push_back({m, n});
    return tiles;
  }

  ArrayRef<TermStrategy> getStrategies() const override {
    static constexpr TermStrategy all[] = {TermStrategy::Bounds, TermStrategy::Uniform,
                                           TermStrategy::StripInit, TermStrategy::PerScore};
    return all;
  }

  bool accepts(AttentionOp op, PlanAttr plan, std::string &reason) const override {
    if (plan.getStages() > 1)
      reason = llvm::formatv("expected 1 stage with the engine vector but got {0}",
                             plan.getStages());
    else if (plan.getKeySplits() > 1)
      reason = llvm::formatv("expected 1 task for the keys of a query block with the engine "
                             "vector but got {0}",
                             plan.getKeySplits());
    else
      reason.clear();
    return reason.empty();
  }
};
} // namespace

std::vector<std::unique_ptr<PlanEngine>> mlir::posenc::getPlanEngines(const ChipModel &chip) {
  std::vector<std::unique_ptr<PlanEngine>> engines;
  if (chip.cpu)
    engines.push_back(std::make_unique<VectorPlanEngine>());
  if (chip.gpu)
    for (const std::unique_ptr<kernel::Engine> &engine : kernel::getEngines())
      engines.push_back(std::make_unique<GPUPlanEngine>(*engine, *chip.gpu));
  return engines;
}
