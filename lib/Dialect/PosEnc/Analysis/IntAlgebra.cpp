//===- IntAlgebra.cpp - Normal form of integer expressions ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sums of products with integer coefficients, their ranges and comparisons.
//
//===----------------------------------------------------------------------===//

#include "IntTerms.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mlir::posenc::scalar;

using Wide = __int128;

/// Ends of ranges saturate: an end at the limit means "unbounded".
static int64_t clamp(Wide v) {
  return v > INT64_MAX ? INT64_MAX : v < INT64_MIN ? INT64_MIN : int64_t(v);
}

static std::pair<int64_t, int64_t> productRange(int64_t alo, int64_t ahi, int64_t blo,
                                                int64_t bhi) {
  Wide c[] = {Wide(alo) * blo, Wide(alo) * bhi, Wide(ahi) * blo, Wide(ahi) * bhi};
  return {clamp(*std::min_element(c, c + 4)), clamp(*std::max_element(c, c + 4))};
}

//===----------------------------------------------------------------------===//
// Sums and products
//===----------------------------------------------------------------------===//

Expr ExprContext::makeSum(int64_t constant, ArrayRef<std::pair<Expr, int64_t>> list) {
  llvm::MapVector<Expr, int64_t> merged;
  for (auto [node, coef] : list)
    merged[node] += coef;
  SmallVector<std::pair<Expr, int64_t>> kept;
  for (auto &entry : merged)
    if (entry.second != 0)
      kept.push_back(entry);
  if (undoDivision(kept, constant))
    return makeSum(constant, kept);
  if (kept.empty())
    return intConst(constant);
  if (kept.size() == 1 && constant == 0 && kept[0].second == 1)
    return kept[0].first;
  llvm::sort(kept, [](auto &a, auto &b) { return a.first->id < b.first->id; });
  Node node{Kind::Sum, {}, constant};
  Wide lo = constant, hi = constant;
  for (auto [term, coef] : kept) {
    node.ops.push_back(term);
    node.coefs.push_back(coef);
    auto [tlo, thi] = productRange(term->lo, term->hi, coef, coef);
    lo += tlo;
    hi += thi;
  }
  node.lo = clamp(lo);
  node.hi = clamp(hi);
  return intern(std::move(node));
}

Expr ExprContext::add(Expr a, Expr b) {
  SmallVector<std::pair<Expr, int64_t>> list;
  int64_t constant = terms(a, list);
  constant += terms(b, list);
  return makeSum(constant, list);
}

Expr ExprContext::scale(Expr a, int64_t factor) {
  SmallVector<std::pair<Expr, int64_t>> list;
  int64_t constant = terms(a, list);
  for (auto &[node, coef] : list)
    coef *= factor;
  return makeSum(constant * factor, list);
}

Expr ExprContext::mulTerms(Expr a, Expr b) {
  Node node{Kind::Mul};
  llvm::append_range(node.ops, factors(a));
  llvm::append_range(node.ops, factors(b));
  llvm::sort(node.ops, [](Expr x, Expr y) { return x->id < y->id; });
  std::tie(node.lo, node.hi) = productRange(a->lo, a->hi, b->lo, b->hi);
  return intern(std::move(node));
}

Expr ExprContext::mul(Expr a, Expr b) {
  SmallVector<std::pair<Expr, int64_t>> left, right, result;
  int64_t ca = terms(a, left), cb = terms(b, right);
  for (auto [node, coef] : left) {
    if (cb != 0)
      result.push_back({node, coef * cb});
    for (auto [other, otherCoef] : right)
      result.push_back({mulTerms(node, other), coef * otherCoef});
  }
  if (ca != 0)
    for (auto [node, coef] : right)
      result.push_back({node, coef * ca});
  return makeSum(ca * cb, result);
}

//===----------------------------------------------------------------------===//
// Proofs
//===----------------------------------------------------------------------===//

