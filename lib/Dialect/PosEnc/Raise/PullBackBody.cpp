//===- PullBackBody.cpp - Scalar operations as expressions ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PullBack.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::posenc::raise;

static unsigned bitsOf(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  return integer ? integer.getWidth() : 64;
}

/// Far enough from 64 bits that a sum of two such values is exact.
static bool isSmall(Expr e) {
  constexpr int64_t limit = int64_t(1) << 62;
  return e->lo >= -limit && e->hi <= limit;
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

Expr PullBack::scalar(Value value) {
  if (Expr known = scalars.lookup(value))
    return known;
  Expr result = nullptr;
  Operation *op = value.getDefiningOp();
  // Operations of this pass's input that compute on scalars only.
  bool pure = op && op->getNumRegions() == 0 && op->getNumResults() == 1 &&
              isa_and_present<arith::ArithDialect, math::MathDialect, tensor::TensorDialect,
                              affine::AffineDialect>(op->getDialect());
  if (pure && nesting <= 600) {
    ++nesting;
    Env env;
    runOp(op, env, {}, Depth::Full);
    result = env.lookup(value);
    --nesting;
  }
  bool known = result && result->kind != Kind::Undef;
  bool isScalar = value.getType().isIntOrIndexOrFloat();
  if (!known)
    result = isScalar && bitsOf(value.getType()) <= 64 ? cx.sym(value)
                                                       : cx.undef(value.getType(), value);
  return scalars[value] = result;
}

Expr PullBack::lookup(Value value, Env &env) {
  if (Expr known = env.lookup(value))
    return known;
  return scalar(value);
}

Expr PullBack::inBody(linalg::LinalgOp op, ArrayRef<Expr> loops, Value value) {
  Block *body = op.getBlock();
  Env env;
  for (OpOperand &operand : op->getOpOperands()) {
    unsigned n = operand.getOperandNumber();
    if (n >= body->getNumArguments() || body->getArgument(n).use_empty())
      continue;
    bool isTensor = isa<RankedTensorType>(operand.get().getType());
    env[body->getArgument(n)] =
        isTensor ? element(operand.get(), apply(op.getMatchingIndexingMap(&operand), loops),
                           Depth::Full)
                 : scalar(operand.get());
  }
  runBlock(*body, env, loops, Depth::Full);
  return lookup(value, env);
}

void PullBack::runBlock(Block &block, Env &env, ArrayRef<Expr> loops, Depth depth) {
  for (Operation &op : block.without_terminator())
    runOp(&op, env, loops, depth);
}

Expr PullBack::runBranch(scf::IfOp branch, Env &env, ArrayRef<Expr> loops, Depth depth) {
  if (branch.getNumResults() != 1)
    return nullptr;
  runBlock(branch.getThenRegion().front(), env, loops, depth);
  runBlock(branch.getElseRegion().front(), env, loops, depth);
  return cx.select(lookup(branch.getCondition(), env),
                   lookup(branch.thenYield().getOperand(0), env),
                   lookup(branch.elseYield().getOperand(0), env));
}

void PullBack::runOp(Operation *op, Env &env, ArrayRef<Expr> loops, Depth depth) {
  auto all = [&](ValueRange values) {
    SmallVector<Expr> list;
    for (Value v : values)
      list.push_back(lookup(v, env));
    return list;
  };
  if (op->getNumResults() == 0)
    return; // cf.assert: proved or kept by its own step
  Value result = op->getResult(0);
  Expr value =
      llvm::TypeSwitch<Operation *, Expr>(op)
          .Case([&](linalg::IndexOp index) -> Expr {
            return index.getDim() < loops.size() ? loops[index.getDim()] : nullptr;
          })
          .Case([&](tensor::ExtractOp extract) {
            return element(extract.getTensor(), all(extract.getIndices()), depth);
          })
          .Case([&](tensor::DimOp dim) -> Expr {
            std::optional<int64_t> index = dim.getConstantIndex();
            if (!index || !isa<RankedTensorType>(dim.getSource().getType()))
              return nullptr;
            return extent(dim.getSource(), *index);
          })
          .Case([&](affine::AffineApplyOp apply) {
            SmallVector<Expr> o = all(apply.getOperands());
            AffineMap map = apply.getAffineMap();
            ArrayRef<Expr> operands(o);
            return affine(map.getResult(0), operands.take_front(map.getNumDims()),
                          operands.drop_front(map.getNumDims()));
          })
          .Case([&](scf::IfOp branch) { return runBranch(branch, env, loops, depth); })
          .Default([&](Operation *other) -> Expr {
            if (op->getNumResults() != 1 || op->getNumRegions() != 0)
              return nullptr;
            if (!isa_and_present<arith::ArithDialect, math::MathDialect>(op->getDialect()))
              return nullptr;
            return convert(other, all(other->getOperands()));
          });
  for (Value v : op->getResults())
    env[v] = cx.undef(v.getType(), v);
  if (value)
    env[result] = value;
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

/// What tells two operations of one name apart; hints are no part of it.
static Attribute semanticAttrs(Operation *op) {
  NamedAttrList attrs(op->getAttrDictionary());
  attrs.erase("fastmath");
  attrs.erase("overflowFlags");
  return attrs.getDictionary(op->getContext());
}

Expr PullBack::convert(Operation *op, ArrayRef<Expr> o) {
  Type type = op->getResult(0).getType();
  auto known = [](Type t) { return t.isIntOrIndexOrFloat() && bitsOf(t) <= 64; };
  if (!known(type) || !llvm::all_of(op->getOperandTypes(), known))
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
    if (Expr value = convertInt(op, o))
      return value;
  if (isa<arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp, arith::IndexCastOp,
          arith::IndexCastUIOp, arith::SIToFPOp, arith::UIToFPOp>(op))
    return convertCast(op, o);
  // Booleans are 0 and 1 here, which other integer operations may not take so.
  bool boolean = llvm::any_of(op->getOperandTypes(), [](Type t) { return t.isInteger(1); });
  if (boolean)
    return nullptr;
  return cx.op(op->getName().getStringRef(), type, o, semanticAttrs(op));
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

Expr PullBack::convertInt(Operation *op, ArrayRef<Expr> o) {
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

Expr PullBack::convertCast(Operation *op, ArrayRef<Expr> o) {
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
