//===- LowerOps.cpp - Ops of a function on the host ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Defined.h"
#include "Lowering.h"
#include "Scalars.h"

#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::emulate;

Lowering::Lowering(Module &module, const PoisonAnalysis *analysis, Function &function)
    : module(module), analysis(analysis), function(function), frame(function.func),
      builder(function.func.getContext()), rules(poison, &builder, /*token=*/Value()) {}

void Lowering::forward(Value from, Value to) {
  from.replaceAllUsesWith(to);
  auto found = poison.find(from);
  if (found == poison.end())
    return;
  Lanes lanes = found->second;
  poison.erase(found);
  poison[to] = lanes;
}

void Lowering::replace(Operation *op, Value value) {
  forward(op->getResult(0), value);
  op->erase();
}

void Lowering::lowerAddress(LLVM::AddressOfOp op) {
  auto shared = module.shared.find(op.getGlobalName());
  if (shared == module.shared.end()) {
    op.setGlobalName(module.rename(op.getGlobalName()));
    return;
  }
  builder.setInsertionPoint(op);
  Type pointer = LLVM::LLVMPointerType::get(op.getContext());
  // The type stays until all ops are lowered: casts ask for it.
  Value base =
      frame.readThread(pointer, shared->second ? offsetof(posenc_emu_thread, shared)
                                               : offsetof(posenc_emu_thread, dynamic_shared));
  replace(op, LLVM::GEPOp::create(builder, op.getLoc(), op.getType(), builder.getI8Type(), base,
                                  LLVM::GEPArg(int32_t(shared->second.value_or(0)))));
}

/// Undefined on the device; the host's thread ends.
void Lowering::lowerUnreachable(LLVM::UnreachableOp op) {
  builder.setInsertionPoint(op);
  if (analysis)
    reportIf(op, frame.getConstant(builder.getI1Type(), 1), POSENC_EMU_BRANCH);
  Type type = frame.getFunc().getFunctionType().getReturnType();
  SmallVector<Value> values;
  if (!isa<LLVM::LLVMVoidType>(type))
    values.push_back(LLVM::ZeroOp::create(builder, op.getLoc(), type));
  LLVM::ReturnOp::create(builder, op.getLoc(), values);
  op->erase();
}

/// What tells LLVM about other threads or about aliases.
static void dropHints(Operation *op) {
  for (StringRef name : {"syncscope", "alias_scopes", "noalias_scopes", "tbaa", "access_groups",
                         "invariant", "invariantGroup", "dereferenceable", "loop_annotation"})
    op->removeAttr(name);
  op->removeDiscardableAttr("posenc.loop");
}

void Lowering::lower(Operation *op) {
  if (readsThread(op))
    return lowerThreadRead(op);
  if (isInstruction(op))
    return lowerInstruction(op);
  bool isPrivate = lowerPrivateAccess(op);
  builder.setInsertionPoint(op);
  if (!isPrivate) {
    if (analysis)
      reportPoison(op);
    reportAccess(op);
    if (analysis && !isa<LLVM::CallOp>(op))
      if (Lanes lanes = rules.visit(op); mayBePoison(lanes))
        poison[op->getResult(0)] = lanes;
  }
  dropHints(op);
  builder.setInsertionPoint(op);
  TypeSwitch<Operation *>(op)
      .Case<LLVM::UndefOp, LLVM::PoisonOp>([&](auto undefined) {
        replace(op, LLVM::ZeroOp::create(builder, op->getLoc(), undefined.getType()));
      })
      .Case([&](LLVM::AddressOfOp address) { lowerAddress(address); })
      .Case<LLVM::PtrToIntOp, LLVM::IntToPtrOp>([&](auto) { lowerAddressCast(op); })
      .Case([&](LLVM::AllocaOp alloca) { lowerAlloca(alloca); })
      .Case([&](LLVM::CallOp call) { lowerCall(call); })
      .Case([&](LLVM::UnreachableOp unreachable) { lowerUnreachable(unreachable); })
      .Case([&](LLVM::ReturnOp result) { returnPoison(result); })
      .Case<LLVM::BrOp, LLVM::CondBrOp, LLVM::SwitchOp>([&](auto) { passPoison(op); })
      .Case<LLVM::AssumeOp, LLVM::NoAliasScopeDeclOp, LLVM::LifetimeStartOp,
            LLVM::LifetimeEndOp, LLVM::DbgValueOp, LLVM::DbgDeclareOp, LLVM::DbgLabelOp>(
          [](auto hint) { hint->erase(); })
      .Default([&](Operation *other) {
        makeDefined(other, [&](Value from, Value to) { forward(from, to); });
      });
}

void Lowering::lowerAll() {
  privates = findPrivatePointers(function.func);
  addPoisonArguments();
  SmallVector<Operation *> ops;
  llvm::ReversePostOrderTraversal<Block *> order(&frame.getFunc().getBody().front());
  for (Block *block : order)
    for (Operation &op : *block)
      ops.push_back(&op);
  if (function.isKernel)
    readParameters();
  if (module.tables.hasStatistics())
    countOperations();
  for (Operation *op : ops)
    lower(op);
  mergeAddressSpaces(frame.getFunc());
  expandBF16(frame.getFunc());
}

void emulate::lowerFunction(Module &module, const PoisonAnalysis *analysis,
                            Function &function) {
  Lowering(module, analysis, function).lowerAll();
}
