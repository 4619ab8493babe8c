//===- Coordinates.cpp - Differences of coordinates in expressions --------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Put j = i − d and see whether i cancels: that is the whole proof. It is tried
// at every node from the leaves up, so that in `d < 8 or j < prefix` the first
// part becomes a function of d and the second stays one of j.
//
//===----------------------------------------------------------------------===//

#include "Coordinates.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::scalar;

Coordinates::Coordinates(ExprContext &cx, RegionExprs &region)
    : cx(cx), region(region), exactBelow(region.limit / 4) {
  queryVars = region.query->vars;
  keyVars = region.key->vars;
  auto addSides = [&](PositionPair &pair) {
    // A position without operand is made of variables that are there already.
    if (pair.query && pair.query->kind == Kind::Var)
      queryVars |= pair.query->vars;
    if (pair.key && pair.key->kind == Kind::Var)
      keyVars |= pair.key->vars;
  };
  for (PositionPair &pair : region.positions)
    addSides(pair);
  for (PositionPair &pair : region.floatPositions)
    addSides(pair);
  for (PositionPair &pair : region.positions)
    if (pair.query && pair.key)
      addPair(pair.query, pair.key, AxisKind::Position, pair.axis.value_or(-1));
  for (PositionPair &pair : region.floatPositions)
    if (pair.query && pair.key)
      axes.push_back({AxisKind::FloatPosition, pair.axis.value_or(-1), pair.query, pair.key,
                      cx.floatVar(pair.query->type)});
  if (region.hasPositionOperands)
    addPair(region.query, region.key, AxisKind::Index, -1);
}

bool Coordinates::isMixed(Expr e) const { return (e->vars & queryVars) && (e->vars & keyVars); }

/// d = query − key becomes a variable of its own.
void Coordinates::addPair(Expr query, Expr key, AxisKind kind, int64_t number) {
  int64_t reach = std::min<int64_t>(region.limit, query->hi - key->lo);
  int64_t down = std::max<int64_t>(-region.limit, query->lo - key->hi);
  Expr difference = cx.varInRange(down, reach);
  axes.push_back({kind, number, query, key, difference});
  if (kind == AxisKind::Position && number == -1)
    distance = difference;
  // key = n + offset: solve for the variable.
  if (key->kind == Kind::Sum) {
    Expr offset = cx.sub(key, region.key);
    if (offset->vars & keyVars)
      return;
    keyByDifference.try_emplace(region.key, cx.sub(cx.sub(query, difference), offset));
    return;
  }
  keyByDifference.try_emplace(key, cx.sub(query, difference));
}

//===----------------------------------------------------------------------===//
// Quotients
//===----------------------------------------------------------------------===//

/// What a quotient looks like from either side: its divisors and the bounds of
/// clamps, from the outside. Offsets inside do not matter: a difference of
/// shifted chunks is one, too.
static bool describeQuotient(Expr e, raw_ostream &os) {
  for (;;) {
    bool quotient = e->kind == Kind::FloorDiv || e->kind == Kind::Mod;
    bool clamp = e->kind == Kind::Min || e->kind == Kind::Max;
    if (!quotient && !clamp)
      break;
    // The operands of a minimum have no order.
    unsigned bound = clamp && e->ops[0]->kind == Kind::IntConst ? 0 : 1;
    if (e->ops[bound]->kind != Kind::IntConst || (quotient && e->ops[bound]->num <= 0))
      return false;
    StringRef symbol =
        quotient ? (e->kind == Kind::Mod ? "%" : "/") : (e->kind == Kind::Min ? "<" : ">");
    os << symbol << e->ops[bound]->num;
    e = e->ops[1 - bound];
    if (e->kind == Kind::Sum && e->ops.size() == 1 && e->coefs[0] == 1)
      e = e->ops[0];
  }
  // What is left is one side's position, up to run-time offsets.
  return e->kind == Kind::Var || e->kind == Kind::Sum;
}

/// Finds the outermost quotients of one side and pairs those that look alike.
void Coordinates::findQuotients(Expr root) {
  SmallVector<Expr> stack{root};
  llvm::DenseSet<Expr> seen{root};
  while (!stack.empty()) {
    Expr e = stack.pop_back_val();
    bool quotient = e->kind == Kind::FloorDiv || e->kind == Kind::Mod;
    bool isQuery = (e->vars & queryVars) && !(e->vars & keyVars);
    bool isKey = (e->vars & keyVars) && !(e->vars & queryVars);
    std::string name;
    llvm::raw_string_ostream os(name);
    if (quotient && (isQuery || isKey) && describeQuotient(e, os)) {
      PositionPair &pair = quotients[name];
      Expr &side = isQuery ? pair.query : pair.key;
      if (side)
        continue;
      side = e;
      if (pair.query && pair.key) {
        addPair(pair.query, pair.key, AxisKind::Quotient, -1);
        axes.back().quotient = name;
      }
      continue;
    }
    for (Expr operand : e->ops)
      if (isMixed(e) && seen.insert(operand).second)
        stack.push_back(operand);
  }
}

