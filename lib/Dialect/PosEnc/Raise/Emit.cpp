//===- Emit.cpp - Scalar expressions back to IR ---------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;

Value Emitter::constant(int64_t v) { return arith::ConstantIndexOp::create(builder, loc, v); }

Value Emitter::toIndex(Value v) {
  if (v.getType().isIndex())
    return v;
  Type index = builder.getIndexType();
  if (v.getType().isInteger(1))
    return arith::IndexCastUIOp::create(builder, loc, index, v);
  return arith::IndexCastOp::create(builder, loc, index, v);
}

Value Emitter::emit(Expr e) {
  if (e->isFloat())
    return emitFloat(e);
  return e->isBool() ? emitBool(e) : emitIndex(e);
}

Value Emitter::emitIndex(Expr e) {
  if (Value known = bound.lookup(e))
    return toIndex(known);
  Value &slot = indices[e];
  if (slot && !guarded)
    return slot;
  Value built = buildIndex(e);
  return indices[e] = built;
}

Value Emitter::emitBool(Expr e) {
  if (Value known = bools.lookup(e))
    return known;
  Value built = buildBool(e);
  return bools[e] = built;
}

Value Emitter::emitFloat(Expr e) {
  if (Value known = bound.lookup(e))
    return known;
  if (Value known = floats.lookup(e))
    return known;
  Value built = buildFloat(e);
  return floats[e] = built;
}

OpFoldResult Emitter::fold(Expr e) {
  if (e->kind == Kind::IntConst)
    return builder.getIndexAttr(e->num);
  return emitIndex(e);
}

//===----------------------------------------------------------------------===//
// Reads
//===----------------------------------------------------------------------===//

Value Emitter::buildRead(Expr e) {
  SmallVector<Value> position;
  for (auto [i, index] : llvm::enumerate(e->ops)) {
    Value v = emitIndex(index);
    // A branch not taken may point outside: read anything inside instead.
    Expr extent = pull.extent(e->value, i);
    if (guarded && !cx.provablyNonNegative(index))
      v = arith::MaxSIOp::create(builder, loc, v, constant(0));
    if (guarded && !cx.provablyLess(index, extent)) {
      Value last =
          extent->kind == Kind::IntConst
              ? constant(extent->num - 1)
              : arith::SubIOp::create(builder, loc, emitIndex(extent), constant(1)).getResult();
      v = arith::MinSIOp::create(builder, loc, v, last);
    }
    position.push_back(v);
  }
  return tensor::ExtractOp::create(builder, loc, e->value, position);
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

/// Positive terms first, so that a difference needs no negation.
Value Emitter::buildSum(Expr e) {
  Value sum;
  auto accumulate = [&](Expr term, int64_t coef) {
    int64_t factor = coef < 0 && sum ? -coef : coef;
    Value v = emitIndex(term);
    if (factor != 1)
      v = arith::MulIOp::create(builder, loc, v, constant(factor));
    if (!sum)
      sum = v;
    else if (coef < 0)
      sum = arith::SubIOp::create(builder, loc, sum, v);
    else
      sum = arith::AddIOp::create(builder, loc, sum, v);
  };
  for (auto [term, coef] : llvm::zip(e->ops, e->coefs))
    if (coef > 0)
      accumulate(term, coef);
  if (!sum && e->num != 0)
    sum = constant(e->num);
  else if (e->num != 0)
    sum = arith::AddIOp::create(builder, loc, sum, constant(e->num));
  for (auto [term, coef] : llvm::zip(e->ops, e->coefs))
    if (coef < 0)
      accumulate(term, coef);
  return sum;
}

Value Emitter::buildFloorMod(Expr e) {
  Value a = emitIndex(e->ops[0]), b = emitIndex(e->ops[1]);
  Value q = arith::FloorDivSIOp::create(builder, loc, a, b);
  return arith::SubIOp::create(builder, loc, a, arith::MulIOp::create(builder, loc, q, b));
}

Value Emitter::buildIndex(Expr e) {
  auto binary = [&](auto tag) -> Value {
    using Op = decltype(tag);
    Value v = emitIndex(e->ops[0]);
    for (Expr other : llvm::drop_begin(e->ops))
      v = Op::create(builder, loc, v, emitIndex(other));
    return v;
  };
  switch (e->kind) {
  case Kind::IntConst:
    return constant(e->num);
  case Kind::Sym:
    return toIndex(e->value);
  case Kind::Dim:
    return tensor::DimOp::create(builder, loc, e->value, e->num);
  case Kind::Sum:
    return buildSum(e);
  case Kind::Mul:
    return binary(arith::MulIOp());
  case Kind::FloorDiv:
    return e->ops[0]->lo >= 0 ? binary(arith::DivSIOp()) : binary(arith::FloorDivSIOp());
  case Kind::Mod:
    return e->ops[0]->lo >= 0 ? binary(arith::RemSIOp()) : buildFloorMod(e);
  case Kind::Min:
    return binary(arith::MinSIOp());
  case Kind::Max:
    return binary(arith::MaxSIOp());
  case Kind::Wrap: {
    Value v = emitIndex(e->ops[0]);
    if (e->num >= 64)
      return v;
    Type narrow = builder.getIntegerType(e->num);
    return toIndex(arith::IndexCastOp::create(builder, loc, narrow, v));
  }
  case Kind::Read:
    return toIndex(buildRead(e));
  case Kind::Select: {
    Value c = emitBool(e->ops[0]);
    ++guarded;
    Value a = emitIndex(e->ops[1]), b = emitIndex(e->ops[2]);
    --guarded;
    return arith::SelectOp::create(builder, loc, c, a, b);
  }
  case Kind::Op:
    if (!e->isBool())
      return toIndex(buildOp(e));
    [[fallthrough]];
  default:
    return toIndex(emitBool(e));
  }
}

//===----------------------------------------------------------------------===//
// Booleans
//===----------------------------------------------------------------------===//

Value Emitter::compareToZero(Expr sum, arith::CmpIPredicate predicate) {
  // a − b >= 0 reads better, and is as exact, as a >= b.
  if (sum->kind != Kind::Sum)
    return arith::CmpIOp::create(builder, loc, predicate, emitIndex(sum), constant(0));
  Expr left = cx.intConst(std::max<int64_t>(0, sum->num));
  Expr right = cx.intConst(std::max<int64_t>(0, -sum->num));
  for (auto [term, coef] : llvm::zip(sum->ops, sum->coefs)) {
    if (coef > 0)
      left = cx.add(left, cx.scale(term, coef));
    else
      right = cx.add(right, cx.scale(term, -coef));
  }
  return arith::CmpIOp::create(builder, loc, predicate, emitIndex(left), emitIndex(right));
}

Value Emitter::buildBool(Expr e) {
  switch (e->kind) {
  case Kind::IntConst:
    return arith::ConstantOp::create(builder, loc, builder.getBoolAttr(e->num != 0));
  case Kind::Sym:
    return e->value;
  case Kind::GE0:
    return compareToZero(e->ops[0], arith::CmpIPredicate::sge);
  case Kind::EQ0:
    return compareToZero(e->ops[0], arith::CmpIPredicate::eq);
  case Kind::And:
    return arith::AndIOp::create(builder, loc, emitBool(e->ops[0]), emitBool(e->ops[1]));
  case Kind::Or:
    return arith::OrIOp::create(builder, loc, emitBool(e->ops[0]), emitBool(e->ops[1]));
  case Kind::Not: {
    Value one = arith::ConstantOp::create(builder, loc, builder.getBoolAttr(true));
    return arith::XOrIOp::create(builder, loc, emitBool(e->ops[0]), one);
  }
  case Kind::Select: {
    Value c = emitBool(e->ops[0]);
    ++guarded;
    Value a = emitBool(e->ops[1]), b = emitBool(e->ops[2]);
    --guarded;
    return arith::SelectOp::create(builder, loc, c, a, b);
  }
  case Kind::Read:
    if (e->isBool())
      return buildRead(e);
    break;
  case Kind::Op:
    if (e->isBool())
      return buildOp(e);
    break;
  default:
    break;
  }
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, emitIndex(e),
                               constant(0));
}

