//===- LowerKernel.cpp - Functions of the device on the host --------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Defined.h"
#include "Emulate.h"
#include "Scalars.h"

#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::emulate;

//===----------------------------------------------------------------------===//
// Signatures
//===----------------------------------------------------------------------===//

bool emulate::isKernel(LLVM::LLVMFuncOp func) {
  return func->hasAttr("gpu.kernel") || func->hasAttr("nvvm.kernel") ||
         func->hasAttr("rocdl.kernel");
}

/// Parameter `index` of a kernel out of the array that has a pointer to each.
static Value readParameter(OpBuilder &builder, Location loc, Value array, unsigned index,
                           Type type, bool isByValue) {
  Type pointer = array.getType();
  Value at = LLVM::GEPOp::create(builder, loc, pointer, pointer, array,
                                 LLVM::GEPArg(int32_t(index)));
  Value address = LLVM::LoadOp::create(builder, loc, pointer, at);
  return isByValue ? address : LLVM::LoadOp::create(builder, loc, type, address);
}

/// The old parameters of `from`, read at the start of a kernel.
static void readParameters(LLVM::LLVMFuncOp from, Block &entry) {
  OpBuilder builder = OpBuilder::atBlockBegin(&entry);
  Location loc = from.getLoc();
  for (unsigned i = 0, e = entry.getNumArguments() - 2; i < e; ++i) {
    BlockArgument old = entry.getArgument(i + 2);
    if (old.use_empty())
      continue;
    bool isByValue = bool(from.getArgAttr(i, LLVM::LLVMDialect::getByValAttrName()));
    old.replaceAllUsesWith(
        readParameter(builder, loc, entry.getArgument(1), i, old.getType(), isByValue));
  }
  entry.eraseArguments(2, entry.getNumArguments() - 2);
}

