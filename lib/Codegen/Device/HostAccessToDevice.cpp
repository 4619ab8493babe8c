//===- HostAccessToDevice.cpp - No device data on the host ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Device/Passes.h"

#include "BufferClasses.h"
#include "SerialLoops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCHOSTACCESSTODEVICEPASS
#include "posenc/Codegen/Device/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using posenc::BufferClasses;

/// What placement and launches take care of, or what only looks at descriptors.
static bool isHandledElsewhere(Operation *op) {
  return isa<memref::AllocOp, memref::AllocaOp, memref::DeallocOp, memref::CopyOp,
             memref::DimOp, memref::RankOp, memref::ExtractStridedMetadataOp,
             memref::ExtractAlignedPointerAsIndexOp, memref::ReshapeOp, func::CallOp,
             func::ReturnOp, ViewLikeOpInterface, arith::SelectOp>(op) ||
         isa_and_nonnull<gpu::GPUDialect>(op->getDialect()) ||
         isa<RegionBranchOpInterface, RegionBranchTerminatorOpInterface, BranchOpInterface>(op);
}

static bool usesDeviceBuffer(Operation *op, const BufferClasses &classes) {
  return llvm::any_of(op->getOperands(), [&](Value value) {
    return isa<BaseMemRefType>(value.getType()) && classes.isOnDevice(value);
  });
}

static bool isScalar(Type type) { return type.isIntOrIndexOrFloat() || isa<VectorType>(type); }

/// A statement that one thread can run as it stands: no allocation, no call,
/// nothing parallel, and results that fit into a cell.
static bool canRunInKernel(Operation *root) {
  if (!llvm::all_of(root->getResultTypes(), isScalar))
    return false;
  WalkResult result = root->walk([&](Operation *op) {
    if (isa<memref::LoadOp, memref::StoreOp, memref::AtomicRMWOp, cf::AssertOp>(op))
      return WalkResult::advance();
    if (isa<scf::ParallelOp, scf::ForallOp, scf::ExecuteRegionOp, gpu::LaunchOp>(op) ||
        posenc::isInKernel(op))
      return WalkResult::interrupt();
    bool free = op->hasTrait<OpTrait::HasRecursiveMemoryEffects>() || isMemoryEffectFree(op);
    return free ? WalkResult::advance() : WalkResult::interrupt();
  });
  return !result.wasInterrupted();
}

namespace {
/// What is to be done with the statements of one function.
struct Actions {
  SmallVector<Operation *> outline;
  SmallVector<memref::ReshapeOp> reshapes;
  bool empty() const { return outline.empty() && reshapes.empty(); }
};
} // namespace

