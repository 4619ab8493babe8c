//===- PrivateMemory.cpp - Variables of one thread ------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// The emulator does not follow the memory of one thread; a second alloca here has a
// byte for each byte of the first that says whether it is poison.
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include "Scalars.h"

#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::emulate;

/// Room behind a variable, for an access that is wider than it.
static constexpr uint64_t padding = 64;

//===----------------------------------------------------------------------===//
// What is followed
//===----------------------------------------------------------------------===//

/// Bytes of a scalar in memory, if lanes lie one behind the other; else 0.
static uint64_t getScalarBytes(Type type, Operation *op) {
  Type element = getElementTypeOrSelf(type);
  if (!isa<IntegerType, FloatType, LLVM::LLVMPointerType>(element))
    return 0;
  uint64_t bytes = DataLayout::closest(op).getTypeSize(element).getFixedValue();
  bool isWhole = isa<LLVM::LLVMPointerType>(element) ||
                 element.getIntOrFloatBitWidth() == 8 * bytes || !isa<VectorType>(type);
  bool isGood = isWhole && llvm::isPowerOf2_64(bytes) && bytes <= 8;
  return isGood && bytes * countScalars(type) <= padding ? bytes : 0;
}

static bool isFollowed(OpOperand &use, SmallVectorImpl<Value> &pointers) {
  Operation *op = use.getOwner();
  bool isFirst = use.getOperandNumber() == 0;
  if ((isa<LLVM::GEPOp>(op) && isFirst) || isa<LLVM::AddrSpaceCastOp, LLVM::BitcastOp>(op)) {
    pointers.push_back(op->getResult(0));
    return isa<LLVM::LLVMPointerType>(op->getResult(0).getType());
  }
  if (auto load = dyn_cast<LLVM::LoadOp>(op))
    return getScalarBytes(load.getType(), op) != 0;
  if (auto store = dyn_cast<LLVM::StoreOp>(op))
    return !isFirst && getScalarBytes(store.getValue().getType(), op) != 0;
  return isa<LLVM::LifetimeStartOp, LLVM::LifetimeEndOp>(op);
}

PrivatePointers emulate::findPrivatePointers(LLVM::LLVMFuncOp func) {
  PrivatePointers found;
  func.walk([&](LLVM::AllocaOp alloca) {
    SmallVector<Value> pointers = {alloca};
    for (unsigned i = 0; i < pointers.size(); ++i)
      for (OpOperand &use : pointers[i].getUses())
        if (!isFollowed(use, pointers))
          return;
    for (Value pointer : pointers)
      found[pointer] = alloca;
  });
  return found;
}

static uint64_t getCount(LLVM::AllocaOp op) {
  auto size = op.getArraySize().getDefiningOp<LLVM::ConstantOp>();
  return cast<IntegerAttr>(size.getValue()).getValue().getZExtValue();
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

/// All memory of a function is made at its start, or a loop would eat the stack.
void Lowering::lowerAlloca(LLVM::AllocaOp op) {
  Block *entry = &frame.getFunc().getBody().front();
  uint64_t count = getCount(op);
  uint64_t element = DataLayout::closest(op).getTypeSize(op.getElemType()).getFixedValue();
  Type sizeType = op.getArraySize().getType();
  builder.setInsertionPointAfter(op);
  Value bytes = frame.getConstant(builder.getI64Type(), count * element);
  if (analysis && privates.count(op)) {
    Value shadow = frame.createBytes(count * element + padding);
    variables[op] = {shadow, count * element};
    LLVM::MemsetOp::create(builder, op.getLoc(), shadow,
                           frame.getConstant(builder.getI8Type(), 1), bytes,
                           /*isVolatile=*/false);
    count += llvm::divideCeil(padding, std::max<uint64_t>(element, 1));
  } else if (module.tables.hasChecks()) {
    uint32_t site = module.tables.addSite(POSENC_EMU_INSTRUCTION, getInstructionName(op),
                                          formatLocation(op));
    frame.callAPI(builder, op.getLoc(), offsetof(posenc_emu_api, allocated),
                  {op, bytes, frame.getConstant(builder.getI32Type(), site)});
    count += llvm::divideCeil(POSENC_EMU_PRIVATE_GAP, std::max<uint64_t>(element, 1));
  }
  op.getArraySizeMutable().assign(frame.getConstant(sizeType, count));
  if (op->getBlock() != entry)
    op->moveBefore(entry->getTerminator());
}

/// Reports an access beyond the variable, and lets it happen at its start instead.
Value Lowering::getPrivateOffset(Operation *op, OpOperand &address, uint64_t bytes) {
  Location loc = op->getLoc();
  Type i64 = builder.getI64Type();
  LLVM::AllocaOp alloca = privates.lookup(address.get());
  Value base = LLVM::PtrToIntOp::create(builder, loc, i64, alloca);
  Value at = LLVM::PtrToIntOp::create(builder, loc, i64, address.get());
  Value offset = LLVM::SubOp::create(builder, loc, at, base);
  uint64_t size = variables.lookup(alloca).second;
  // An access of more than the whole variable is never good.
  uint64_t beyond = size >= bytes ? size - bytes + 1 : 0;
  Value bad = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::uge, offset,
                                   frame.getConstant(i64, beyond));
  Value index = rules.any(rules.get(address.get()));
  reportIf(op, rules.either(bad, index), POSENC_EMU_ADDRESS);
  offset = LLVM::SelectOp::create(builder, loc, bad, frame.getConstant(i64, 0), offset);
  address.set(LLVM::GEPOp::create(builder, loc, address.get().getType(), builder.getI8Type(),
                                  alloca, LLVM::GEPArg(offset)));
  return LLVM::GEPOp::create(builder, loc, frame.getThread().getType(), builder.getI8Type(),
                             variables.lookup(alloca).first, LLVM::GEPArg(offset));
}

bool Lowering::lowerPrivateAccess(Operation *op) {
  auto load = dyn_cast<LLVM::LoadOp>(op);
  auto store = dyn_cast<LLVM::StoreOp>(op);
  if (!analysis || (!load && !store))
    return false;
  OpOperand &address = load ? load.getAddrMutable() : store.getAddrMutable();
  if (!privates.count(address.get()))
    return false;
  builder.setInsertionPoint(op);
  Location loc = op->getLoc();
  Type type = load ? load.getType() : store.getValue().getType();
  uint64_t bytes = getScalarBytes(type, op);
  unsigned count = countScalars(type);
  Type word = builder.getIntegerType(8 * bytes);
  Value shadow = getPrivateOffset(op, address, bytes * count);
  Lanes lanes = store ? rules.get(store.getValue()) : Lanes();
  lanes.resize(count);
  for (unsigned i = 0; i < count; ++i) {
    Value at = LLVM::GEPOp::create(builder, loc, shadow.getType(), word, shadow,
                                   LLVM::GEPArg(int32_t(i)));
    if (store) {
      Value value = frame.getConstant(word, 0);
      if (lanes[i])
        value = LLVM::SExtOp::create(builder, loc, word, lanes[i]);
      LLVM::StoreOp::create(builder, loc, value, at, /*alignment=*/1);
    } else {
      Value value = LLVM::LoadOp::create(builder, loc, word, at, /*alignment=*/1);
      lanes[i] = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne, value,
                                      frame.getConstant(word, 0));
    }
  }
  if (load)
    poison[load.getResult()] = lanes;
  return true;
}
