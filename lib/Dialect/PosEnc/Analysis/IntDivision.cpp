//===- IntDivision.cpp - Quotients that undo linearised indices -----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reshapes make x div S and x mod S of sums. What is proved to be a row and a
// column again becomes so.
//
//===----------------------------------------------------------------------===//

#include "IntTerms.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::posenc::scalar;

/// The quotient of term by the single-term divisor, if exact as monomials.
static bool divideTerm(ArrayRef<Expr> numerator, int64_t coef, ArrayRef<Expr> divisor,
                       int64_t divisorCoef, SmallVectorImpl<Expr> &left, int64_t &leftCoef) {
  if (coef % divisorCoef != 0)
    return false;
  leftCoef = coef / divisorCoef;
  left.assign(numerator.begin(), numerator.end());
  for (Expr factor : divisor) {
    auto it = llvm::find(left, factor);
    if (it == left.end())
      return false;
    left.erase(it);
  }
  return true;
}

void ExprContext::splitByDivisor(Expr a, Expr b, Expr &quotient, Expr &rest) {
  quotient = intConst(0);
  rest = intConst(0);
  SmallVector<std::pair<Expr, int64_t>> divisorTerms, list;
  int64_t divisorConst = terms(b, divisorTerms);
  bool single = divisorConst == 0 ? divisorTerms.size() == 1 : divisorTerms.empty();
  int64_t divisorCoef = divisorTerms.empty() ? divisorConst : divisorTerms[0].second;
  if (!single || divisorCoef == 0) {
    rest = a;
    return;
  }
  ArrayRef<Expr> divisor;
  if (!divisorTerms.empty())
    divisor = factors(divisorTerms[0].first);
  int64_t constant = terms(a, list);
  for (auto [term, coef] : list) {
    SmallVector<Expr> left;
    int64_t leftCoef;
    if (!divideTerm(factors(term), coef, divisor, divisorCoef, left, leftCoef)) {
      rest = add(rest, scale(term, coef));
      continue;
    }
    Expr product = intConst(leftCoef);
    for (Expr factor : left)
      product = mul(product, factor);
    quotient = add(quotient, product);
  }
  if (divisor.empty()) {
    int64_t q =
        constant >= 0 ? constant / divisorCoef : -((-constant + divisorCoef - 1) / divisorCoef);
    quotient = add(quotient, intConst(q));
    constant -= q * divisorCoef;
  }
  rest = add(rest, intConst(constant));
}

/// Whether a = q · b + r with r in [0, b) for another q than splitByDivisor's:
/// (79 m + n + 40) div 80 is m where m < 40 and n < 40. Each candidate is tried,
/// none is believed.
bool ExprContext::findQuotient(Expr a, Expr b, Expr &quotient, Expr &rest) {
  SmallVector<std::pair<Expr, int64_t>> divisorTerms, list;
  int64_t divisorConst = terms(b, divisorTerms);
  terms(a, list);
  auto fits = [&](Expr candidate) {
    quotient = candidate;
    rest = sub(a, mul(candidate, b));
    return !candidate->isConst(0) && inRange(rest, b);
  };
  if (b->kind == Kind::IntConst) {
    if (b->num <= 0)
      return false;
    Expr nearest = intConst(0);
    for (auto [term, coef] : list)
      nearest = add(nearest, scale(term, (coef + (coef < 0 ? -1 : 1) * b->num / 2) / b->num));
    // The remainder may begin anywhere; what is beyond 32 bits is unbounded.
    Expr left = sub(a, scale(nearest, b->num));
    constexpr int64_t limit = int64_t(1) << 32;
    if (left->lo > -limit && left->lo < limit)
      nearest = add(nearest, floorDiv(intConst(left->lo), b));
    return fits(nearest);
  }
  if (divisorTerms.size() + (divisorConst != 0) < 2)
    return false;
  for (auto [lead, leadCoef] : divisorTerms) {
    Expr candidate = intConst(0);
    for (auto [term, coef] : list) {
      SmallVector<Expr> left;
      int64_t leftCoef;
      if (!divideTerm(factors(term), coef, factors(lead), leadCoef, left, leftCoef))
        continue;
      Expr product = intConst(leftCoef);
      for (Expr factor : left)
        product = mul(product, factor);
      candidate = add(candidate, product);
    }
    // A bare term may belong to the remainder: (m S + S + n) div (S + 1).
    for (int64_t offset : {0, -1, 1})
      if (fits(add(candidate, intConst(offset))))
        return true;
  }
  return false;
}

