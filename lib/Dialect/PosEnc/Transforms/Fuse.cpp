//===- Fuse.cpp - Fuse positional encodings into attention ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Transforms/Passes.h"
#include "posenc/Dialect/PosEnc/Transforms/Transforms.h"

#include "posenc/Dialect/PosEnc/Analysis/ScoreStructure.h"
#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCFUSE
#include "posenc/Dialect/PosEnc/Transforms/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;

/// Why a producer of q, k or v is not in attention; empty if it is no transform of
/// rows.
static StringRef getObstacle(Operation *producer) {
  if (isa_and_nonnull<PolarOp>(producer))
    return "rows of row regions keep their length, and polar makes more channels";
  auto transform = dyn_cast_or_null<RowTransformOpInterface>(producer);
  if (!transform || transform.isRow())
    return "";
  return "expected a transform of rows of known channels, stored as attention reads them";
}

/// A missed remark at `at` about what `op` is given.
static void report(Operation *at, AttentionOp op, StringRef reason) {
  auto function = op->getParentOfType<FunctionOpInterface>();
  remark::missed(at->getLoc(), remark::RemarkOpts::name(at->getName().stripDialect())
                                   .category("posenc-fuse")
                                   .function(function ? function.getName() : StringRef()))
      << remark::reason("{0}", reason.str());
}

/// A missed remark for each transform that attention still reads the result of.
static void reportUnfused(Operation *root) {
  root->walk([](AttentionOp op) {
    for (Value operand : {op.getQ(), op.getK(), op.getV()}) {
      Operation *producer = operand.getDefiningOp();
      StringRef obstacle = getObstacle(producer);
      if (obstacle.empty())
        continue;
      report(producer, op, obstacle);
    }
  });
}

/// Magnitudes of xPos that rows of q or k are multiplied by.
static XPosMagnitudeOp getXPos(AttentionOp op) {
  for (Region *region : {&op.getQRows(), &op.getKRows()})
    for (RotateOp rotate : region->getOps<RotateOp>())
      if (Value magnitude = rotate.getMagnitude())
        if (auto xpos = magnitude.getDefiningOp<XPosMagnitudeOp>())
          return xpos;
  return {};
}

/// A remark where xPos meets keys after their query: the factor of their scores is
/// ζ^(i − j), and grows with the distance.
static void reportUnboundedXPos(Operation *root) {
  root->walk([](AttentionOp op) {
    XPosMagnitudeOp xpos = getXPos(op);
    if (!xpos)
      return;
    ScoreStructure structure(op);
    ArrayRef<ScoreZone> zones = structure.getZones();
    if (!zones.empty() && zones.front().hi >= -1 &&
        zones.front().tile.visibility == Visibility::Masked)
      return;
    report(xpos, op,
           "expected a mask known to hide keys after their query but got none: xPos "
           "lets their scores grow without bound");
  });
}

namespace {
struct Fuse final : posenc::impl::PosEncFuseBase<Fuse> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFuseScoreMapPatterns(patterns);
    populateFuseLayoutPatterns(patterns);
    populateFuseRotationPatterns(patterns);
    // Dead producers are erased by the driver; blocks are none of our business.
    GreedyRewriteConfig config;
    config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), config))) {
      getOperation()->emitError() << "fusion did not reach a fixed point";
      return signalPassFailure();
    }
    reportUnfused(getOperation());
    reportUnboundedXPos(getOperation());
  }
};
} // namespace