bool ExprContext::provablyNonNegative(Expr a) {
  if (a->lo >= 0)
    return true;
  // Replace each index variable by the end of its range that makes the sum
  // smallest; what remains are products of extents, which are not negative.
  SmallVector<std::pair<Expr, int64_t>> list;
  Expr bound = intConst(terms(a, list));
  for (auto [term, coef] : list) {
    if (coef > 0) {
      if (term->lo < 0)
        return false;
      // A product of extents alone stays: it may be what outweighs the rest.
      bool hasVar = llvm::any_of(factors(term), [](Expr f) { return f->vars != 0; });
      bound = hasVar ? bound : add(bound, scale(term, coef));
      continue;
    }
    Expr largest = intConst(1);
    for (Expr factor : factors(term)) {
      if (factor->lo < 0)
        return false;
      bool known = factor->kind == Kind::Var && !factor->ops.empty();
      Expr top = known ? sub(factor->ops[0], intConst(1)) : factor;
      if (factor->vars != 0 && !known) {
        if (factor->kind == Kind::Mod)
          top = sub(factor->ops[1], intConst(1));
        else if (factor->hi < (int64_t(1) << 20))
          top = intConst(factor->hi);
        else
          return false; // products of such would leave 64 bits
      }
      largest = mul(largest, top);
    }
    bound = add(bound, scale(largest, coef));
  }
  if (bound->lo >= 0)
    return true;
  SmallVector<std::pair<Expr, int64_t>> rest;
  Wide least = terms(bound, rest);
  for (auto [term, coef] : rest) {
    if (coef < 0 || term->lo < 0)
      return false;
    least += Wide(coef) * atLeast(term);
  }
  return least >= 0;
}

int64_t ExprContext::atLeast(Expr term) const {
  if (term->lo > 0 || positive.empty())
    return std::max<int64_t>(0, term->lo);
  bool allPositive =
      llvm::all_of(factors(term), [&](Expr f) { return f->lo > 0 || positive.contains(f); });
  return allPositive ? 1 : 0;
}

Expr ExprContext::simplifyWith(Expr root, const llvm::DenseSet<Expr> &known) {
  positive = known;
  llvm::DenseMap<Expr, Expr> result;
  for (Expr node : postOrder(root)) {
    if (node->kind == Kind::Var || node->ops.empty()) {
      result[node] = node;
      continue;
    }
    SmallVector<Expr> operands;
    for (Expr operand : node->ops)
      operands.push_back(result.lookup(operand));
    result[node] = rebuild(node, operands);
  }
  positive.clear();
  return result.lookup(root);
}

bool ExprContext::provablyNonNegativeWith(Expr a, const llvm::DenseSet<Expr> &known) {
  positive = known;
  bool result = provablyNonNegative(a);
  positive.clear();
  return result;
}

bool ExprContext::inRange(Expr a, Expr below) {
  return provablyNonNegative(a) && provablyLess(a, below);
}

//===----------------------------------------------------------------------===//
// Comparisons
//===----------------------------------------------------------------------===//

Expr ExprContext::min(Expr a, Expr b) {
  if (a == b || provablyNonNegative(sub(b, a)))
    return a;
  if (provablyNonNegative(sub(a, b)))
    return b;
  Node node{Kind::Min};
  node.ops = {a->id < b->id ? a : b, a->id < b->id ? b : a};
  node.lo = std::min(a->lo, b->lo);
  node.hi = std::min(a->hi, b->hi);
  return intern(std::move(node));
}

Expr ExprContext::max(Expr a, Expr b) {
  if (a == b || provablyNonNegative(sub(a, b)))
    return a;
  if (provablyNonNegative(sub(b, a)))
    return b;
  Node node{Kind::Max};
  node.ops = {a->id < b->id ? a : b, a->id < b->id ? b : a};
  node.lo = std::max(a->lo, b->lo);
  node.hi = std::max(a->hi, b->hi);
  return intern(std::move(node));
}

Expr ExprContext::wrap(Expr a, unsigned bits) {
  if (bits >= 64 && a->lo > INT64_MIN && a->hi < INT64_MAX)
    return a;
  int64_t hi = bits >= 64 ? INT64_MAX : (int64_t(1) << (bits - 1)) - 1;
  // At 64 bits a saturated range cannot be told from an overflow, unless the
  // node is no arithmetic at all.
  if (bits < 64 ? (a->lo >= -hi - 1 && a->hi <= hi)
                : (a->kind != Kind::Sum && a->kind != Kind::Mul))
    return a;
  Node node{Kind::Wrap, {}, int64_t(bits)};
  node.ops = {a};
  node.hi = hi;
  node.lo = -hi - 1;
  return intern(std::move(node));
}

Expr ExprContext::ge0(Expr a) {
  if (provablyNonNegative(a))
    return boolConst(true);
  if (provablyLess(a, intConst(0)))
    return boolConst(false);
  Node node{Kind::GE0};
  node.ops = {a};
  node.hi = 1;
  return intern(std::move(node));
}

