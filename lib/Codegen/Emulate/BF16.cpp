//===- BF16.cpp - bf16 without the host's help ----------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Hosts without bf16 call a function per conversion, which a JIT may not find. Here
// bf16 is the upper half of an f32, as integers.
//===----------------------------------------------------------------------===//

#include "Defined.h"
#include "Emulate.h"

#include "posenc/Dialect/PosEnc/Utils/BF16.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::emulate;

static bool isBF16(Type type) { return getElementTypeOrSelf(type).isBF16(); }

/// A type of the same shape.
static Type withElement(Type type, Type element) {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? Type(VectorType::get(vector.getShape(), element)) : element;
}

namespace {
/// Emits conversions at one place.
class Converter {
public:
  Converter(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  Value extend(Value value);
  Value truncate(Value value);

private:
  Value integer(Type type, uint64_t value) {
    unsigned width = getElementTypeOrSelf(type).getIntOrFloatBitWidth();
    return createSplat(builder, loc, type, APInt(width, value));
  }
  Value cast(Type type, Value value) {
    return LLVM::BitcastOp::create(builder, loc, type, value);
  }
  Value roundToOdd(Value value);

  OpBuilder &builder;
  Location loc;
};
} // namespace

/// bf16 → f32.
Value Converter::extend(Value value) {
  Type i16 = withElement(value.getType(), builder.getI16Type());
  Type i32 = withElement(value.getType(), builder.getI32Type());
  Value bits = LLVM::ZExtOp::create(builder, loc, i32, cast(i16, value));
  bits = LLVM::ShlOp::create(builder, loc, bits, integer(i32, 16));
  return cast(withElement(value.getType(), builder.getF32Type()), bits);
}

/// f64 → f32 so that rounding the result again is as good as rounding once: what is
/// cut off leaves a trace in the last bit.
Value Converter::roundToOdd(Value value) {
  Type f32 = withElement(value.getType(), builder.getF32Type());
  Type i32 = withElement(value.getType(), builder.getI32Type());
  Value near = LLVM::FPTruncOp::create(builder, loc, f32, value);
  Value back = LLVM::FPExtOp::create(builder, loc, value.getType(), near);
  Value inexact = LLVM::FCmpOp::create(builder, loc, LLVM::FCmpPredicate::one, back, value);
  Value away = LLVM::FCmpOp::create(builder, loc, LLVM::FCmpPredicate::ogt,
                                    LLVM::FAbsOp::create(builder, loc, back),
                                    LLVM::FAbsOp::create(builder, loc, value));
  Value bits = cast(i32, near);
  Value toZero =
      LLVM::SubOp::create(builder, loc, bits, LLVM::ZExtOp::create(builder, loc, i32, away));
  Value odd = LLVM::OrOp::create(builder, loc, toZero, integer(i32, 1));
  return cast(f32, LLVM::SelectOp::create(builder, loc, inexact, odd, bits));
}

/// f32 or f64 → bf16, to nearest even; a NaN stays one.
Value Converter::truncate(Value value) {
  if (getElementTypeOrSelf(value.getType()).isF64())
    value = roundToOdd(value);
  Type i16 = withElement(value.getType(), builder.getI16Type());
  Type i32 = withElement(value.getType(), builder.getI32Type());
  Value bits = cast(i32, value), sixteen = integer(i32, 16);
  Value last = LLVM::AndOp::create(
      builder, loc, LLVM::LShrOp::create(builder, loc, bits, sixteen), integer(i32, 1));
  Value half = LLVM::AddOp::create(builder, loc, last, integer(i32, 0x7FFF));
  Value rounded = LLVM::AddOp::create(builder, loc, bits, half);
  Value quiet = LLVM::OrOp::create(builder, loc, bits, integer(i32, 0x400000));
  Value isNaN = LLVM::FCmpOp::create(builder, loc, LLVM::FCmpPredicate::uno, value, value);
  Value chosen = LLVM::SelectOp::create(builder, loc, isNaN, quiet, rounded);
  Value upper = LLVM::LShrOp::create(builder, loc, chosen, sixteen);
  return cast(withElement(value.getType(), builder.getBF16Type()),
              LLVM::TruncOp::create(builder, loc, i16, upper));
}

/// True if the op computes with bf16 rather than moving it.
static bool computesBF16(Operation *op) {
  if (isa<LLVM::LoadOp, LLVM::StoreOp, LLVM::BitcastOp, LLVM::SelectOp, LLVM::FreezeOp,
          LLVM::ExtractElementOp, LLVM::InsertElementOp, LLVM::ExtractValueOp,
          LLVM::InsertValueOp, LLVM::ShuffleVectorOp, LLVM::ConstantOp, LLVM::ZeroOp,
          LLVM::CallOp, LLVM::AtomicRMWOp, LLVM::AtomicCmpXchgOp>(op) ||
      op->hasTrait<OpTrait::IsTerminator>())
    return false;
  return llvm::any_of(op->getOperandTypes(), isBF16) ||
         llvm::any_of(op->getResultTypes(), isBF16);
}

/// fptrunc and fpext.
static Value convertFloat(Converter &convert, OpBuilder &builder, Operation *op) {
  Value value = op->getOperand(0);
  Type type = op->getResult(0).getType();
  Location loc = op->getLoc();
  if (isBF16(value.getType()))
    value = convert.extend(value);
  unsigned from = getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth();
  unsigned to = getElementTypeOrSelf(type).getIntOrFloatBitWidth();
  if (isBF16(type)) {
    if (from < 32)
      value =
          LLVM::FPExtOp::create(builder, loc, withElement(type, builder.getF32Type()), value);
    return convert.truncate(value);
  }
  if (to > from)
    return LLVM::FPExtOp::create(builder, loc, type, value);
  return to < from ? Value(LLVM::FPTruncOp::create(builder, loc, type, value)) : value;
}

/// fma in f64, where the product is exact; everything else in f32, whose results
/// round to bf16 as exact ones do.
static void computeWider(Operation *op) {
  OpBuilder builder(op);
  Location loc = op->getLoc();
  Converter convert(builder, loc);
  if (isa<LLVM::FPExtOp, LLVM::FPTruncOp>(op)) {
    op->getResult(0).replaceAllUsesWith(convertFloat(convert, builder, op));
    op->erase();
    return;
  }
  bool isFMA = isa<LLVM::FMAOp, LLVM::FMulAddOp>(op);
  Type wide = isFMA ? Type(builder.getF64Type()) : Type(builder.getF32Type());
  for (OpOperand &operand : op->getOpOperands()) {
    Value value = operand.get();
    if (!isBF16(value.getType()))
      continue;
    value = convert.extend(value);
    if (isFMA)
      value = LLVM::FPExtOp::create(builder, loc, withElement(value.getType(), wide), value);
    operand.set(value);
  }
  if (op->getNumResults() == 0 || !isBF16(op->getResult(0).getType()))
    return;
  // The old result has its old type until its uses have the rounded one.
  IRMapping mapping;
  Operation *wider = builder.clone(*op, mapping);
  wider->getResult(0).setType(withElement(op->getResult(0).getType(), wide));
  op->getResult(0).replaceAllUsesWith(convert.truncate(wider->getResult(0)));
  op->erase();
}

void emulate::expandBF16(LLVM::LLVMFuncOp func) {
  SmallVector<Operation *> ops;
  func.walk([&](Operation *op) {
    if (computesBF16(op))
      ops.push_back(op);
  });
  for (Operation *op : ops)
    computeWider(op);
  replaceBF16ByIntegers(func);
}
