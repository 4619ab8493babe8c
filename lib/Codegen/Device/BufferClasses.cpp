//===- BufferClasses.cpp - Which buffers live on the device ---------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BufferClasses.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using posenc::BufferClasses;

bool posenc::isInKernel(Operation *op) {
  for (; op; op = op->getParentOp())
    if (isa<scf::ParallelOp, gpu::LaunchOp, gpu::GPUModuleOp, linalg::LinalgOp, AttentionOp,
            ScoreMapOp>(op))
      return true;
  return false;
}

void BufferClasses::join(Value a, Value b) {
  if (isa<BaseMemRefType>(a.getType()) && isa<BaseMemRefType>(b.getType()))
    classes.unionSets(a.getAsOpaquePointer(), b.getAsOpaquePointer());
}

void BufferClasses::joinAll(ValueRange values) {
  Value first;
  for (Value value : values) {
    if (!isa<BaseMemRefType>(value.getType()))
      continue;
    if (first)
      join(first, value);
    first = value;
  }
}

void BufferClasses::markDevice(Value value) {
  if (!isa<BaseMemRefType>(value.getType()))
    return;
  classes.insert(value.getAsOpaquePointer());
  deviceValues.push_back(value.getAsOpaquePointer());
}

/// Values that a region or block passes on are the same buffers as those that
/// arrive. All memrefs of one op are taken together: coarse, but safe, since
/// the cost of a wrong guess is a buffer more on the device.
void BufferClasses::visitControlFlow(Operation *op) {
  if (auto branch = dyn_cast<BranchOpInterface>(op)) {
    for (auto [index, block] : llvm::enumerate(op->getSuccessors())) {
      OperandRange passed = branch.getSuccessorOperands(index).getForwardedOperands();
      for (auto [value, arg] : llvm::zip(passed, block->getArguments()))
        join(value, arg);
    }
  }
  if (!isa<RegionBranchOpInterface>(op) || isa<scf::ParallelOp>(op))
    return;
  SmallVector<Value> values(op->getOperands());
  llvm::append_range(values, op->getResults());
  for (Region &region : op->getRegions())
    for (Block &block : region) {
      llvm::append_range(values, block.getArguments());
      llvm::append_range(values, block.getTerminator()->getOperands());
    }
  joinAll(values);
}

/// Between private functions buffers keep their class; what comes from or goes
/// to the outside is on the device.
bool BufferClasses::crossesBoundary(Operation *op) {
  if (isa<func::ReturnOp>(op))
    return op->getParentOfType<func::FuncOp>().isPublic();
  auto call = dyn_cast<func::CallOp>(op);
  if (!call)
    return false;
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, call.getCalleeAttr());
  if (!callee || callee.isExternal())
    return true;
  for (auto [value, arg] : llvm::zip(call.getOperands(), callee.getArguments()))
    join(value, arg);
  callee.walk([&](func::ReturnOp ret) {
    for (auto [value, result] : llvm::zip(ret.getOperands(), call.getResults()))
      join(value, result);
  });
  return false;
}

void BufferClasses::visit(Operation *op) {
  visitControlFlow(op);
  if (auto reshape = dyn_cast<memref::ReshapeOp>(op))
    return join(reshape.getSource(), reshape.getResult());
  if (isa<ViewLikeOpInterface, arith::SelectOp, memref::ExtractStridedMetadataOp,
          memref::CopyOp, memref::ReallocOp>(op)) {
    SmallVector<Value> values(op->getOperands());
    llvm::append_range(values, op->getResults());
    joinAll(values);
  }
  bool crosses = isa<gpu::LaunchFuncOp>(op) || crossesBoundary(op);
  bool dimOnly = isa<memref::DimOp, memref::RankOp, memref::ExtractAlignedPointerAsIndexOp>(op);
  if (crosses || isa<gpu::AllocOp, gpu::MemsetOp>(op) || (!dimOnly && isInKernel(op))) {
    llvm::for_each(op->getOperands(), [&](Value value) { markDevice(value); });
    llvm::for_each(op->getResults(), [&](Value value) { markDevice(value); });
  }
}

BufferClasses::BufferClasses(ModuleOp module) {
  for (auto func : module.getOps<func::FuncOp>()) {
    if (func.isPublic())
      llvm::for_each(func.getArguments(), [&](Value arg) { markDevice(arg); });
    func.walk([&](Operation *op) { visit(op); });
  }
  for (void *value : deviceValues)
    deviceLeaders.insert(classes.getLeaderValue(value));
}

bool BufferClasses::isOnDevice(Value memref) const {
  auto it = classes.findLeader(memref.getAsOpaquePointer());
  return it != classes.member_end() && deviceLeaders.contains(*it);
}
