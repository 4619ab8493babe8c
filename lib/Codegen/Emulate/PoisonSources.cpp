//===- PoisonSources.cpp - When arithmetic makes poison -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Defined.h"
#include "Poison.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/APFloat.h"

using namespace mlir;
using namespace mlir::posenc::emulate;

using LLVM::FCmpPredicate;
using LLVM::ICmpPredicate;
using Flags = LLVM::IntegerOverflowFlags;

static Flags getFlags(Operation *op) {
  auto overflow = dyn_cast<LLVM::IntegerOverflowFlagsInterface>(op);
  return overflow ? overflow.getOverflowFlags() : Flags::none;
}

static bool isSet(Flags flags, Flags flag) { return (flags & flag) == flag; }

static bool isExact(Operation *op) {
  auto exact = dyn_cast<LLVM::ExactFlagInterface>(op);
  return exact && exact.getIsExact();
}

static bool isDisjoint(Operation *op) {
  auto disjoint = dyn_cast<LLVM::DisjointFlagInterface>(op);
  return disjoint && disjoint.getIsDisjoint();
}

static bool isNonNegative(Operation *op) {
  auto flag = dyn_cast<LLVM::NonNegFlagInterface>(op);
  return flag && flag.getNonNeg();
}

static bool isShift(Operation *op) { return isa<LLVM::ShlOp, LLVM::LShrOp, LLVM::AShrOp>(op); }

static unsigned getWidth(Value value) {
  return getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth();
}

/// abs, ctlz and cttz with the attribute that makes one operand's result poison.
static bool hasPoisonFlag(Operation *op) {
  for (StringRef name : {"is_int_min_poison", "is_zero_poison"})
    if (auto flag = op->getAttrOfType<IntegerAttr>(name); flag && !flag.getValue().isZero())
      return true;
  return false;
}

bool mlir::posenc::emulate::makesPoison(Operation *op) {
  if (!isa_and_nonnull<LLVM::LLVMDialect>(op->getDialect()))
    return false;
  return getFlags(op) != Flags::none || isExact(op) || isDisjoint(op) || isNonNegative(op) ||
         (isShift(op) && !isKnownBelow(op->getOperand(1), getWidth(op->getOperand(1)))) ||
         isa<LLVM::FPToSIOp, LLVM::FPToUIOp>(op) || getUncheckedLanes(op) != 0 ||
         hasPoisonFlag(op);
}

namespace {
/// Emits conditions behind one op, and ors them.
class Conditions {
public:
  Conditions(OpBuilder &builder, Operation *op)
      : builder(builder), op(op), loc(op->getLoc()), x(op->getOperand(0)),
        y(op->getNumOperands() > 1 ? op->getOperand(1) : Value()), result(op->getResult(0)) {}

  Value emit();

private:
  void add(Value condition) {
    all = all ? Value(LLVM::OrOp::create(builder, loc, all, condition)) : condition;
  }
  Value compare(ICmpPredicate predicate, Value a, Value b) {
    return LLVM::ICmpOp::create(builder, loc, predicate, a, b);
  }
  Value compare(FCmpPredicate predicate, Value a, Value b) {
    return LLVM::FCmpOp::create(builder, loc, predicate, a, b);
  }
  Value constant(Value like, const APInt &value) {
    return createSplat(builder, loc, like.getType(), value);
  }
  template <class Op> Value binary(Value a, Value b) { return Op::create(builder, loc, a, b); }
  template <class Op> void addOverflow();
  void addIntegerOverflow();
  void addShift();
  void addTruncation();
  void addExact();
  void addConversion(bool isSigned);
  void addIndex(unsigned lanes);
  void addExtreme();

  OpBuilder &builder;
  Operation *op;
  Location loc;
  Value x, y, result, all;
};
} // namespace

/// The intrinsic returns the result and a flag.
template <class Op> void Conditions::addOverflow() {
  Type type = x.getType(), flag = builder.getI1Type();
  if (auto vector = dyn_cast<VectorType>(type))
    flag = VectorType::get(vector.getShape(), flag);
  auto both = LLVM::LLVMStructType::getLiteral(op->getContext(), {type, flag});
  Value pair = Op::create(builder, loc, both, x, y);
  add(LLVM::ExtractValueOp::create(builder, loc, pair, 1));
}

void Conditions::addIntegerOverflow() {
  Flags flags = getFlags(op);
  bool nsw = isSet(flags, Flags::nsw), nuw = isSet(flags, Flags::nuw);
  if (isa<LLVM::AddOp>(op)) {
    if (nsw)
      addOverflow<LLVM::SAddWithOverflowOp>();
    if (nuw)
      addOverflow<LLVM::UAddWithOverflowOp>();
  } else if (isa<LLVM::SubOp>(op)) {
    if (nsw)
      addOverflow<LLVM::SSubWithOverflowOp>();
    if (nuw)
      addOverflow<LLVM::USubWithOverflowOp>();
  } else if (isa<LLVM::MulOp>(op)) {
    if (nsw)
      addOverflow<LLVM::SMulWithOverflowOp>();
    if (nuw)
      addOverflow<LLVM::UMulWithOverflowOp>();
  }
}

