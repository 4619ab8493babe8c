//===- SerialLoops.cpp - One-iteration loops and serialization ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SerialLoops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

scf::ParallelOp posenc::createOneIteration(RewriterBase &rewriter, Location loc) {
  Value zero = arith::ConstantIndexOp::create(rewriter, loc, 0);
  Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
  return scf::ParallelOp::create(rewriter, loc, zero, one, one,
                                 [](OpBuilder &, Location, ValueRange) {});
}

scf::ParallelOp posenc::wrapInOneIteration(RewriterBase &rewriter, Operation *op) {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  scf::ParallelOp loop = createOneIteration(rewriter, op->getLoc());
  rewriter.moveOpBefore(op, loop.getBody()->getTerminator());
  return loop;
}

/// The body of the innermost loop: the statements, then one combination per
/// reduction.
static SmallVector<Value> emitBody(OpBuilder &b, Location loc, scf::ParallelOp parallel,
                                   ValueRange ivs, ValueRange partials) {
  IRMapping mapping;
  mapping.map(parallel.getInductionVars(), ivs);
  for (Operation &op : parallel.getBody()->without_terminator())
    b.clone(op, mapping);
  auto reduce = cast<scf::ReduceOp>(parallel.getBody()->getTerminator());
  SmallVector<Value> results;
  for (auto [region, operand, partial] :
       llvm::zip(reduce.getReductions(), reduce.getOperands(), partials)) {
    Block &block = region.front();
    IRMapping inner(mapping);
    inner.map(block.getArgument(0), partial);
    inner.map(block.getArgument(1), mapping.lookupOrDefault(operand));
    for (Operation &op : block.without_terminator())
      b.clone(op, inner);
    results.push_back(inner.lookupOrDefault(block.getTerminator()->getOperand(0)));
  }
  return results;
}

scf::ForOp posenc::serialize(RewriterBase &rewriter, scf::ParallelOp parallel) {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(parallel);
  scf::LoopNest nest =
      scf::buildLoopNest(rewriter, parallel.getLoc(), parallel.getLowerBound(),
                         parallel.getUpperBound(), parallel.getStep(), parallel.getInitVals(),
                         [&](OpBuilder &b, Location loc, ValueRange ivs, ValueRange partials) {
                           return emitBody(b, loc, parallel, ivs, partials);
                         });
  rewriter.replaceOp(parallel, nest.results);
  return nest.loops.empty() ? scf::ForOp() : nest.loops.front();
}
