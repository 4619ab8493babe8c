//===- ShapeParallelLoops.cpp - Parallel loops for threads ------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/CPU/Passes.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCSHAPEPARALLELLOOPS
#include "posenc/Codegen/CPU/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;

/// The number of iterations, if it is known.
static std::optional<uint64_t> getTripCount(OpFoldResult lower, OpFoldResult upper,
                                            OpFoldResult step) {
  std::optional<int64_t> low = getConstantIntValue(lower), high = getConstantIntValue(upper),
                         by = getConstantIntValue(step);
  if (!low || !high || !by || *by <= 0)
    return std::nullopt;
  return *high <= *low ? 0 : llvm::divideCeil(uint64_t(*high - *low), uint64_t(*by));
}

/// What is assumed of an unknown extent: too much, so that it gets threads.
static constexpr uint64_t kUnknownTrips = 1 << 12;

/// Scalar operations in `op`; saturates, as extents multiply quickly.
static uint64_t estimateWork(Operation &op) {
  uint64_t trips = 1;
  if (auto loop = dyn_cast<LoopLikeOpInterface>(op)) {
    std::optional<SmallVector<OpFoldResult>> lower = loop.getLoopLowerBounds(),
                                             upper = loop.getLoopUpperBounds(),
                                             step = loop.getLoopSteps();
    if (!lower || !upper || !step)
      return kUnknownTrips;
    for (auto [low, high, by] : llvm::zip_equal(*lower, *upper, *step))
      trips =
          llvm::SaturatingMultiply(trips, getTripCount(low, high, by).value_or(kUnknownTrips));
  }
  uint64_t inside = 1;
  for (Region &region : op.getRegions())
    for (Operation &nested : region.getOps())
      inside = llvm::SaturatingAdd(inside, estimateWork(nested));
  return llvm::SaturatingMultiply(trips, inside);
}

/// Splits `loop` into an scf.parallel of the first `keep` dimensions and
/// scf.for over the others.
static void sequentialize(scf::ParallelOp loop, unsigned keep) {
  OpBuilder builder(loop);
  Location loc = loop.getLoc();
  SmallVector<Value> indices;
  if (keep > 0) {
    auto outer = scf::ParallelOp::create(builder, loc, loop.getLowerBound().take_front(keep),
                                         loop.getUpperBound().take_front(keep),
                                         loop.getStep().take_front(keep));
    llvm::append_range(indices, outer.getInductionVars());
    builder.setInsertionPointToStart(outer.getBody());
  }
  for (unsigned i = keep, e = loop.getNumLoops(); i < e; ++i) {
    auto inner = scf::ForOp::create(builder, loc, loop.getLowerBound()[i],
                                    loop.getUpperBound()[i], loop.getStep()[i]);
    indices.push_back(inner.getInductionVar());
    builder.setInsertionPointToStart(inner.getBody());
  }
  Block *target = builder.getInsertionBlock();
  Block *body = loop.getBody();
  for (auto [from, to] : llvm::zip_equal(loop.getInductionVars(), indices))
    from.replaceAllUsesWith(to);
  target->getOperations().splice(builder.getInsertionPoint(), body->getOperations(),
                                 body->begin(), std::prev(body->end()));
  loop.erase();
}

namespace {
struct ShapeParallelLoopsPass final
    : posenc::impl::PosEncShapeParallelLoopsBase<ShapeParallelLoopsPass> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<scf::ParallelOp> loops;
    getOperation()->walk([&](scf::ParallelOp loop) {
      if (loop.getInitVals().empty())
        loops.push_back(loop);
    });
    // Inner loops come first in the walk.
    for (scf::ParallelOp loop : loops) {
      unsigned keep = loop->getParentOfType<scf::ParallelOp>() ? 0 : countParallel(loop);
      if (keep < loop.getNumLoops())
        sequentialize(loop, keep);
    }
  }

  /// How many dimensions stay parallel.
  unsigned countParallel(scf::ParallelOp loop) {
    if (estimateWork(*loop) < minWork)
      return 0;
    uint64_t tasks = 1;
    for (unsigned i = 0, e = loop.getNumLoops(); i < e; ++i) {
      std::optional<uint64_t> trips =
          getTripCount(loop.getLowerBound()[i], loop.getUpperBound()[i], loop.getStep()[i]);
      // Unknown extents are taken for small here: one more dimension costs
      // less than a loop on one thread.
      tasks = llvm::SaturatingMultiply(tasks, trips.value_or(1));
      if (tasks >= minTasks)
        return i + 1;
    }
    return loop.getNumLoops();
  }
};
} // namespace
