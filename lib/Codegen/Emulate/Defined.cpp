//===- Defined.cpp - Arithmetic without undefined results -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Defined.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::posenc;

//===----------------------------------------------------------------------===//
// What is known
//===----------------------------------------------------------------------===//

Value emulate::createSplat(OpBuilder &builder, Location loc, Type type, const APInt &value) {
  TypedAttr attribute = builder.getIntegerAttr(getElementTypeOrSelf(type), value);
  if (auto vector = dyn_cast<VectorType>(type))
    attribute = DenseElementsAttr::get(vector, ArrayRef<Attribute>(attribute));
  return LLVM::ConstantOp::create(builder, loc, type, attribute);
}

/// The lanes of an integer constant.
static std::optional<SmallVector<APInt>> getConstants(Value value) {
  auto constant = value.getDefiningOp<LLVM::ConstantOp>();
  if (!constant)
    return std::nullopt;
  if (auto integer = dyn_cast<IntegerAttr>(constant.getValue()))
    return SmallVector<APInt>{integer.getValue()};
  if (auto dense = dyn_cast<DenseIntElementsAttr>(constant.getValue()))
    return SmallVector<APInt>(dense.value_begin<APInt>(), dense.value_end<APInt>());
  return std::nullopt;
}

bool emulate::isKnownBelow(Value value, uint64_t bound) {
  unsigned width = getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth();
  if (width < 64 && bound >> width != 0)
    return true;
  auto isBelow = [&](uint64_t limit) {
    return [=](const APInt &constant) { return constant.ult(limit); };
  };
  if (auto constants = getConstants(value))
    return llvm::all_of(*constants, isBelow(bound));
  if (auto mask = value.getDefiningOp<LLVM::AndOp>())
    return isKnownBelow(mask.getLhs(), bound) || isKnownBelow(mask.getRhs(), bound);
  if (auto rest = value.getDefiningOp<LLVM::URemOp>()) {
    auto constants = getConstants(rest.getRhs());
    return constants && llvm::all_of(*constants, isBelow(bound + 1));
  }
  if (auto wider = value.getDefiningOp<LLVM::ZExtOp>())
    return isKnownBelow(wider.getArg(), bound);
  return false;
}

bool emulate::isKnownNot(Value integer, const APInt &value) {
  auto constants = getConstants(integer);
  return constants &&
         llvm::none_of(*constants, [&](const APInt &constant) { return constant == value; });
}

unsigned emulate::getUncheckedLanes(Operation *op) {
  Value index, vector;
  if (auto extract = dyn_cast<LLVM::ExtractElementOp>(op)) {
    index = extract.getPosition();
    vector = extract.getVector();
  } else if (auto insert = dyn_cast<LLVM::InsertElementOp>(op)) {
    index = insert.getPosition();
    vector = insert.getVector();
  } else {
    return 0;
  }
  unsigned lanes = cast<VectorType>(vector.getType()).getNumElements();
  return isKnownBelow(index, lanes) ? 0 : lanes;
}

//===----------------------------------------------------------------------===//
// Flags
//===----------------------------------------------------------------------===//

static void dropFlags(Operation *op) {
  if (auto overflow = dyn_cast<LLVM::IntegerOverflowFlagsInterface>(op))
    overflow.setOverflowFlags(LLVM::IntegerOverflowFlags::none);
  if (auto exact = dyn_cast<LLVM::ExactFlagInterface>(op))
    exact.setIsExact(false);
  if (auto disjoint = dyn_cast<LLVM::DisjointFlagInterface>(op))
    disjoint.setIsDisjoint(false);
  if (auto nonNegative = dyn_cast<LLVM::NonNegFlagInterface>(op))
    nonNegative.setNonNeg(false);
  if (auto address = dyn_cast<LLVM::GEPOp>(op))
    address.setNoWrapFlags(LLVM::GEPNoWrapFlags::none);
  auto math = dyn_cast<LLVM::FastmathFlagsInterface>(op);
  if (!math || !math.getFastmathAttr())
    return;
  auto poison = LLVM::FastmathFlags::nnan | LLVM::FastmathFlags::ninf;
  LLVM::FastmathFlags kept = math.getFastmathAttr().getValue() & ~poison;
  if (kept != math.getFastmathAttr().getValue())
    op->setAttr(math.getFastmathAttrName(),
                LLVM::FastmathFlagsAttr::get(op->getContext(), kept));
}

