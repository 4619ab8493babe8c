//===- LowerCalls.cpp - Poison between blocks and functions --------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "mlir/Interfaces/ControlFlowInterfaces.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::emulate;

/// The type of a function's result and of the i1 that go with it.
static Type withPoison(Type type, unsigned count) {
  SmallVector<Type> fields(count, IntegerType::get(type.getContext(), 1));
  fields.insert(fields.begin(), type);
  return count == 0 ? type : LLVM::LLVMStructType::getLiteral(type.getContext(), fields);
}

void Lowering::addPoisonArguments() {
  if (!analysis)
    return;
  LLVM::LLVMFuncOp func = frame.getFunc();
  Type i1 = builder.getI1Type();
  for (Block &block : func.getBody())
    for (BlockArgument argument : SmallVector<BlockArgument>(block.getArguments())) {
      llvm::BitVector bits = analysis->getArgument(argument);
      if (bits.none())
        continue;
      Lanes lanes(bits.size());
      for (unsigned i : bits.set_bits())
        lanes[i] = block.addArgument(i1, argument.getLoc());
      poison[argument] = lanes;
    }
  if (function.isKernel)
    return; // the emulator calls it
  unsigned results = analysis->getResults(func).count();
  SmallVector<Type> parameters(func.getBody().front().getArgumentTypes());
  func.setFunctionType(LLVM::LLVMFunctionType::get(
      withPoison(func.getFunctionType().getReturnType(), results), parameters));
}

/// The lanes that the other side knows of, false where they are never poison here.
static void appendLanes(SmallVectorImpl<Value> &out, const llvm::BitVector &bits,
                        const Lanes &lanes, Value never) {
  for (unsigned i : bits.set_bits())
    out.push_back(!lanes.empty() && lanes[i] ? lanes[i] : never);
}

void Lowering::passPoison(Operation *terminator) {
  if (!analysis)
    return;
  auto branch = cast<BranchOpInterface>(terminator);
  for (unsigned i = 0, e = terminator->getNumSuccessors(); i < e; ++i) {
    SuccessorOperands operands = branch.getSuccessorOperands(i);
    SmallVector<Value> passed;
    // The last arguments of the block are those that this appends.
    for (unsigned j = 0, n = operands.size(); j < n; ++j)
      appendLanes(passed, analysis->getArgument(terminator->getSuccessor(i)->getArgument(j)),
                  rules.get(operands[j]), frame.getConstant(builder.getI1Type(), 0));
    if (!passed.empty())
      operands.append(passed);
  }
}

void Lowering::returnPoison(LLVM::ReturnOp op) {
  if (!analysis || !op.getArg())
    return;
  llvm::BitVector bits = analysis->getResults(frame.getFunc());
  if (bits.none())
    return;
  SmallVector<Value> fields = {op.getArg()};
  appendLanes(fields, bits, rules.get(op.getArg()), frame.getConstant(builder.getI1Type(), 0));
  Value whole = LLVM::ZeroOp::create(builder, op.getLoc(),
                                     withPoison(op.getArg().getType(), bits.count()));
  for (auto [i, field] : llvm::enumerate(fields))
    whole = LLVM::InsertValueOp::create(builder, op.getLoc(), whole, field, i);
  op.getArgMutable().assign(whole);
}

void Lowering::lowerCall(LLVM::CallOp op) {
  std::string name = module.rename(*op.getCallee());
  auto callee = module.host.lookupSymbol<LLVM::LLVMFuncOp>(name);
  Location loc = op.getLoc();
  SmallVector<Value> arguments = {frame.getThread()};
  llvm::append_range(arguments, op.getArgOperands());
  llvm::BitVector bits;
  if (analysis) {
    Block &entry = callee.getBody().front();
    for (auto [i, operand] : llvm::enumerate(op.getArgOperands()))
      appendLanes(arguments, analysis->getArgument(entry.getArgument(i + 1)),
                  rules.get(operand), frame.getConstant(builder.getI1Type(), 0));
    bits = analysis->getResults(callee);
  }
  SmallVector<Type> results(op.getResultTypes());
  if (bits.any())
    results = {withPoison(results[0], bits.count())};
  auto call = LLVM::CallOp::create(builder, loc, results, name, arguments);
  if (bits.none()) {
    op->replaceAllUsesWith(call);
    return op->erase();
  }
  Lanes lanes(bits.size());
  for (auto [field, lane] : llvm::enumerate(bits.set_bits()))
    lanes[lane] = LLVM::ExtractValueOp::create(builder, loc, call.getResult(), field + 1);
  poison[op.getResult()] = lanes;
  replace(op, LLVM::ExtractValueOp::create(builder, loc, call.getResult(), 0));
}
