//===- PoisonAnalysis.cpp - Where poison may get --------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emulate.h"
#include "Poison.h"
#include "Scalars.h"

#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "llvm/ADT/PostOrderIterator.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::emulate;

static llvm::BitVector getBits(const Lanes &lanes, unsigned count) {
  llvm::BitVector bits(count);
  for (auto [i, lane] : llvm::enumerate(lanes))
    if (lane)
      bits.set(i);
  return bits;
}

llvm::BitVector PoisonAnalysis::getArgument(BlockArgument argument) const {
  return getBits(known.lookup(argument), countScalars(argument.getType()));
}

llvm::BitVector PoisonAnalysis::getResults(LLVM::LLVMFuncOp function) const {
  return getBits(results.lookup(function),
                 countScalars(function.getFunctionType().getReturnType()));
}

void PoisonAnalysis::join(Lanes &into, const Lanes &lanes) {
  if (lanes.empty())
    return;
  into.resize(std::max(into.size(), lanes.size()));
  for (auto [old, lane] : llvm::zip(into, lanes)) {
    changed |= lane && !old;
    old = old ? old : lane;
  }
}

Lanes PoisonAnalysis::visitCall(LLVM::CallOp call, PoisonRules &rules) {
  LLVM::LLVMFuncOp callee = resolve(call);
  Block &entry = callee.getBody().front();
  // The first parameter is the thread.
  for (auto [i, operand] : llvm::enumerate(call.getArgOperands())) {
    Lanes lanes = rules.get(operand);
    join(known[entry.getArgument(i + 1)], lanes);
  }
  return results.lookup(callee);
}

void PoisonAnalysis::visitTerminator(Operation *op, PoisonRules &rules) {
  if (auto result = dyn_cast<LLVM::ReturnOp>(op); result && result.getArg()) {
    Lanes lanes = rules.get(result.getArg());
    join(results[op->getParentOp()], lanes);
  }
  auto branch = dyn_cast<BranchOpInterface>(op);
  for (unsigned i = 0, e = op->getNumSuccessors(); branch && i < e; ++i) {
    SuccessorOperands operands = branch.getSuccessorOperands(i);
    for (BlockArgument argument : op->getSuccessor(i)->getArguments()) {
      Lanes lanes = rules.get(operands[argument.getArgNumber()]);
      join(known[argument], lanes);
    }
  }
}

Lanes PoisonAnalysis::visitOp(Operation *op, PoisonRules &rules, Value token) {
  if (auto call = dyn_cast<LLVM::CallOp>(op))
    return visitCall(call, rules);
  auto load = dyn_cast<LLVM::LoadOp>(op);
  bool isUnknown = load && privates.count(load.getAddr());
  if (isInstruction(op))
    isUnknown = mayReturnPoison(op, [&](Value value) { return mayBePoison(rules.get(value)); });
  else if (!isUnknown)
    return rules.visit(op);
  Lanes lanes;
  for (Type type : op->getResultTypes())
    lanes.append(isUnknown ? countScalars(type) : 0, token);
  return lanes;
}

void PoisonAnalysis::visit(LLVM::LLVMFuncOp function) {
  Block *entry = &function.getBody().front();
  Value token = entry->getArgument(0);
  PoisonRules rules(known, /*builder=*/nullptr, token);
  llvm::ReversePostOrderTraversal<Block *> order(entry);
  for (Block *block : order)
    for (Operation &op : *block) {
      if (op.hasTrait<OpTrait::IsTerminator>()) {
        visitTerminator(&op, rules);
        continue;
      }
      Lanes lanes = visitOp(&op, rules, token);
      ArrayRef<Value> rest = lanes;
      for (OpResult result : op.getResults()) {
        ArrayRef<Value> own = rest.take_front(countScalars(result.getType()));
        rest = rest.drop_front(own.size());
        if (!own.empty())
          known[result] = Lanes(own);
      }
    }
}

void PoisonAnalysis::run(ArrayRef<LLVM::LLVMFuncOp> functions) {
  for (LLVM::LLVMFuncOp function : functions)
    for (auto [pointer, alloca] : findPrivatePointers(function))
      privates[pointer] = alloca;
  do {
    changed = false;
    for (LLVM::LLVMFuncOp function : functions)
      visit(function);
  } while (changed);
}
