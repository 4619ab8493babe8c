//===- ParallelToGPU.cpp - Parallel loops to launches ---------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Device/Passes.h"

#include "SerialLoops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCPARALLELTOGPUPASS
#include "posenc/Codegen/Device/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;

namespace {
/// The iteration space of a loop, numbered with the last dimension fastest.
struct Space {
  SmallVector<Value> extents;
  Value total;
};
} // namespace

static Space computeSpace(OpBuilder &b, Location loc, scf::ParallelOp loop) {
  Space space;
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  space.total = arith::ConstantIndexOp::create(b, loc, 1);
  for (auto [lower, upper, step] :
       llvm::zip(loop.getLowerBound(), loop.getUpperBound(), loop.getStep())) {
    Value length = b.createOrFold<arith::SubIOp>(loc, upper, lower);
    Value extent = b.createOrFold<arith::CeilDivSIOp>(loc, length, step);
    extent = b.createOrFold<arith::MaxSIOp>(loc, extent, zero);
    space.extents.push_back(extent);
    space.total = b.createOrFold<arith::MulIOp>(loc, space.total, extent);
  }
  return space;
}

/// Maps the number of an iteration to the induction variables.
static void mapIterations(OpBuilder &b, scf::ParallelOp loop, const Space &space, Value id,
                          IRMapping &mapping) {
  Location loc = loop.getLoc();
  SmallVector<Value> ivs = loop.getInductionVars();
  for (int64_t dim = ivs.size() - 1; dim >= 0; --dim) {
    Value position = id;
    if (dim > 0) {
      position = b.createOrFold<arith::RemUIOp>(loc, id, space.extents[dim]);
      id = b.createOrFold<arith::DivUIOp>(loc, id, space.extents[dim]);
    }
    Value scaled = b.createOrFold<arith::MulIOp>(loc, position, loop.getStep()[dim]);
    mapping.map(ivs[dim],
                b.createOrFold<arith::AddIOp>(loc, scaled, loop.getLowerBound()[dim]));
  }
}

static void convert(RewriterBase &rewriter, scf::ParallelOp loop, int64_t blockSize) {
  Location loc = loop.getLoc();
  rewriter.setInsertionPoint(loop);
  Space space = computeSpace(rewriter, loc, loop);
  if (std::optional<int64_t> total = getConstantIntValue(space.total))
    blockSize = std::clamp<int64_t>(*total, 1, blockSize);
  Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
  Value block = arith::ConstantIndexOp::create(rewriter, loc, blockSize);
  Value grid = rewriter.createOrFold<arith::CeilDivUIOp>(loc, space.total, block);
  grid = rewriter.createOrFold<arith::MaxUIOp>(loc, grid, one);
  auto launch = gpu::LaunchOp::create(rewriter, loc, grid, one, one, block, one, one);
  rewriter.setInsertionPointToEnd(&launch.getBody().front());
  Value base = arith::MulIOp::create(rewriter, loc, launch.getBlockIds().x, block);
  Value id = arith::AddIOp::create(rewriter, loc, base, launch.getThreadIds().x);
  Value inside =
      arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::ult, id, space.total);
  auto ifOp = scf::IfOp::create(rewriter, loc, inside, /*withElseRegion=*/false);
  gpu::TerminatorOp::create(rewriter, loc);
  rewriter.setInsertionPointToStart(ifOp.thenBlock());
  IRMapping mapping;
  mapIterations(rewriter, loop, space, id, mapping);
  for (Operation &op : loop.getBody()->without_terminator())
    rewriter.clone(op, mapping);
  rewriter.eraseOp(loop);
}

namespace {
struct ParallelToGPU final : posenc::impl::PosEncParallelToGPUPassBase<ParallelToGPU> {
  using Base::Base;

  void runOnOperation() override {
    if (blockSize < 1 || blockSize > 1024) {
      emitError(getOperation().getLoc(), "expected a block-size of 1 to 1024 but got ")
          << blockSize.getValue();
      return signalPassFailure();
    }
    SmallVector<scf::ParallelOp> outer, inner;
    getOperation().walk([&](scf::ParallelOp loop) {
      bool nested =
          loop->getParentOfType<scf::ParallelOp>() || loop->getParentOfType<gpu::LaunchOp>() ||
          loop->getParentOfType<gpu::GPUFuncOp>() || isa<gpu::GPUFuncOp>(getOperation());
      (nested ? inner : outer).push_back(loop);
    });
    IRRewriter rewriter(&getContext());
    for (scf::ParallelOp loop : inner) // innermost first, as the walk goes
      posenc::serialize(rewriter, loop);
    for (scf::ParallelOp loop : outer) {
      if (loop.getNumResults() != 0) {
        loop.emitOpError("expected a parallel loop without reductions");
        return signalPassFailure();
      }
      convert(rewriter, loop, blockSize);
    }
  }
};
} // namespace
