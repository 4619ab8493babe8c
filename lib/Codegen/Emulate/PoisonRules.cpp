//===- PoisonRules.cpp - How poison goes from operands to results ---------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Defined.h"
#include "Poison.h"
#include "Scalars.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::posenc::emulate;

bool mlir::posenc::emulate::mayBePoison(const Lanes &lanes) {
  return llvm::any_of(lanes, [](Value lane) { return bool(lane); });
}

const Lanes &PoisonRules::get(Value value) const {
  static const Lanes none;
  auto found = known.find(value);
  return found == known.end() ? none : found->second;
}

Value PoisonRules::getTrue() {
  return emit([&] {
    return LLVM::ConstantOp::create(*builder, loc, builder->getI1Type(),
                                    builder->getBoolAttr(true));
  });
}

Value PoisonRules::either(Value a, Value b) {
  if (!a || !b || a == b)
    return a ? a : b;
  return emit([&] { return LLVM::OrOp::create(*builder, a.getLoc(), a, b); });
}

Value PoisonRules::any(ArrayRef<Value> lanes) {
  Value result;
  for (Value lane : lanes)
    result = either(result, lane);
  return result;
}

//===----------------------------------------------------------------------===//
// Parts of vectors and structs
//===----------------------------------------------------------------------===//

static std::optional<uint64_t> getConstantIndex(Value index) {
  APInt constant;
  if (matchPattern(index, m_ConstantInt(&constant)))
    return constant.getZExtValue();
  return std::nullopt;
}

Value PoisonRules::isIndex(Value index, uint64_t i) {
  return emit([&] {
    unsigned width = index.getType().getIntOrFloatBitWidth();
    return LLVM::ICmpOp::create(*builder, loc, LLVM::ICmpPredicate::eq, index,
                                createSplat(*builder, loc, index.getType(), APInt(width, i)));
  });
}

/// condition ? a : b, where null is false.
static Value choose(OpBuilder &builder, Location loc, Value condition, Value a, Value b) {
  auto orFalse = [&](Value value) {
    return value ? value
                 : LLVM::ConstantOp::create(builder, loc, builder.getI1Type(),
                                            builder.getBoolAttr(false));
  };
  return LLVM::SelectOp::create(builder, loc, condition, orFalse(a), orFalse(b));
}

Lanes PoisonRules::visitSelect(LLVM::SelectOp op) {
  unsigned count = countScalars(op.getType());
  Lanes condition = spread(op.getCondition(), count);
  Lanes yes = spread(op.getTrueValue(), count), no = spread(op.getFalseValue(), count);
  bool isVector = isa<VectorType>(op.getCondition().getType());
  Lanes result(count);
  for (unsigned i = 0; i < count; ++i) {
    if (yes[i] || no[i])
      result[i] = emit([&] {
        Value which = op.getCondition();
        if (isVector)
          which = LLVM::ExtractElementOp::create(
              *builder, loc, which,
              createSplat(*builder, loc, builder->getI32Type(), APInt(32, i)));
        return choose(*builder, loc, which, yes[i], no[i]);
      });
    result[i] = either(condition[i], result[i]);
  }
  return result;
}

Lanes PoisonRules::visitExtractElement(LLVM::ExtractElementOp op) {
  unsigned count = countScalars(op.getVector().getType());
  Lanes from = spread(op.getVector(), count), index = spread(op.getPosition(), 1);
  if (auto constant = getConstantIndex(op.getPosition()))
    return {*constant < count ? from[*constant] : getTrue()};
  Value result = index[0];
  for (unsigned i = 0; i < count; ++i)
    if (from[i]) {
      Value isHere = isIndex(op.getPosition(), i);
      result = either(
          result, emit([&] { return LLVM::AndOp::create(*builder, loc, isHere, from[i]); }));
    }
  return {result};
}

Lanes PoisonRules::visitInsertElement(LLVM::InsertElementOp op) {
  unsigned count = countScalars(op.getType());
  Lanes into = spread(op.getVector(), count);
  Value value = spread(op.getValue(), 1)[0], index = spread(op.getPosition(), 1)[0];
  if (auto constant = getConstantIndex(op.getPosition())) {
    if (*constant < count)
      into[*constant] = value;
    return into;
  }
  for (unsigned i = 0; i < count; ++i) {
    if (value || into[i]) {
      Value isHere = isIndex(op.getPosition(), i), old = into[i];
      into[i] = emit([&] { return choose(*builder, loc, isHere, value, old); });
    }
    into[i] = either(into[i], index);
  }
  return into;
}

Lanes PoisonRules::visitShuffle(LLVM::ShuffleVectorOp op) {
  unsigned half = countScalars(op.getV1().getType());
  Lanes from = spread(op.getV1(), half), result;
  llvm::append_range(from, spread(op.getV2(), half));
  for (int32_t lane : op.getMask())
    result.push_back(lane < 0 ? getTrue() : from[lane]);
  return result;
}

