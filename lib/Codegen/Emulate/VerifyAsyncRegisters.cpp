//===- VerifyAsyncRegisters.cpp - Registers that wgmma still writes -------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emulate.h"

#include "posenc/Codegen/Emulate/Passes.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCVERIFYASYNCREGISTERSPASS
#include "posenc/Codegen/Emulate/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;

namespace {
/// A write that may not have happened yet.
struct Pending {
  /// Groups that were committed after the one it is in; uncommitted: in none yet.
  int64_t newerGroups;
  Operation *writer;
};
constexpr int64_t uncommitted = -1;

/// What is pending at a point of the program, by value.
using State = llvm::MapVector<Value, Pending>;

/// Forward over the blocks of a function. Where paths meet, the write that fewer
/// commits followed remains: it is the last to complete.
class Analysis {
public:
  LogicalResult run(Region &region);

private:
  /// The state after an op. With `report`, emits errors for its uses.
  void visit(Operation &op, State &state, bool report);
  void visitUses(Operation &op, const State &state);
  void flow(Block &block, const State &state);
  bool merge(State &into, Value value, Pending pending);

  DenseMap<Block *, State> starts;
  llvm::SetVector<Block *> work;
  bool good = true;
};
} // namespace

/// True for ops that only name parts of registers anew.
static bool renames(Operation &op) {
  return isa<LLVM::ExtractValueOp, LLVM::InsertValueOp, LLVM::BitcastOp>(op);
}

/// Operands that the op reads, as far as pending writes are concerned.
static bool isRead(OpOperand &operand) {
  Operation *op = operand.getOwner();
  if (renames(*op))
    return false;
  if (auto mma = dyn_cast<NVVM::WgmmaMmaAsyncOp>(op))
    return operand.get() != mma.getInouts();
  auto branch = dyn_cast<BranchOpInterface>(op);
  if (!branch)
    return true;
  return !branch.getSuccessorBlockArgument(operand.getOperandNumber());
}

void Analysis::visitUses(Operation &op, const State &state) {
  for (OpOperand &operand : op.getOpOperands()) {
    auto found = state.find(operand.get());
    if (found == state.end() || !isRead(operand))
      continue;
    const Pending &pending = found->second;
    InFlightDiagnostic error =
        op.emitOpError("uses registers that an asynchronous instruction may still write: ");
    if (pending.newerGroups == uncommitted)
      error << "expected its group to be committed and waited for";
    else
      error << "expected a wait that leaves at most " << pending.newerGroups
            << " groups pending";
    error.attachNote(pending.writer->getLoc()) << "the instruction is here";
    good = false;
    return;
  }
}

void Analysis::visit(Operation &op, State &state, bool report) {
  if (report)
    visitUses(op, state);
  if (isa<NVVM::WgmmaGroupSyncAlignedOp>(op)) {
    for (auto &entry : state)
      ++entry.second.newerGroups;
  } else if (auto wait = dyn_cast<NVVM::WgmmaWaitGroupSyncOp>(op)) {
    int64_t left = wait.getGroup();
    state.remove_if([&](const auto &entry) {
      return entry.second.newerGroups != uncommitted && entry.second.newerGroups >= left;
    });
  } else if (isa<NVVM::WgmmaMmaAsyncOp>(op)) {
    state[op.getResult(0)] = {uncommitted, &op};
  } else if (renames(op)) {
    state.erase(op.getResult(0));
    for (Value operand : op.getOperands())
      if (auto found = state.find(operand); found != state.end())
        merge(state, op.getResult(0), Pending(found->second));
  }
}

bool Analysis::merge(State &into, Value value, Pending pending) {
  auto [known, isNew] = into.insert({value, pending});
  if (isNew || pending.newerGroups >= known->second.newerGroups)
    return isNew;
  known->second = pending;
  return true;
}

void Analysis::flow(Block &block, const State &state) {
  auto branch = dyn_cast<BranchOpInterface>(block.getTerminator());
  for (auto [i, successor] : llvm::enumerate(block.getSuccessors())) {
    auto [start, isNew] = starts.try_emplace(successor);
    bool changed = isNew;
    for (auto [value, pending] : state)
      if (auto argument = dyn_cast<BlockArgument>(value);
          !argument || argument.getOwner() != successor)
        changed |= merge(start->second, value, pending);
    if (branch) {
      SuccessorOperands operands = branch.getSuccessorOperands(i);
      for (BlockArgument argument : successor->getArguments()) {
        Value passed = operands[argument.getArgNumber()];
        if (auto found = state.find(passed); passed && found != state.end())
          changed |= merge(start->second, argument, found->second);
      }
    }
    if (changed)
      work.insert(successor);
  }
}

LogicalResult Analysis::run(Region &region) {
  starts.try_emplace(&region.front());
  work.insert(&region.front());
  while (!work.empty()) {
    Block *block = work.pop_back_val();
    State state = starts[block];
    for (Operation &op : *block)
      visit(op, state, /*report=*/false);
    flow(*block, state);
  }
  for (Block &block : region) {
    State state = starts.lookup(&block);
    for (Operation &op : block)
      visit(op, state, /*report=*/true);
  }
  return success(good);
}

LogicalResult emulate::verifyAsyncRegisters(Operation *root) {
  bool good = true;
  root->walk([&](FunctionOpInterface function) {
    if (!function.isExternal())
      good = succeeded(Analysis().run(function.getFunctionBody())) && good;
  });
  return success(good);
}

namespace {
struct VerifyAsyncRegisters final
    : public posenc::impl::PosEncVerifyAsyncRegistersPassBase<VerifyAsyncRegisters> {
  void runOnOperation() override {
    if (failed(emulate::verifyAsyncRegisters(getOperation())))
      return signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
