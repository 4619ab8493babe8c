//===- PlaceBuffers.cpp - Buffers into device memory ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Device/Passes.h"

#include "BufferClasses.h"
#include "ResidentConstants.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCPLACEBUFFERSPASS
#include "posenc/Codegen/Device/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using posenc::BufferClasses;

static SmallVector<Value> dynamicSizes(OpBuilder &b, Location loc, Value memref) {
  SmallVector<Value> sizes;
  auto type = cast<MemRefType>(memref.getType());
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim))
      sizes.push_back(memref::DimOp::create(b, loc, memref, dim));
  return sizes;
}

static Value createDeviceLike(OpBuilder &b, Location loc, Value memref) {
  return gpu::AllocOp::create(b, loc, memref.getType(), Type(), ValueRange(),
                              dynamicSizes(b, loc, memref), ValueRange(),
                              /*hostShared=*/false)
      .getMemref();
}

static void copy(OpBuilder &b, Location loc, Value target, Value source) {
  gpu::MemcpyOp::create(b, loc, Type(), ValueRange(), target, source);
}

static LogicalResult checkBoundary(func::FuncOp func) {
  auto good = [&](Type type) {
    auto memref = dyn_cast<MemRefType>(type);
    return !isa<BaseMemRefType>(type) || (memref && memref.getLayout().isIdentity());
  };
  for (Type type : llvm::concat<const Type>(func.getArgumentTypes(), func.getResultTypes()))
    if (!good(type))
      return func.emitOpError("expected contiguous memrefs at the boundary of a public "
                              "function but got ")
             << type;
  return success();
}

/// The buffer that views show.
static Value getBuffer(Value memref) {
  while (auto view = memref.getDefiningOp<ViewLikeOpInterface>())
    memref = view.getViewSource();
  return memref;
}

/// Whether the two are different buffers whenever the code runs.
static bool areApart(Value a, Value b) {
  auto isNew = [](Value buffer) {
    return isa_and_nonnull<memref::AllocOp, gpu::AllocOp>(buffer.getDefiningOp());
  };
  return a != b && isNew(a) && isNew(b);
}

/// A boolean that says whether a buffer is none of others that it may be; null if it is
/// none for sure.
static Value isNoneOf(OpBuilder &b, Location loc, Value buffer, ArrayRef<Value> others) {
  auto getAddress = [&](Value memref) {
    return memref::ExtractAlignedPointerAsIndexOp::create(b, loc, memref);
  };
  Value result;
  for (Value other : others) {
    if (areApart(buffer, other))
      continue;
    Value differs = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, getAddress(buffer),
                                          getAddress(other));
    result = result ? arith::AndIOp::create(b, loc, result, differs).getResult() : differs;
  }
  return result;
}

/// Frees the buffers of results that are not `kept`, each once: results may be views of one
/// buffer, and what a branch or a call gave may be any.
static void freeOnce(OpBuilder &b, Location loc, ArrayRef<Value> results,
                     ArrayRef<Value> kept) {
  SmallVector<Value> known(kept);
  for (Value result : results) {
    Value buffer = getBuffer(result);
    if (llvm::is_contained(known, buffer))
      continue;
    Value isNew = isNoneOf(b, loc, buffer, known);
    known.push_back(buffer);
    if (!isNew) {
      gpu::DeallocOp::create(b, loc, Type(), ValueRange(), buffer);
      continue;
    }
    scf::IfOp::create(b, loc, isNew, [&](OpBuilder &inner, Location) {
      gpu::DeallocOp::create(inner, loc, Type(), ValueRange(), buffer);
      scf::YieldOp::create(inner, loc);
    });
  }
}

/// Arguments to the device before the body, results to the host after it. The
/// body owns the results until then; the copies of the arguments live as long.
static void wrapEntry(func::FuncOp func) {
  OpBuilder b(func.getContext());
  Location loc = func.getLoc();
  b.setInsertionPointToStart(&func.front());
  SmallVector<Value> owned;
  for (BlockArgument arg : func.getArguments()) {
    if (!isa<MemRefType>(arg.getType()))
      continue;
    SmallVector<Operation *> users(arg.getUsers());
    Value device = createDeviceLike(b, loc, arg);
    copy(b, loc, device, arg);
    arg.replaceUsesWithIf(
        device, [&](OpOperand &use) { return llvm::is_contained(users, use.getOwner()); });
    owned.push_back(device);
  }
  func.walk([&](func::ReturnOp ret) {
    b.setInsertionPoint(ret);
    SmallVector<Value> results;
    for (OpOperand &operand : ret->getOpOperands()) {
      Value device = operand.get();
      if (!isa<MemRefType>(device.getType()))
        continue;
      Value host = memref::AllocOp::create(b, loc, cast<MemRefType>(device.getType()),
                                           dynamicSizes(b, loc, device));
      copy(b, loc, host, device);
      results.push_back(device);
      operand.set(host);
    }
    freeOnce(b, loc, results, owned);
    for (Value device : owned)
      gpu::DeallocOp::create(b, loc, Type(), ValueRange(), device);
  });
}

