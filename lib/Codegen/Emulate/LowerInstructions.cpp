//===- LowerInstructions.cpp - Instructions as calls of the emulator -----===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include "Scalars.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::emulate;

/// Number of the thread in its block, x fastest.
static Value getLinearId(OpBuilder &builder, Location loc, Frame &frame) {
  auto read = [&](size_t offset, unsigned dimension) {
    return frame.readThread(builder.getI32Type(), offset + dimension * sizeof(uint32_t));
  };
  Value linear = read(offsetof(posenc_emu_thread, thread_id), 2);
  for (unsigned dimension : {1, 0}) {
    Value size = read(offsetof(posenc_emu_thread, block_size), dimension);
    Value id = read(offsetof(posenc_emu_thread, thread_id), dimension);
    linear =
        LLVM::AddOp::create(builder, loc, LLVM::MulOp::create(builder, loc, linear, size), id);
  }
  return linear;
}

void Lowering::lowerThreadRead(Operation *op) {
  builder.setInsertionPoint(op);
  StringRef name = getInstructionName(op);
  Type i32 = builder.getI32Type(), type = op->getResult(0).getType();
  Value value;
  if (std::optional<size_t> offset = findThreadField(name))
    value = frame.readThread(i32, *offset);
  else
    value = frame.getConstant(i32, module.tables.getWave());
  if (readsLane(name))
    value = LLVM::URemOp::create(builder, op->getLoc(),
                                 getLinearId(builder, op->getLoc(), frame), value);
  unsigned width = type.getIntOrFloatBitWidth();
  if (width > 32)
    value = LLVM::ZExtOp::create(builder, op->getLoc(), type, value);
  else if (width < 32)
    value = LLVM::TruncOp::create(builder, op->getLoc(), type, value);
  replace(op, value);
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

static Value getElement(OpBuilder &builder, Location loc, Value base, unsigned index,
                        Type element) {
  if (index == 0)
    return base;
  return LLVM::GEPOp::create(builder, loc, base.getType(), element, base,
                             LLVM::GEPArg(int32_t(index)));
}

/// Integers of other widths than memory has are stored in the next whole bytes.
static Type getStoredType(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return type;
  return IntegerType::get(type.getContext(),
                          llvm::PowerOf2Ceil(std::max(8u, integer.getWidth())));
}

static void storeSlots(OpBuilder &builder, Location loc, Value slots, ArrayRef<Value> scalars) {
  for (auto [i, scalar] : llvm::enumerate(scalars)) {
    Type stored = getStoredType(scalar.getType());
    Value value = scalar;
    if (stored != scalar.getType())
      value = LLVM::ZExtOp::create(builder, loc, stored, scalar);
    LLVM::StoreOp::create(builder, loc, value,
                          getElement(builder, loc, slots, i, builder.getI64Type()));
  }
}

Value Lowering::storePoison(Operation *op) {
  Location loc = op->getLoc();
  SmallVector<std::pair<unsigned, Value>> found;
  unsigned count = 0;
  for (Value operand : op->getOperands()) {
    for (auto [i, lane] : llvm::enumerate(rules.get(operand)))
      if (lane)
        found.push_back({count + i, lane});
    count += countScalars(operand.getType());
  }
  if (found.empty())
    return LLVM::ZeroOp::create(builder, loc, frame.getThread().getType());
  Value bytes = frame.getBuffer(Frame::OperandPoison, count);
  Type i8 = builder.getI8Type();
  LLVM::MemsetOp::create(builder, loc, bytes, frame.getConstant(i8, 0),
                         frame.getConstant(builder.getI64Type(), count),
                         /*isVolatile=*/false);
  for (auto [i, lane] : found)
    LLVM::StoreOp::create(builder, loc, LLVM::ZExtOp::create(builder, loc, i8, lane),
                          getElement(builder, loc, bytes, i, i8));
  return bytes;
}

void Lowering::loadResults(Operation *op, Value slots, Value bytes) {
  Location loc = op->getLoc();
  unsigned at = 0;
  Type i8 = builder.getI8Type();
  for (OpResult result : op->getResults()) {
    SmallVector<Type> types;
    getScalarTypes(result.getType(), types);
    SmallVector<Value> scalars;
    Lanes lanes;
    for (Type type : types) {
      Type stored = getStoredType(type);
      Value value = LLVM::LoadOp::create(
          builder, loc, stored, getElement(builder, loc, slots, at, builder.getI64Type()));
      if (stored != type)
        value = LLVM::TruncOp::create(builder, loc, type, value);
      scalars.push_back(value);
      if (bytes) {
        Value byte =
            LLVM::LoadOp::create(builder, loc, i8, getElement(builder, loc, bytes, at, i8));
        lanes.push_back(LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne, byte,
                                             frame.getConstant(i8, 0)));
      }
      ++at;
    }
    ArrayRef<Value> rest = scalars;
    Value whole = joinScalars(builder, loc, result.getType(), rest);
    result.replaceAllUsesWith(whole);
    if (bytes)
      poison[whole] = lanes;
  }
}

void Lowering::lowerInstruction(Operation *op) {
  builder.setInsertionPoint(op);
  Location loc = op->getLoc();
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    splitScalars(builder, loc, operand, operands);
  SmallVector<Type> results;
  for (Type type : op->getResultTypes())
    getScalarTypes(type, results);

  Value null = LLVM::ZeroOp::create(builder, loc, frame.getThread().getType());
  Value from = operands.empty() ? null : frame.getBuffer(Frame::OperandSlots, operands.size());
  Value to = results.empty() ? null : frame.getBuffer(Frame::ResultSlots, results.size());
  storeSlots(builder, loc, from, operands);
  bool mayReturn = analysis && !results.empty() && mayReturnPoison(op, [&](Value value) {
                     return mayBePoison(rules.get(value));
                   });
  Value operandPoison = analysis ? storePoison(op) : null;
  Value resultPoison;
  if (mayReturn)
    resultPoison = frame.getBuffer(Frame::ResultPoison, results.size());
  uint32_t site = module.tables.addSite(
      POSENC_EMU_INSTRUCTION, getInstructionName(op), formatLocation(op), formatAttributes(op),
      formatSignature(op->getOperandTypes(), op->getResultTypes()));
  frame.callAPI(builder, loc, offsetof(posenc_emu_api, call),
                {frame.getConstant(builder.getI32Type(), site), from, to, operandPoison,
                 resultPoison ? resultPoison : null});
  loadResults(op, to, resultPoison);
  op->erase();
}
