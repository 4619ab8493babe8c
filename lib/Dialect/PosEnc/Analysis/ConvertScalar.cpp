//===- ConvertScalar.cpp - Scalar operations as expressions ---------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Analysis/ConvertScalar.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::posenc::scalar;

static unsigned bitsOf(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  return integer ? integer.getWidth() : 64;
}

/// Far enough from 64 bits that a sum of two such values is exact.
static bool isSmall(Expr e) {
  constexpr int64_t limit = int64_t(1) << 62;
  return e->lo >= -limit && e->hi <= limit;
}

bool mlir::posenc::scalar::isScalarType(Type type) {
  return type.isIntOrIndexOrFloat() && bitsOf(type) <= 64;
}

/// What tells two operations of one name apart; hints are no part of it.
static Attribute semanticAttrs(Operation *op) {
  NamedAttrList attrs(op->getAttrDictionary());
  attrs.erase("fastmath");
  attrs.erase("overflowFlags");
  return attrs.getDictionary(op->getContext());
}

/// Booleans are 0 and 1, where arith's signed operations count true as −1.
static Expr convertBool(ExprContext &cx, Operation *op, Expr a, Expr b) {
  if (isa<arith::AndIOp, arith::MulIOp, arith::MinUIOp, arith::MaxSIOp>(op))
    return cx.logicalAnd(a, b);
  if (isa<arith::OrIOp, arith::MaxUIOp, arith::MinSIOp>(op))
    return cx.logicalOr(a, b);
  if (isa<arith::XOrIOp, arith::AddIOp, arith::SubIOp>(op))
    return cx.select(a, cx.logicalNot(b), b);
  return cx.undef(op->getResult(0).getType(), op->getResult(0));
}

/// Sums and products, where they cannot wrap or it can be said how they do; null
/// leaves the operation as it is.
static Expr convertRing(ExprContext &cx, Operation *op, Expr a, Expr b, unsigned bits) {
  // A far constant and a far value would leave 64 bits here.
  if (isa<arith::AddIOp>(op))
    return isSmall(a) || isSmall(b) ? cx.wrap(cx.add(a, b), bits) : nullptr;
  if (isa<arith::SubIOp>(op))
    return isSmall(b) ? cx.wrap(cx.add(a, cx.scale(b, -1)), bits) : nullptr;
  if (isa<math::AbsIOp>(op))
    return isSmall(a) ? cx.wrap(cx.max(a, cx.scale(a, -1)), bits) : nullptr;
  if (isa<arith::ShLIOp>(op)) {
    constexpr int64_t limit = int64_t(1) << 31;
    bool fits = b->kind == Kind::IntConst && b->num >= 0 && b->num < 31 && a->hi < limit &&
                a->lo > -limit;
    return fits ? cx.wrap(cx.scale(a, int64_t(1) << b->num), bits) : nullptr;
  }
  if (!isSmall(a) || !isSmall(b))
    return nullptr;
  // The range of a product of extents is wider than what tensors hold, so that
  // such a product is taken as exact.
  auto isShape = [](Expr e) { return e->vars == 0 && !e->reads; };
  Expr product = cx.mul(a, b);
  if (isShape(a) && isShape(b) && bits == 64)
    return product;
  return isSmall(product) ? cx.wrap(product, bits) : nullptr;
}

/// Quotients, minima and maxima; null leaves the operation as it is.
static Expr convertOrder(ExprContext &cx, Operation *op, Expr a, Expr b) {
  bool nonNegative = a->lo >= 0 && b->lo >= 0;
  if (isa<arith::MinSIOp>(op))
    return cx.min(a, b);
  if (isa<arith::MaxSIOp>(op))
    return cx.max(a, b);
  if (isa<arith::ShRSIOp>(op)) {
    bool fits = b->kind == Kind::IntConst && b->num >= 0 && b->num < 62;
    return fits ? cx.floorDiv(a, cx.intConst(int64_t(1) << b->num)) : nullptr;
  }
  if (isa<arith::FloorDivSIOp>(op) && b->lo > 0)
    return cx.floorDiv(a, b);
  if (!nonNegative)
    return nullptr;
  if (isa<arith::DivSIOp, arith::DivUIOp, arith::FloorDivSIOp>(op))
    return cx.floorDiv(a, b);
  if (isa<arith::RemSIOp, arith::RemUIOp>(op))
    return cx.mod(a, b);
  if (isa<arith::MinUIOp>(op))
    return cx.min(a, b);
  if (isa<arith::MaxUIOp>(op))
    return cx.max(a, b);
  bool ceiling = isa<arith::CeilDivSIOp, arith::CeilDivUIOp>(op);
  if (ceiling && isSmall(a) && isSmall(b))
    return cx.floorDiv(cx.add(a, cx.add(b, cx.intConst(-1))), b);
  return nullptr;
}