/// Calls from inside go to a private function that holds the body.
static void splitCalledEntries(ModuleOp module) {
  SymbolTable table(module);
  for (auto func : llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
    if (!func.isPublic() || func.isExternal() || SymbolTable::symbolKnownUseEmpty(func, module))
      continue;
    auto body = cast<func::FuncOp>(func->clone());
    body.setName((func.getName() + "_on_device").str());
    body.setPrivate();
    StringAttr name = table.insert(body);
    (void)SymbolTable::replaceAllSymbolUses(func, name, module);
    func.getBody().dropAllReferences();
    func.getBody().getBlocks().clear();
    OpBuilder b = OpBuilder::atBlockBegin(func.addEntryBlock());
    auto call = func::CallOp::create(b, func.getLoc(), body, func.getArguments());
    func::ReturnOp::create(b, func.getLoc(), call.getResults());
  }
}

namespace {
struct PlaceBuffers final : posenc::impl::PosEncPlaceBuffersPassBase<PlaceBuffers> {
  using Base::Base;

  void runOnOperation() override {
    splitCalledEntries(getOperation());
    BufferClasses classes(getOperation());
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      if (func.isExternal())
        continue;
      if (func.isPublic() && failed(checkBoundary(func)))
        return signalPassFailure();
      if (failed(placeLocals(func, classes)) || failed(placeGlobals(func, classes)))
        return signalPassFailure();
      // Last: its new host buffers are in no class.
      if (func.isPublic() && !deviceEntry)
        wrapEntry(func);
    }
  }

  LogicalResult placeLocals(func::FuncOp func, const BufferClasses &classes) {
    IRRewriter rewriter(&getContext());
    SmallVector<Operation *> ops;
    func.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (posenc::isInKernel(op))
        return WalkResult::skip();
      // Asked now: the buffers that replace these are in no class.
      if (isa<memref::AllocOp, memref::AllocaOp, memref::DeallocOp, memref::CopyOp>(op) &&
          classes.isOnDevice(op->getNumResults() ? op->getResult(0) : op->getOperand(0)))
        ops.push_back(op);
      return WalkResult::advance();
    });
    for (Operation *op : ops)
      if (failed(place(rewriter, op)))
        return failure();
    return success();
  }

  LogicalResult place(RewriterBase &rewriter, Operation *op) {
    Location loc = op->getLoc();
    rewriter.setInsertionPoint(op);
    if (auto copyOp = dyn_cast<memref::CopyOp>(op))
      return placeCopy(rewriter, copyOp);
    if (isa<memref::DeallocOp>(op)) {
      gpu::DeallocOp::create(rewriter, loc, Type(), ValueRange(), op->getOperand(0));
      rewriter.eraseOp(op);
      return success();
    }
    auto symbols = isa<memref::AllocOp>(op) ? cast<memref::AllocOp>(op).getSymbolOperands()
                                            : cast<memref::AllocaOp>(op).getSymbolOperands();
    auto sizes = isa<memref::AllocOp>(op) ? cast<memref::AllocOp>(op).getDynamicSizes()
                                          : cast<memref::AllocaOp>(op).getDynamicSizes();
    auto alloc = gpu::AllocOp::create(rewriter, loc, op->getResult(0).getType(), Type(),
                                      ValueRange(), sizes, symbols, /*hostShared=*/false);
    // A stack buffer ends with its block at the latest.
    if (isa<memref::AllocaOp>(op)) {
      rewriter.setInsertionPoint(op->getBlock()->getTerminator());
      gpu::DeallocOp::create(rewriter, loc, Type(), ValueRange(), alloc.getMemref());
    }
    rewriter.replaceOp(op, alloc.getMemref());
    return success();
  }

  LogicalResult placeCopy(RewriterBase &rewriter, memref::CopyOp op) {
    for (Type type : op->getOperandTypes())
      if (auto memref = dyn_cast<MemRefType>(type); !memref || !memref.getLayout().isIdentity())
        return op.emitOpError("expected contiguous buffers on the device but got ") << type;
    copy(rewriter, op.getLoc(), op.getTarget(), op.getSource());
    rewriter.eraseOp(op);
    return success();
  }

  /// One device copy per global, made at entry, for this call or by the runtime.
  LogicalResult placeGlobals(func::FuncOp func, const BufferClasses &classes) {
    llvm::MapVector<StringAttr, SmallVector<memref::GetGlobalOp>> globals;
    func.walk([&](memref::GetGlobalOp op) {
      if (classes.isOnDevice(op.getResult()))
        globals[op.getNameAttr().getAttr()].push_back(op);
    });
    OpBuilder b = OpBuilder::atBlockBegin(&func.front());
    SmallVector<Value> devices;
    for (auto &[name, ops] : globals) {
      auto global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(func, name);
      if (!global || !global.getConstant())
        return ops.front().emitOpError("expected a constant global on the device but got '")
               << name.getValue() << "'";
      Location loc = ops.front().getLoc();
      Value host = memref::GetGlobalOp::create(b, loc, ops.front().getType(), name);
      Value device;
      if (residentConstants) {
        FailureOr<Value> resident = posenc::createResidentConstant(b, loc, host);
        if (failed(resident))
          return failure();
        device = *resident;
      } else {
        device = createDeviceLike(b, loc, host);
        copy(b, loc, device, host);
        devices.push_back(device);
      }
      for (memref::GetGlobalOp op : ops)
        op.replaceAllUsesWith(device);
    }
    // Only now: the builder may stand at one of them.
    for (auto &[name, ops] : globals)
      for (memref::GetGlobalOp op : ops)
        op.erase();
    func.walk([&](func::ReturnOp ret) {
      b.setInsertionPoint(ret);
      for (Value device : devices)
        gpu::DeallocOp::create(b, ret.getLoc(), Type(), ValueRange(), device);
    });
    return success();
  }
};
} // namespace