/// By too much; or, with flags, so that shifting back does not restore the operand.
void Conditions::addShift() {
  if (!isKnownBelow(y, getWidth(y)))
    add(compare(ICmpPredicate::uge, y, constant(y, APInt(getWidth(y), getWidth(y)))));
  Flags flags = getFlags(op);
  if (isSet(flags, Flags::nsw))
    add(compare(ICmpPredicate::ne, binary<LLVM::AShrOp>(result, y), x));
  if (isSet(flags, Flags::nuw))
    add(compare(ICmpPredicate::ne, binary<LLVM::LShrOp>(result, y), x));
  if (isExact(op))
    add(compare(ICmpPredicate::ne, binary<LLVM::ShlOp>(result, y), x));
}

void Conditions::addTruncation() {
  Flags flags = getFlags(op);
  if (isSet(flags, Flags::nsw))
    add(compare(ICmpPredicate::ne, LLVM::SExtOp::create(builder, loc, x.getType(), result), x));
  if (isSet(flags, Flags::nuw))
    add(compare(ICmpPredicate::ne, LLVM::ZExtOp::create(builder, loc, x.getType(), result), x));
}

/// A division whose remainder is not zero.
void Conditions::addExact() {
  add(compare(ICmpPredicate::ne, binary<LLVM::MulOp>(result, y), x));
}

/// Out of the integer's range, or NaN. The bounds are those beside it that the float
/// type has: min − 1 and max + 1, or min itself where min − 1 is no float.
void Conditions::addConversion(bool isSigned) {
  auto floatType = cast<FloatType>(getElementTypeOrSelf(x.getType()));
  const llvm::fltSemantics &semantics = floatType.getFloatSemantics();
  unsigned width = getWidth(result);
  auto convert = [&](APInt value, bool &exact) {
    llvm::APFloat bound(semantics);
    exact = bound.convertFromAPInt(value, /*IsSigned=*/true, llvm::APFloat::rmTowardZero) ==
            llvm::APFloat::opOK;
    return bound;
  };
  // Two more bits than the integer has, so that nothing wraps.
  unsigned wide = width + 2;
  APInt least = isSigned ? APInt::getSignedMinValue(width).sext(wide) : APInt(wide, 0);
  APInt beyond = APInt::getOneBitSet(wide, isSigned ? width - 1 : width);
  bool lowExact = false, highExact = false;
  llvm::APFloat low = convert(least - 1, lowExact), high = convert(beyond, highExact);
  auto splat = [&](const llvm::APFloat &value) -> Value {
    TypedAttr attribute = FloatAttr::get(floatType, value);
    if (auto vector = dyn_cast<VectorType>(x.getType()))
      attribute = DenseElementsAttr::get(vector, ArrayRef<Attribute>(attribute));
    return LLVM::ConstantOp::create(builder, loc, x.getType(), attribute);
  };
  // Unordered: true for NaN. A bound that was cut to the largest float is none; then
  // only an infinity is beyond it.
  add(compare(lowExact ? FCmpPredicate::ule : FCmpPredicate::ult, x, splat(low)));
  add(compare(highExact ? FCmpPredicate::uge : FCmpPredicate::ugt, x, splat(high)));
}

void Conditions::addIndex(unsigned lanes) {
  Value index = isa<LLVM::InsertElementOp>(op) ? op->getOperand(2) : y;
  add(compare(ICmpPredicate::uge, index, constant(index, APInt(getWidth(index), lanes))));
}

/// The least integer for abs, zero for ctlz and cttz.
void Conditions::addExtreme() {
  unsigned width = getWidth(x);
  APInt extreme =
      isa<LLVM::AbsOp>(op) ? APInt::getSignedMinValue(width) : APInt::getZero(width);
  add(compare(ICmpPredicate::eq, x, constant(x, extreme)));
}

Value Conditions::emit() {
  addIntegerOverflow();
  if (isShift(op))
    addShift();
  else if (isExact(op))
    addExact();
  if (isa<LLVM::TruncOp>(op))
    addTruncation();
  if (isDisjoint(op))
    add(compare(ICmpPredicate::ne, binary<LLVM::AndOp>(x, y),
                constant(x, APInt::getZero(getWidth(x)))));
  if (isNonNegative(op))
    add(compare(ICmpPredicate::slt, x, constant(x, APInt::getZero(getWidth(x)))));
  if (isa<LLVM::FPToSIOp, LLVM::FPToUIOp>(op))
    addConversion(isa<LLVM::FPToSIOp>(op));
  if (unsigned lanes = getUncheckedLanes(op))
    addIndex(lanes);
  if (hasPoisonFlag(op))
    addExtreme();
  return all;
}

Value mlir::posenc::emulate::emitPoisonMade(OpBuilder &builder, Operation *op) {
  return Conditions(builder, op).emit();
}