//===----------------------------------------------------------------------===//
// Float differences
//===----------------------------------------------------------------------===//

static bool isConverted(Expr e) {
  return e->kind == Kind::Op && e->name == "arith.sitofp" && e->ops[0]->isInt();
}

/// The difference a − b of two float positions; null if it is none.
Expr Coordinates::floatDifference(Expr like, Expr a, Expr b) {
  for (CoordinateAxis &axis : axes) {
    if (axis.kind != AxisKind::FloatPosition)
      continue;
    if (a == axis.query && b == axis.key)
      return axis.difference;
    if (a == axis.key && b == axis.query)
      return cx.op("arith.negf", like->type, {axis.difference});
  }
  if (!isConverted(a) || !isConverted(b) || !isMixed(like))
    return nullptr;
  // Both conversions are exact below 2^precision, and so is the difference.
  unsigned precision =
      APFloat::semanticsPrecision(cast<FloatType>(like->type).getFloatSemantics());
  int64_t exact = precision < 62 ? int64_t(1) << precision : kMaxExtent;
  exactBelow = std::min(exactBelow, exact);
  return cx.op("arith.sitofp", like->type, {cx.sub(a->ops[0], b->ops[0])});
}

Expr Coordinates::foldFloatDifferences(Expr root) {
  llvm::DenseMap<Expr, Expr> map;
  for (Expr e : postOrder(root)) {
    SmallVector<Expr> operands;
    for (Expr operand : e->ops)
      operands.push_back(map.lookup(operand));
    Expr result = e;
    if (e->kind != Kind::Var && !llvm::equal(operands, e->ops))
      result = cx.rebuild(e, operands);
    if (result->kind == Kind::Op && result->name == "arith.subf")
      if (Expr difference = floatDifference(result, result->ops[0], result->ops[1]))
        result = difference;
    map[e] = result;
  }
  return map.lookup(root);
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

/// A sum in which only a part cancels: c · i − c · j + rest.
Expr Coordinates::cancelInSum(Expr sum) {
  for (const CoordinateAxis &axis : axes) {
    if (axis.kind == AxisKind::FloatPosition)
      continue;
    // The coordinate of a side is a variable, perhaps with an offset.
    Expr query = axis.query->kind == Kind::Sum ? region.query : axis.query;
    Expr key = axis.key->kind == Kind::Sum ? region.key : axis.key;
    auto coefficient = [&](Expr of) -> int64_t {
      for (auto [term, coef] : llvm::zip(sum->ops, sum->coefs))
        if (term == of)
          return coef;
      return 0;
    };
    int64_t coef = coefficient(query);
    if (coef == 0 || coefficient(key) != -coef)
      continue;
    Expr offsets = cx.sub(cx.sub(axis.query, query), cx.sub(axis.key, key));
    Expr rest = cx.sub(sum, cx.scale(cx.sub(query, key), coef));
    sum = cx.add(rest, cx.scale(cx.sub(axis.difference, offsets), coef));
    if (sum->kind != Kind::Sum)
      return sum;
  }
  return sum;
}

Expr Coordinates::rewrite(Expr root) {
  root = foldFloatDifferences(root);
  findQuotients(root);
  uint64_t sides = queryVars | keyVars;
  // Every node with keys replaced, and every node as good as it gets.
  llvm::DenseMap<Expr, Expr> replaced, result;
  for (Expr e : postOrder(root)) {
    SmallVector<Expr> replacedOps, resultOps;
    for (Expr operand : e->ops) {
      replacedOps.push_back(replaced.lookup(operand));
      resultOps.push_back(result.lookup(operand));
    }
    Expr &other = replaced[e];
    other = keyByDifference.lookup(e);
    if (!other)
      other = e->kind == Kind::Var || e->ops.empty() || llvm::equal(replacedOps, e->ops)
                  ? e
                  : cx.rebuild(e, replacedOps);
    if (!isMixed(e)) {
      result[e] = e;
      continue;
    }
    if (!(other->vars & sides)) {
      result[e] = other;
      continue;
    }
    Expr rebuilt = llvm::equal(resultOps, e->ops) ? e : cx.rebuild(e, resultOps);
    result[e] = rebuilt->kind == Kind::Sum ? cancelInSum(rebuilt) : rebuilt;
  }
  return result.lookup(root);
}