/// abs, ctlz and cttz have an operand that makes their extreme poison.
static void dropIntrinsicFlags(Operation *op) {
  for (StringRef name : {"is_int_min_poison", "is_zero_poison"})
    if (op->hasAttr(name))
      op->setAttr(name, IntegerAttr::get(IntegerType::get(op->getContext(), 1), 0));
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

static Value isBelow(OpBuilder &builder, Location loc, Value value, uint64_t bound) {
  unsigned width = getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth();
  return LLVM::ICmpOp::create(
      builder, loc, LLVM::ICmpPredicate::ult, value,
      emulate::createSplat(builder, loc, value.getType(), APInt(width, bound)));
}

/// A shift by too much gives 0.
static void defineShift(Operation *op, function_ref<void(Value, Value)> replace) {
  Value amount = op->getOperand(1);
  Type type = amount.getType();
  unsigned width = getElementTypeOrSelf(type).getIntOrFloatBitWidth();
  if (emulate::isKnownBelow(amount, width))
    return;
  OpBuilder builder(op);
  Location loc = op->getLoc();
  Value zero = LLVM::ZeroOp::create(builder, loc, type);
  Value good = isBelow(builder, loc, amount, width);
  op->setOperand(1, LLVM::SelectOp::create(builder, loc, good, amount, zero));
  builder.setInsertionPointAfter(op);
  auto result = LLVM::SelectOp::create(builder, loc, good, zero, zero);
  replace(op->getResult(0), result);
  result.getTrueValueMutable().assign(op->getResult(0));
}

/// A division by zero, and one that overflows, is a division by one.
static void defineDivision(Operation *op, bool isSigned) {
  Value dividend = op->getOperand(0), divisor = op->getOperand(1);
  Type type = divisor.getType();
  unsigned width = getElementTypeOrSelf(type).getIntOrFloatBitWidth();
  OpBuilder builder(op);
  Location loc = op->getLoc();
  auto equals = [&](Value value, const APInt &constant) -> Value {
    return LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::eq, value,
                                emulate::createSplat(builder, loc, type, constant));
  };
  auto replaceIf = [&](Value bad) {
    divisor = LLVM::SelectOp::create(
        builder, loc, bad, emulate::createSplat(builder, loc, type, APInt(width, 1)), divisor);
  };
  if (!emulate::isKnownNot(divisor, APInt(width, 0)))
    replaceIf(equals(divisor, APInt(width, 0)));
  if (isSigned && !emulate::isKnownNot(op->getOperand(1), APInt::getAllOnes(width)))
    replaceIf(LLVM::AndOp::create(builder, loc,
                                  equals(dividend, APInt::getSignedMinValue(width)),
                                  equals(divisor, APInt::getAllOnes(width))));
  op->setOperand(1, divisor);
}

/// The target's conversions to integers saturate.
static void defineConversion(Operation *op, StringRef intrinsic,
                             function_ref<void(Value, Value)> replace) {
  OpBuilder builder(op);
  auto call =
      LLVM::CallIntrinsicOp::create(builder, op->getLoc(), op->getResult(0).getType(),
                                    builder.getStringAttr(intrinsic), op->getOperands());
  replace(op->getResult(0), call->getResult(0));
  op->erase();
}

static void defineIndex(Operation *op, unsigned lanes) {
  unsigned operand = isa<LLVM::InsertElementOp>(op) ? 2 : 1;
  Value index = op->getOperand(operand);
  OpBuilder builder(op);
  Value zero = LLVM::ZeroOp::create(builder, op->getLoc(), index.getType());
  op->setOperand(operand, LLVM::SelectOp::create(builder, op->getLoc(),
                                                 isBelow(builder, op->getLoc(), index, lanes),
                                                 index, zero));
}

void emulate::makeDefined(Operation *op, function_ref<void(Value, Value)> replace) {
  dropFlags(op);
  dropIntrinsicFlags(op);
  if (unsigned lanes = getUncheckedLanes(op))
    return defineIndex(op, lanes);
  if (isa<LLVM::ShlOp, LLVM::LShrOp, LLVM::AShrOp>(op))
    return defineShift(op, replace);
  if (isa<LLVM::UDivOp, LLVM::URemOp>(op))
    return defineDivision(op, /*isSigned=*/false);
  if (isa<LLVM::SDivOp, LLVM::SRemOp>(op))
    return defineDivision(op, /*isSigned=*/true);
  if (isa<LLVM::FPToSIOp>(op))
    return defineConversion(op, "llvm.fptosi.sat", replace);
  if (isa<LLVM::FPToUIOp>(op))
    return defineConversion(op, "llvm.fptoui.sat", replace);
}
