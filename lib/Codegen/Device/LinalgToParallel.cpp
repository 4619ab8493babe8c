//===- LinalgToParallel.cpp - One parallel loop per linalg op -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Device/Passes.h"

#include "SerialLoops.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCLINALGTOPARALLELPASS
#include "posenc/Codegen/Device/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;

/// Generic form with the parallel dimensions outermost.
static FailureOr<linalg::GenericOp> normalize(RewriterBase &rewriter, linalg::LinalgOp op) {
  auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
  if (!generic) {
    FailureOr<linalg::GenericOp> made = linalg::generalizeNamedOp(rewriter, op);
    if (failed(made))
      return failure();
    generic = *made;
  }
  SmallVector<unsigned> order, reductions;
  for (auto [dim, kind] : llvm::enumerate(generic.getIteratorTypesArray()))
    (kind == utils::IteratorType::parallel ? order : reductions).push_back(dim);
  order.append(reductions);
  if (llvm::is_sorted(order))
    return generic;
  return linalg::interchangeGenericOp(rewriter, generic, order);
}

static LogicalResult lower(RewriterBase &rewriter, linalg::LinalgOp op) {
  rewriter.setInsertionPoint(op);
  FailureOr<linalg::GenericOp> generic = normalize(rewriter, op);
  if (failed(generic))
    return failure();
  if (generic->getNumParallelLoops() == 0)
    posenc::wrapInOneIteration(rewriter, *generic);
  rewriter.setInsertionPoint(*generic);
  if (failed(linalg::linalgOpToParallelLoops(rewriter, *generic)))
    return failure();
  rewriter.eraseOp(*generic);
  return success();
}

static bool isContiguous(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  return memref && memref.getLayout().isIdentity();
}

/// A copy between layouts that no plain memory copy can do.
static bool isStridedCopy(memref::CopyOp copy) {
  auto source = copy.getSource().getType(), target = copy.getTarget().getType();
  return isa<MemRefType>(source) && isa<MemRefType>(target) &&
         !(isContiguous(source) && isContiguous(target));
}

static linalg::GenericOp makeCopy(RewriterBase &rewriter, memref::CopyOp copy) {
  int64_t rank = cast<MemRefType>(copy.getSource().getType()).getRank();
  AffineMap id = rewriter.getMultiDimIdentityMap(rank);
  SmallVector<utils::IteratorType> kinds(rank, utils::IteratorType::parallel);
  rewriter.setInsertionPoint(copy);
  auto generic = linalg::GenericOp::create(rewriter, copy.getLoc(), copy.getSource(),
                                           copy.getTarget(), ArrayRef{id, id}, kinds,
                                           [](OpBuilder &b, Location loc, ValueRange args) {
                                             linalg::YieldOp::create(b, loc, args[0]);
                                           });
  rewriter.eraseOp(copy);
  return generic;
}

namespace {
struct LinalgToParallel final : posenc::impl::PosEncLinalgToParallelPassBase<LinalgToParallel> {
  using Base::Base;
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<linalg::LinalgOp> ops;
    SmallVector<memref::CopyOp> copies;
    getOperation()->walk([&](Operation *op) {
      if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
        ops.push_back(linalgOp);
      if (auto copy = dyn_cast<memref::CopyOp>(op); copy && isStridedCopy(copy))
        copies.push_back(copy);
    });
    for (memref::CopyOp copy : copies)
      ops.push_back(makeCopy(rewriter, copy));
    for (linalg::LinalgOp op : ops) {
      if (!op.hasPureBufferSemantics()) {
        op->emitOpError("expected operands in memory but got tensors");
        return signalPassFailure();
      }
      Location loc = op->getLoc();
      if (failed(lower(rewriter, op))) {
        emitError(loc, "expected a linalg op that lowers to loops");
        return signalPassFailure();
      }
    }
  }
};
} // namespace
