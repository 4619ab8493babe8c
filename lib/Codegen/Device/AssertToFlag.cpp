//===- AssertToFlag.cpp - Assertions in kernels ---------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Device/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCASSERTTOFLAGPASS
#include "posenc/Codegen/Device/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;

/// What the terminator needs of the statements after the assertion, or nothing
/// if those statements cannot be skipped: another block or a value without a zero.
static std::optional<SmallVector<OpOperand *>> findYielded(RewriterBase &rewriter,
                                                           cf::AssertOp assertion) {
  Block *block = assertion->getBlock();
  if (!llvm::hasSingleElement(*block->getParent()))
    return std::nullopt;
  SmallVector<OpOperand *> yielded;
  for (OpOperand &operand : block->getTerminator()->getOpOperands()) {
    Operation *def = operand.get().getDefiningOp();
    if (!def || def->getBlock() != block || def->isBeforeInBlock(assertion))
      continue;
    if (!rewriter.getZeroAttr(operand.get().getType()))
      return std::nullopt;
    yielded.push_back(&operand);
  }
  return yielded;
}

static void raiseFlag(RewriterBase &rewriter, Location loc, Value flag, int64_t index) {
  Value code = arith::ConstantIntOp::create(rewriter, loc, index, 32);
  memref::AtomicRMWOp::create(rewriter, loc, arith::AtomicRMWKind::minu, code, flag,
                              ValueRange());
}

/// if (condition) { the rest of the block } else { raise the flag }
static void guard(RewriterBase &rewriter, cf::AssertOp assertion, Value flag, int64_t index) {
  Location loc = assertion.getLoc();
  rewriter.setInsertionPoint(assertion);
  auto yielded = findYielded(rewriter, assertion);
  SmallVector<Type> types;
  for (OpOperand *operand : yielded.value_or(SmallVector<OpOperand *>()))
    types.push_back(operand->get().getType());
  auto ifOp = scf::IfOp::create(rewriter, loc, types, assertion.getArg(), /*withElse=*/true);
  if (types.empty()) {
    rewriter.setInsertionPointToStart(ifOp.elseBlock());
    raiseFlag(rewriter, loc, flag, index);
  } else {
    rewriter.setInsertionPointToEnd(ifOp.elseBlock());
    raiseFlag(rewriter, loc, flag, index);
    SmallVector<Value> zeros;
    for (Type type : types)
      zeros.push_back(arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(type)));
    scf::YieldOp::create(rewriter, loc, zeros);
  }
  if (yielded) {
    Block *block = assertion->getBlock(), *then = ifOp.thenBlock();
    auto end = types.empty() ? std::prev(then->end()) : then->end();
    then->getOperations().splice(end, block->getOperations(),
                                 std::next(assertion->getIterator()), std::prev(block->end()));
  }
  if (!types.empty()) {
    SmallVector<Value> values;
    for (auto [operand, result] : llvm::zip(*yielded, ifOp.getResults())) {
      values.push_back(operand->get());
      operand->set(result);
    }
    rewriter.setInsertionPointToEnd(ifOp.thenBlock());
    scf::YieldOp::create(rewriter, loc, values);
  }
  rewriter.eraseOp(assertion);
}

/// Copies the flag back and fails with the message that it names.
static void checkFlag(RewriterBase &rewriter, Operation *before, Value flag, Value host,
                      ArrayRef<StringAttr> messages) {
  Location loc = before->getLoc();
  rewriter.setInsertionPoint(before);
  gpu::MemcpyOp::create(rewriter, loc, Type(), ValueRange(), host, flag);
  memref::DeallocOp::create(rewriter, loc, flag);
  Value code = memref::LoadOp::create(rewriter, loc, host, ValueRange());
  for (auto [index, message] : llvm::enumerate(messages)) {
    Value mine = arith::ConstantIntOp::create(rewriter, loc, index, 32);
    Value good = arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::ne, code, mine);
    cf::AssertOp::create(rewriter, loc, good, message);
  }
}

namespace {
struct AssertToFlag final : posenc::impl::PosEncAssertToFlagPassBase<AssertToFlag> {
  using Base::Base;

  void runOnOperation() override {
    FunctionOpInterface func = getOperation();
    if (func.isExternal() || isa<gpu::GPUFuncOp>(func.getOperation()))
      return;
    SmallVector<cf::AssertOp> assertions;
    llvm::MapVector<StringAttr, int64_t> messages;
    func.walk<WalkOrder::PreOrder>([&](cf::AssertOp assertion) {
      if (!assertion->getParentOfType<scf::ParallelOp>())
        return;
      assertions.push_back(assertion);
      messages.insert({assertion.getMsgAttr(), messages.size()});
    });
    if (!assertions.empty())
      rewrite(func, assertions, messages);
  }

  void rewrite(FunctionOpInterface func, ArrayRef<cf::AssertOp> assertions,
               const llvm::MapVector<StringAttr, int64_t> &messages) {
    IRRewriter rewriter(&getContext());
    Location loc = func.getLoc();
    rewriter.setInsertionPointToStart(&func.getFunctionBody().front());
    auto type = MemRefType::get({}, rewriter.getI32Type());
    Value host = memref::AllocaOp::create(rewriter, loc, type);
    Value flag = memref::AllocOp::create(rewriter, loc, type);
    Value none = arith::ConstantIntOp::create(rewriter, loc, -1, 32);
    gpu::MemsetOp::create(rewriter, loc, Type(), ValueRange(), flag, none);
    // Last first: what an assertion guards then holds the later ones already.
    for (cf::AssertOp assertion : llvm::reverse(assertions))
      guard(rewriter, assertion, flag, messages.lookup(assertion.getMsgAttr()));
    SmallVector<StringAttr> texts =
        llvm::map_to_vector(messages, [](auto &entry) { return entry.first; });
    SmallVector<func::ReturnOp> returns;
    func.walk([&](func::ReturnOp ret) { returns.push_back(ret); });
    for (func::ReturnOp ret : returns)
      checkFlag(rewriter, ret, flag, host, texts);
  }
};
} // namespace
