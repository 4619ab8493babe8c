//===- Engine.cpp - What produces the body of a kernel --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Kernel/Engine.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::kernel;

// Out of line, so that the class has a home.
Engine::~Engine() = default;

TileShape kernel::getTile(const Engine &engine, AttentionOp op, const GPUTarget &target) {
  TileShape tile = engine.getTiles(op, target).front();
  PlanAttr plan = PlanAttr::of(op);
  if (plan && plan.getBlockM())
    tile.blockM = plan.getBlockM();
  if (plan && plan.getBlockN())
    tile.blockN = plan.getBlockN();
  return tile;
}

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

static std::string toString(TileShape tile) {
  return llvm::formatv("{0} x {1}", tile.blockM, tile.blockN);
}

/// Why the engine cannot compute a term of the region as its op says; empty if
/// it can.
static std::string whyNotStrategies(const Engine &engine, AttentionOp op) {
  std::string reason;
  op.getScore().walk([&](Operation *inner) {
    auto attr = inner->getAttrOfType<TermStrategyAttr>(PlanAttr::kStrategyName);
    if (!attr || llvm::is_contained(engine.getStrategies(), attr.getValue()))
      return WalkResult::advance();
    reason = llvm::formatv(
        "expected strategies of the engine {0} ({1}) but got '{2}' on {3}", engine.getName(),
        llvm::join(llvm::map_range(engine.getStrategies(), stringifyTermStrategy), ", "),
        stringifyTermStrategy(attr.getValue()), inner->getName());
    return WalkResult::interrupt();
  });
  return reason;
}

static std::string whyNotTile(const Engine &engine, AttentionOp op, const GPUTarget &target,
                              TileShape tile) {
  SmallVector<TileShape> tiles = engine.getTiles(op, target);
  if (!llvm::is_contained(tiles, tile))
    return llvm::formatv("expected tiles of the engine {0} ({1}) but got {2}", engine.getName(),
                         llvm::join(llvm::map_range(tiles, toString), ", "), toString(tile));
  LaunchConfig config = engine.configure(op, target, tile);
  if (config.getWorkgroupBytes() > target.getWorkgroupBytes())
    return llvm::formatv("expected tiles in at most {0} bytes of workgroup memory but {1} take "
                         "{2}",
                         target.getWorkgroupBytes(), toString(tile),
                         config.getWorkgroupBytes());
  if (config.accumulators > target.getRegisters())
    return llvm::formatv("expected tiles in at most {0} registers of a thread but {1} hold {2}",
                         target.getRegisters(), toString(tile), config.accumulators);
  return "";
}

bool kernel::acceptsPlan(const Engine &engine, AttentionOp op, const GPUTarget &target,
                         PlanAttr plan, std::string &reason) {
  TileShape tile = engine.getTiles(op, target).front();
  if (plan.getBlockM())
    tile.blockM = plan.getBlockM();
  if (plan.getBlockN())
    tile.blockN = plan.getBlockN();
  reason = whyNotTile(engine, op, target, tile);
  if (plan.getStages() > engine.getMaxStages())
    reason = llvm::formatv("expected at most {0} stages with the engine {1} but got {2}",
                           engine.getMaxStages(), engine.getName(), plan.getStages());
  if (plan.getKeySplits() > engine.getMaxKeySplits())
    reason = llvm::formatv("expected at most {0} tasks that share the keys of a query block "
                           "with the engine {1} but got {2}",
                           engine.getMaxKeySplits(), engine.getName(), plan.getKeySplits());
  if (reason.empty())
    reason = whyNotStrategies(engine, op);
  return reason.empty();
}