/// (16 h + d) div 64 with d in [0, 16) is h div 4; mod likewise. Null if no
/// coefficient of `rest` helps.
Expr ExprContext::divideByGcd(Expr rest, int64_t divisor, bool wantMod) {
  if (rest->kind != Kind::Sum)
    return nullptr;
  for (int64_t g : rest->coefs) {
    if (g <= 1 || g >= divisor || divisor % g != 0)
      continue;
    Expr high, low;
    splitByDivisor(rest, intConst(g), high, low);
    if (!inRange(low, intConst(g)))
      continue;
    if (wantMod)
      return add(scale(mod(high, intConst(divisor / g)), g), low);
    return floorDiv(high, intConst(divisor / g));
  }
  return nullptr;
}

Expr ExprContext::floorDiv(Expr a, Expr b) {
  if (b->isConst(1))
    return a;
  Expr quotient, rest;
  splitByDivisor(a, b, quotient, rest);
  // An exact quotient needs no proof of b > 0: dividing by zero is undefined.
  if (rest->isConst(0) || inRange(rest, b))
    return quotient;
  Expr otherQuotient, otherRest;
  if (findQuotient(rest, b, otherQuotient, otherRest))
    return add(quotient, otherQuotient);
  if (!quotient->isConst(0))
    return add(quotient, floorDiv(rest, b));
  if (b->kind == Kind::IntConst) {
    if (Expr smaller = divideByGcd(rest, b->num, /*wantMod=*/false))
      return smaller;
    if (rest->kind == Kind::FloorDiv && rest->ops[1]->kind == Kind::IntConst)
      return floorDiv(rest->ops[0], intConst(rest->ops[1]->num * b->num));
  }
  Node node{Kind::FloorDiv};
  node.ops = {rest, b};
  int64_t d = std::max<int64_t>(1, b->kind == Kind::IntConst ? b->num : 1);
  node.lo = rest->lo >= 0 ? 0 : rest->lo;
  node.hi = rest->hi < 0 ? -1 : rest->hi / d;
  return intern(std::move(node));
}

Expr ExprContext::mod(Expr a, Expr b) {
  if (b->isConst(1))
    return intConst(0);
  Expr quotient, rest;
  splitByDivisor(a, b, quotient, rest);
  if (rest->isConst(0) || inRange(rest, b))
    return rest;
  Expr otherQuotient, otherRest;
  if (findQuotient(rest, b, otherQuotient, otherRest))
    return otherRest;
  if (b->kind == Kind::IntConst)
    if (Expr smaller = divideByGcd(rest, b->num, /*wantMod=*/true))
      return smaller;
  Node node{Kind::Mod};
  node.ops = {rest, b};
  node.lo = 0;
  node.hi = std::max<int64_t>(0, b->hi - 1);
  return intern(std::move(node));
}

/// Replaces c (b · (x div b) + x mod b) by c x, once. False if there is none.
bool ExprContext::undoDivision(SmallVectorImpl<std::pair<Expr, int64_t>> &list,
                               int64_t &constant) {
  auto divides = [](auto &entry) {
    return llvm::any_of(factors(entry.first),
                        [](Expr f) { return f->kind == Kind::FloorDiv; });
  };
  if (llvm::none_of(list, divides))
    return false;
  for (auto [node, coef] : list) {
    if (node->kind != Kind::Mod)
      continue;
    Expr x = node->ops[0], b = node->ops[1];
    SmallVector<std::pair<Expr, int64_t>> whole, left(list.begin(), list.end());
    if (terms(mul(b, floorDiv(x, b)), whole) != 0)
      continue;
    whole.push_back({node, 1});
    bool found = llvm::all_of(whole, [&, factor = coef](auto &entry) {
      auto it = llvm::find(left, std::make_pair(entry.first, entry.second * factor));
      if (it == left.end())
        return false;
      left.erase(it);
      return true;
    });
    if (!found)
      continue;
    SmallVector<std::pair<Expr, int64_t>> value;
    constant += coef * terms(x, value);
    for (auto [term, c] : value)
      left.push_back({term, c * coef});
    list.assign(left.begin(), left.end());
    return true;
  }
  return false;
}