Expr ExprContext::eq0(Expr a) {
  if (a->isConst(0))
    return boolConst(true);
  if (a->lo > 0 || a->hi < 0 || provablyLess(a, intConst(0)) || provablyLess(intConst(0), a))
    return boolConst(false);
  if (a->isBool())
    return logicalNot(a);
  // One sign for both spellings of a difference.
  if (a->kind == Kind::Sum && a->coefs[0] < 0)
    a = scale(a, -1);
  Node node{Kind::EQ0};
  node.ops = {a};
  node.hi = 1;
  return intern(std::move(node));
}

/// What the ranges decide, of a signed comparison.
static std::optional<bool> compareRanges(arith::CmpIPredicate predicate, Expr a, Expr b) {
  using P = arith::CmpIPredicate;
  bool below = a->hi<b->lo, above = a->lo> b->hi;
  bool notAbove = a->hi <= b->lo, notBelow = a->lo >= b->hi;
  auto decide = [](bool yes, bool no) { return yes || no ? std::optional(yes) : std::nullopt; };
  switch (predicate) {
  case P::eq:
    return decide(false, below || above);
  case P::ne:
    return decide(below || above, false);
  case P::slt:
    return decide(below, notBelow);
  case P::sle:
    return decide(notAbove, above);
  case P::sgt:
    return decide(above, notAbove);
  case P::sge:
    return decide(notBelow, below);
  default:
    return std::nullopt;
  }
}

Expr ExprContext::compare(arith::CmpIPredicate predicate, Expr a, Expr b) {
  using P = arith::CmpIPredicate;
  // Differences of full-range values could leave 64 bits.
  constexpr int64_t safe = int64_t(1) << 62;
  bool fits = a->lo >= -safe && a->hi <= safe && b->lo >= -safe && b->hi <= safe;
  if (!fits && a != b) {
    if (std::optional<bool> known = compareRanges(predicate, a, b))
      return boolConst(*known);
    Node node{Kind::Op, IntegerType::get(ctx, 1)};
    node.name = "arith.cmpi";
    node.num = int64_t(predicate);
    node.ops = {a, b};
    node.hi = 1;
    return intern(std::move(node));
  }
  bool nonNegative = a->lo >= 0 && b->lo >= 0;
  switch (predicate) {
  case P::eq:
    return eq0(sub(a, b));
  case P::ne:
    return logicalNot(eq0(sub(a, b)));
  case P::slt:
    return ge0(sub(sub(b, a), intConst(1)));
  case P::sle:
    return ge0(sub(b, a));
  case P::sgt:
    return ge0(sub(sub(a, b), intConst(1)));
  case P::sge:
    return ge0(sub(a, b));
  default:
    break;
  }
  P signedPredicate = predicate == P::ult   ? P::slt
                      : predicate == P::ule ? P::sle
                      : predicate == P::ugt ? P::sgt
                                            : P::sge;
  if (nonNegative)
    return compare(signedPredicate, a, b);
  Node node{Kind::Op, IntegerType::get(ctx, 1)};
  node.name = "arith.cmpi";
  node.num = int64_t(predicate);
  node.ops = {a, b};
  node.hi = 1;
  return intern(std::move(node));
}

Expr ExprContext::logicalNot(Expr a) {
  if (a->kind == Kind::IntConst)
    return boolConst(!a->num);
  if (a->kind == Kind::Not)
    return a->ops[0];
  if (a->kind == Kind::GE0) // not (x >= 0) is -x - 1 >= 0
    return ge0(sub(intConst(-1), a->ops[0]));
  Node node{Kind::Not};
  node.ops = {a};
  node.hi = 1;
  return intern(std::move(node));
}

Expr ExprContext::logicalAnd(Expr a, Expr b) {
  if (a == b || a->isConst(0) || b->isConst(1))
    return a;
  if (b->isConst(0) || a->isConst(1))
    return b;
  Node node{Kind::And};
  node.ops = {a->id < b->id ? a : b, a->id < b->id ? b : a};
  node.hi = 1;
  return intern(std::move(node));
}

Expr ExprContext::logicalOr(Expr a, Expr b) {
  if (a == b || a->isConst(1) || b->isConst(0))
    return a;
  if (b->isConst(1) || a->isConst(0))
    return b;
  Node node{Kind::Or};
  node.ops = {a->id < b->id ? a : b, a->id < b->id ? b : a};
  node.hi = 1;
  return intern(std::move(node));
}