LLVM::LLVMFuncOp emulate::moveFunction(Module &module, LLVM::LLVMFuncOp func) {
  OpBuilder builder(module.source);
  Type pointer = LLVM::LLVMPointerType::get(func.getContext());
  bool kernel = isKernel(func);
  SmallVector<Type> parameters = {pointer};
  if (kernel)
    parameters.push_back(pointer);
  else
    llvm::append_range(parameters, func.getArgumentTypes());
  auto type = LLVM::LLVMFunctionType::get(func.getFunctionType().getReturnType(), parameters);
  auto moved = LLVM::LLVMFuncOp::create(builder, func.getLoc(), module.rename(func.getName()),
                                        type, LLVM::Linkage::Internal);
  moved.getBody().takeBody(func.getBody());
  Block &entry = moved.getBody().front();
  entry.insertArgument(0u, pointer, func.getLoc());
  if (!kernel)
    return moved;
  entry.insertArgument(1u, pointer, func.getLoc());
  readParameters(func, entry);
  module.tables.addKernel(func.getName(), formatLocation(func), moved.getName(),
                          func.getNumArguments());
  return moved;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

namespace {
class Lowering {
public:
  Lowering(Module &module, LLVM::LLVMFuncOp func) : module(module), frame(func) {}
  void lowerAll();

private:
  void lower(Operation *op);
  void lowerAddress(LLVM::AddressOfOp op);
  void lowerAlloca(LLVM::AllocaOp op);
  void lowerCall(LLVM::CallOp op);
  void lowerUnreachable(LLVM::UnreachableOp op);
  void replace(Operation *op, Value value) {
    op->replaceAllUsesWith(ValueRange(value));
    op->erase();
  }

  Module &module;
  Frame frame;
};
} // namespace

void Lowering::lowerAddress(LLVM::AddressOfOp op) {
  auto shared = module.shared.find(op.getGlobalName());
  if (shared == module.shared.end()) {
    op.setGlobalName(module.rename(op.getGlobalName()));
    return;
  }
  OpBuilder builder(op);
  Type pointer = LLVM::LLVMPointerType::get(op.getContext());
  if (!shared->second)
    return replace(op, frame.readThread(pointer, offsetof(posenc_emu_thread, dynamic_shared)));
  Value base = frame.readThread(pointer, offsetof(posenc_emu_thread, shared));
  replace(op, LLVM::GEPOp::create(builder, op.getLoc(), op.getType(), builder.getI8Type(), base,
                                  LLVM::GEPArg(int32_t(*shared->second))));
}

/// All memory of a function is made at its start, or a loop would eat the stack.
void Lowering::lowerAlloca(LLVM::AllocaOp op) {
  auto size = op.getArraySize().getDefiningOp<LLVM::ConstantOp>();
  Block *entry = &frame.getFunc().getBody().front();
  uint64_t count = cast<IntegerAttr>(size.getValue()).getValue().getZExtValue();
  uint64_t bytes =
      count * DataLayout::closest(op).getTypeSize(op.getElemType()).getFixedValue();
  OpBuilder builder(op);
  builder.setInsertionPointAfter(op);
  if (module.tables.hasChecks()) {
    uint32_t site = module.tables.addSite(POSENC_EMU_INSTRUCTION, getInstructionName(op),
                                          formatLocation(op));
    frame.callAPI(builder, op.getLoc(), offsetof(posenc_emu_api, allocated),
                  {op, frame.getConstant(builder.getI64Type(), bytes),
                   frame.getConstant(builder.getI32Type(), site)});
  }
  op.getArraySizeMutable().assign(frame.getConstant(size.getType(), count));
  if (op->getBlock() != entry)
    op->moveBefore(entry->getTerminator());
}

void Lowering::lowerCall(LLVM::CallOp op) {
  OpBuilder builder(op);
  SmallVector<Value> arguments = {frame.getThread()};
  llvm::append_range(arguments, op.getArgOperands());
  auto call = LLVM::CallOp::create(builder, op.getLoc(), op.getResultTypes(),
                                   module.rename(*op.getCallee()), arguments);
  op->replaceAllUsesWith(call);
  op->erase();
}

/// Undefined on the device; the host's thread ends.
void Lowering::lowerUnreachable(LLVM::UnreachableOp op) {
  OpBuilder builder(op);
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
    return lowerThreadRead(module, frame, op);
  if (isInstruction(op))
    return lowerInstruction(module, frame, op);
  if (module.tables.hasChecks())
    reportAccess(module, frame, op);
  dropHints(op);
  OpBuilder builder(op);
  TypeSwitch<Operation *>(op)
      .Case<LLVM::UndefOp, LLVM::PoisonOp>([&](auto undefined) {
        replace(op, LLVM::ZeroOp::create(builder, op->getLoc(), undefined.getType()));
      })
      .Case([&](LLVM::AddressOfOp address) { lowerAddress(address); })
      .Case([&](LLVM::AllocaOp alloca) { lowerAlloca(alloca); })
      .Case([&](LLVM::CallOp call) { lowerCall(call); })
      .Case([&](LLVM::UnreachableOp unreachable) { lowerUnreachable(unreachable); })
      .Case<LLVM::AssumeOp, LLVM::NoAliasScopeDeclOp, LLVM::LifetimeStartOp,
            LLVM::LifetimeEndOp, LLVM::DbgValueOp, LLVM::DbgDeclareOp, LLVM::DbgLabelOp>(
          [](auto hint) { hint->erase(); })
      .Default([](Operation *other) { makeDefined(other); });
}

void Lowering::lowerAll() {
  expandSharedIntegers(frame);
  SmallVector<Operation *> ops;
  llvm::ReversePostOrderTraversal<Block *> order(&frame.getFunc().getBody().front());
  for (Block *block : order)
    for (Operation &op : *block)
      ops.push_back(&op);
  for (Operation *op : ops)
    lower(op);
  mergeAddressSpaces(frame.getFunc());
  expandBF16(frame.getFunc());
}

void emulate::lowerFunction(Module &module, LLVM::LLVMFuncOp func) {
  Lowering(module, func).lowerAll();
}