static bool touchesDevice(Operation *root, const BufferClasses &classes) {
  return root
      ->walk([&](Operation *op) {
        return !isHandledElsewhere(op) && usesDeviceBuffer(op, classes)
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

static LogicalResult collect(func::FuncOp func, const BufferClasses &classes,
                             Actions &actions) {
  WalkResult result = func.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (posenc::isInKernel(op))
      return WalkResult::skip();
    if (auto reshape = dyn_cast<memref::ReshapeOp>(op);
        reshape && classes.isOnDevice(reshape.getShape()))
      actions.reshapes.push_back(reshape);
    bool loop = isa<scf::ForOp, scf::WhileOp>(op);
    if (loop && canRunInKernel(op) && touchesDevice(op, classes)) {
      actions.outline.push_back(op);
      return WalkResult::skip();
    }
    if (isHandledElsewhere(op) || !usesDeviceBuffer(op, classes))
      return WalkResult::advance();
    if (!canRunInKernel(op)) {
      op->emitOpError("expected an op that can run on the device, since one of its buffers "
                      "is there");
      return WalkResult::interrupt();
    }
    actions.outline.push_back(op);
    return WalkResult::skip();
  });
  return failure(result.wasInterrupted());
}

/// A cell on the host that lives as long as the function.
static Value createHostCell(RewriterBase &rewriter, Operation *op, MemRefType type) {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToStart(&op->getParentOfType<func::FuncOp>().front());
  return memref::AllocaOp::create(rewriter, op->getLoc(), type);
}

/// Moves a statement into a parallel loop of one iteration; its results come
/// back through a cell on the device and one on the host each.
static void outline(RewriterBase &rewriter, Operation *op) {
  op->walk([&](memref::GetGlobalOp global) { rewriter.moveOpBefore(global, op); });
  SmallVector<Value> cells;
  Location loc = op->getLoc();
  rewriter.setInsertionPoint(op);
  for (Type type : op->getResultTypes())
    cells.push_back(memref::AllocOp::create(rewriter, loc, MemRefType::get({}, type)));
  rewriter.setInsertionPointAfter(op);
  SmallVector<Value> values;
  for (auto [result, cell] : llvm::zip(op->getResults(), cells)) {
    auto type = cast<MemRefType>(cell.getType());
    Value host = createHostCell(rewriter, op, type);
    gpu::MemcpyOp::create(rewriter, loc, Type(), ValueRange(), host, cell);
    memref::DeallocOp::create(rewriter, loc, cell);
    values.push_back(memref::LoadOp::create(rewriter, loc, host, ValueRange()));
  }
  rewriter.replaceAllUsesWith(op->getResults(), values);
  scf::ParallelOp loop = posenc::wrapInOneIteration(rewriter, op);
  rewriter.setInsertionPoint(loop.getBody()->getTerminator());
  for (auto [result, cell] : llvm::zip(op->getResults(), cells))
    memref::StoreOp::create(rewriter, loc, result, cell, ValueRange());
}

/// The shape of a reshape is read while the descriptor is made, on the host.
static LogicalResult stageShape(RewriterBase &rewriter, memref::ReshapeOp reshape) {
  auto type = cast<MemRefType>(reshape.getShape().getType());
  if (!type.getLayout().isIdentity())
    return reshape.emitOpError("expected a contiguous shape operand but got ") << type;
  Location loc = reshape.getLoc();
  rewriter.setInsertionPoint(reshape);
  SmallVector<Value> sizes;
  if (!type.hasStaticShape())
    sizes.push_back(memref::DimOp::create(rewriter, loc, reshape.getShape(), 0));
  Value host = memref::AllocOp::create(rewriter, loc, type, sizes);
  gpu::MemcpyOp::create(rewriter, loc, Type(), ValueRange(), host, reshape.getShape());
  rewriter.modifyOpInPlace(reshape, [&] { reshape.getShapeMutable().assign(host); });
  rewriter.setInsertionPointAfter(reshape);
  memref::DeallocOp::create(rewriter, loc, host);
  return success();
}

namespace {
struct HostAccessToDevice final
    : posenc::impl::PosEncHostAccessToDevicePassBase<HostAccessToDevice> {
  using Base::Base;

  /// Moving a loop to the device may take further buffers there, so the rounds
  /// go on until nothing is left to move.
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<scf::ParallelOp> reductions;
    getOperation().walk([&](scf::ParallelOp parallel) {
      if (parallel.getNumResults() != 0 && !posenc::isInKernel(parallel->getParentOp()))
        reductions.push_back(parallel);
    });
    for (scf::ParallelOp parallel : reductions)
      posenc::serialize(rewriter, parallel);
    while (true) {
      FailureOr<bool> changed = runRound(rewriter);
      if (failed(changed))
        return signalPassFailure();
      if (!*changed)
        return;
    }
  }

  FailureOr<bool> runRound(RewriterBase &rewriter) {
    BufferClasses classes(getOperation());
    Actions actions;
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (failed(collect(func, classes, actions)))
        return failure();
    for (memref::ReshapeOp reshape : actions.reshapes)
      if (failed(stageShape(rewriter, reshape)))
        return failure();
    for (Operation *op : actions.outline)
      outline(rewriter, op);
    return !actions.empty();
  }
};
} // namespace