/// First scalar, and their number, of a part of an aggregate.
static std::pair<unsigned, unsigned> findPart(Type type, ArrayRef<int64_t> position) {
  unsigned begin = 0;
  for (int64_t index : position) {
    SmallVector<Type> parts = getParts(type);
    for (int64_t i = 0; i < index; ++i)
      begin += countScalars(parts[i]);
    type = parts[index];
  }
  return {begin, countScalars(type)};
}

Lanes PoisonRules::visitExtractValue(LLVM::ExtractValueOp op) {
  Lanes from = spread(op.getContainer(), countScalars(op.getContainer().getType()));
  auto [begin, count] = findPart(op.getContainer().getType(), op.getPosition());
  return Lanes(ArrayRef<Value>(from).slice(begin, count));
}

Lanes PoisonRules::visitInsertValue(LLVM::InsertValueOp op) {
  Lanes into = spread(op.getContainer(), countScalars(op.getType()));
  auto [begin, count] = findPart(op.getType(), op.getPosition());
  llvm::copy(spread(op.getValue(), count), into.begin() + begin);
  return into;
}

/// Scalars of another width: each is poison if one that it overlaps is.
Lanes PoisonRules::visitBitcast(LLVM::BitcastOp op) {
  unsigned from = countScalars(op.getArg().getType()), to = countScalars(op.getType());
  Lanes lanes = spread(op.getArg(), from), result(to);
  for (unsigned i = 0; i < to; ++i)
    result[i] = any(ArrayRef<Value>(lanes).slice(
        i * from / to, llvm::divideCeil((i + 1) * from, to) - i * from / to));
  return result;
}

//===----------------------------------------------------------------------===//
// Other ops
//===----------------------------------------------------------------------===//

Lanes PoisonRules::spread(Value operand, unsigned count) {
  const Lanes &lanes = get(operand);
  if (lanes.empty())
    return Lanes(count);
  if (lanes.size() == count)
    return lanes;
  return Lanes(count, any(lanes));
}

/// Ops whose lanes have to do with each other though they are as many.
static bool mixesLanes(Operation *op) {
  return op->getName().getStringRef().starts_with("llvm.intr.vector.");
}

Lanes PoisonRules::propagate(Operation *op, unsigned count) {
  Lanes result(count);
  for (Value operand : op->getOperands()) {
    if (!mayBePoison(get(operand)))
      continue;
    Lanes lanes = mixesLanes(op) ? Lanes(count, any(get(operand))) : spread(operand, count);
    for (unsigned i = 0; i < count; ++i)
      result[i] = either(result[i], lanes[i]);
  }
  return result;
}

void PoisonRules::addOwn(Operation *op, Lanes &lanes) {
  if (!makesPoison(op))
    return;
  Value made = emit([&] { return emitPoisonMade(*builder, op); });
  bool isVector = isa<VectorType>(made.getType());
  for (unsigned i = 0; i < lanes.size(); ++i)
    lanes[i] = either(lanes[i], emit([&]() -> Value {
                        if (!isVector)
                          return made;
                        return LLVM::ExtractElementOp::create(
                            *builder, loc, made,
                            createSplat(*builder, loc, builder->getI32Type(), APInt(32, i)));
                      }));
}

Lanes PoisonRules::visit(Operation *op) {
  if (op->getNumResults() != 1)
    return {};
  loc = op->getLoc();
  if (builder)
    builder->setInsertionPointAfter(op);
  unsigned count = countScalars(op->getResult(0).getType());
  Lanes lanes =
      TypeSwitch<Operation *, Lanes>(op)
          .Case<LLVM::UndefOp, LLVM::PoisonOp>([&](auto) { return Lanes(count, getTrue()); })
          // What memory holds is the emulator's to check.
          .Case<LLVM::FreezeOp, LLVM::LoadOp, LLVM::AtomicRMWOp, LLVM::AtomicCmpXchgOp,
                LLVM::ConstantOp, LLVM::ZeroOp, LLVM::AddressOfOp, LLVM::AllocaOp>(
              [](auto) { return Lanes(); })
          .Case([&](LLVM::SelectOp op) { return visitSelect(op); })
          .Case([&](LLVM::ExtractElementOp op) { return visitExtractElement(op); })
          .Case([&](LLVM::InsertElementOp op) { return visitInsertElement(op); })
          .Case([&](LLVM::ShuffleVectorOp op) { return visitShuffle(op); })
          .Case([&](LLVM::ExtractValueOp op) { return visitExtractValue(op); })
          .Case([&](LLVM::InsertValueOp op) { return visitInsertValue(op); })
          .Case([&](LLVM::BitcastOp op) { return visitBitcast(op); })
          .Default([&](Operation *op) { return propagate(op, count); });
  addOwn(op, lanes);
  return mayBePoison(lanes) ? lanes : Lanes();
}