static Expr convertInt(ExprContext &cx, Operation *op, ArrayRef<Expr> o) {
  unsigned bits = bitsOf(op->getOperand(0).getType());
  Expr a = o[0], b = o.size() > 1 ? o[1] : nullptr;
  if (auto compare = dyn_cast<arith::CmpIOp>(op)) {
    using P = arith::CmpIPredicate;
    P p = compare.getPredicate();
    // −1 is true for signed comparisons of i1.
    if (bits == 1 && p != P::eq && p != P::ne)
      return cx.undef(op->getResult(0).getType(), op->getResult(0));
    return cx.compare(p, a, b);
  }
  if (bits == 1)
    return convertBool(cx, op, a, b);
  if (isa<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::ShLIOp, math::AbsIOp>(op))
    return convertRing(cx, op, a, b, bits);
  return convertOrder(cx, op, a, b);
}

static Expr convertCast(ExprContext &cx, Operation *op, ArrayRef<Expr> o) {
  Type from = op->getOperand(0).getType(), to = op->getResult(0).getType();
  Expr a = o[0];
  bool isBool = from.isInteger(1);
  if (isa<arith::ExtSIOp>(op))
    return isBool ? cx.scale(a, -1) : a;
  if (isa<arith::ExtUIOp, arith::IndexCastUIOp, arith::UIToFPOp>(op) && a->lo < 0)
    return cx.undef(to, op->getResult(0));
  if (isa<arith::ExtUIOp>(op))
    return a;
  if (isa<arith::IndexCastOp>(op))
    return isBool ? cx.scale(a, -1) : cx.wrap(a, bitsOf(to));
  if (isa<arith::IndexCastUIOp>(op))
    return cx.wrap(a, bitsOf(to));
  if (isa<arith::TruncIOp>(op))
    return bitsOf(to) == 1 ? cx.mod(a, cx.intConst(2)) : cx.wrap(a, bitsOf(to));
  // A non-negative integer converts alike as signed and as unsigned.
  if (isa<arith::SIToFPOp>(op) && isBool)
    a = cx.scale(a, -1);
  return cx.op("arith.sitofp", to, {a});
}

Expr mlir::posenc::scalar::convertScalarOp(ExprContext &cx, Operation *op, ArrayRef<Expr> o) {
  Type type = op->getResult(0).getType();
  if (!isScalarType(type) || !llvm::all_of(op->getOperandTypes(), isScalarType))
    return nullptr;
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    if (auto attr = dyn_cast<FloatAttr>(constant.getValue()))
      return cx.floatConst(attr);
    APInt value = cast<IntegerAttr>(constant.getValue()).getValue();
    return cx.intConst(type.isInteger(1) ? value.getZExtValue() : value.getSExtValue());
  }
  if (isa<arith::SelectOp>(op))
    return cx.select(o[0], o[1], o[2]);
  if (isa<arith::CmpIOp, arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::DivSIOp,
          arith::DivUIOp, arith::FloorDivSIOp, arith::CeilDivSIOp, arith::CeilDivUIOp,
          arith::RemSIOp, arith::RemUIOp, arith::MinSIOp, arith::MaxSIOp, arith::MinUIOp,
          arith::MaxUIOp, arith::AndIOp, arith::OrIOp, arith::XOrIOp, arith::ShLIOp,
          arith::ShRSIOp, math::AbsIOp>(op))
    if (Expr value = convertInt(cx, op, o))
      return value;
  if (isa<arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp, arith::IndexCastOp,
          arith::IndexCastUIOp, arith::SIToFPOp, arith::UIToFPOp>(op))
    return convertCast(cx, op, o);
  // Booleans are 0 and 1 here, which other integer operations may not take so.
  bool boolean = llvm::any_of(op->getOperandTypes(), [](Type t) { return t.isInteger(1); });
  if (boolean)
    return nullptr;
  return cx.op(op->getName().getStringRef(), type, o, semanticAttrs(op));
}