//===----------------------------------------------------------------------===//
// Floats and operations kept by name
//===----------------------------------------------------------------------===//

Value Emitter::buildOp(Expr e) {
  if (e->name == "arith.cmpi")
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate(e->num),
                                 emitIndex(e->ops[0]), emitIndex(e->ops[1]));
  // Integers are as wide as the result; where that is a float any width that
  // holds the value will do, but for its bits.
  Type integer = e->type;
  if (e->name == "arith.bitcast" && e->isFloat())
    integer = builder.getIntegerType(e->type.getIntOrFloatBitWidth());
  else if (e->isFloat())
    integer = builder.getI64Type();
  OperationState state(loc, e->name);
  for (Expr operand : e->ops) {
    if (operand->isFloat()) {
      state.addOperands(emitFloat(operand));
      continue;
    }
    Value v = emitIndex(operand);
    if (!integer.isIndex())
      v = arith::IndexCastOp::create(builder, loc, integer, v);
    state.addOperands(v);
  }
  state.addTypes(e->type);
  if (e->attr)
    state.addAttributes(cast<DictionaryAttr>(e->attr).getValue());
  return builder.create(state)->getResult(0);
}

Value Emitter::buildFloat(Expr e) {
  switch (e->kind) {
  case Kind::FloatConst:
    return arith::ConstantOp::create(builder, loc, cast<FloatAttr>(e->attr));
  case Kind::Sym:
    return e->value;
  case Kind::Read:
    return buildRead(e);
  case Kind::Select: {
    Value c = emitBool(e->ops[0]);
    ++guarded;
    Value a = emitFloat(e->ops[1]), b = emitFloat(e->ops[2]);
    --guarded;
    return arith::SelectOp::create(builder, loc, c, a, b);
  }
  default:
    return buildOp(e);
  }
}
