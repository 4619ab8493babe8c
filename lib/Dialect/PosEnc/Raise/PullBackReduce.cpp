//===- PullBackReduce.cpp - Integer reductions as expressions -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exporters compute indices by reductions: a running sum is a sum over a
// triangle, a linearised index a sum over its coordinates, and a test for
// packed sequences counts the jumps of position ids. Where the integer that
// comes out is known for all lengths, it is an expression like any other. Three
// ways, each exact: a step that changes nothing, whatever the position
// (induction); a sum of 0 and 1 under linear conditions (counting); and a few
// steps of known number, one after the other.
//
//===----------------------------------------------------------------------===//

#include "PullBack.h"

using namespace mlir;
using namespace mlir::posenc::raise;

namespace {
/// acc' = step(acc, k) for k in [0, extent), from init.
struct Steps {
  Expr init, extent, index;
  llvm::function_ref<Expr(Expr, Expr)> step;
};
} // namespace

static bool dependsOn(Expr e, Expr var) { return (e->vars & var->vars) != 0; }

/// What the accumulator stays at, once a step no longer changes it.
static Expr fixedPoint(ExprContext &cx, const Steps &steps) {
  Expr acc = steps.init;
  for (unsigned taken = 0; taken < 3; ++taken) {
    Expr next = steps.step(acc, steps.index);
    if (next == acc)
      return cx.provablyNonNegative(cx.sub(steps.extent, cx.intConst(taken))) ? acc : nullptr;
    if (dependsOn(next, steps.index))
      return nullptr;
    acc = next;
  }
  return nullptr;
}

/// For how many k in [0, extent) the condition holds; null if that is not said
/// by one end of an interval.
static Expr countTrue(ExprContext &cx, Expr condition, Expr k, Expr extent) {
  if (!dependsOn(condition, k))
    return cx.select(condition, extent, cx.intConst(0));
  if (condition->kind == Kind::Not) {
    Expr rest = countTrue(cx, condition->ops[0], k, extent);
    return rest ? cx.sub(extent, rest) : nullptr;
  }
  if (condition->kind == Kind::And)
    for (unsigned side : {0, 1})
      if (!dependsOn(condition->ops[side], k)) {
        Expr rest = countTrue(cx, condition->ops[1 - side], k, extent);
        return rest ? cx.select(condition->ops[side], rest, cx.intConst(0)) : nullptr;
      }
  if (condition->kind != Kind::GE0)
    return nullptr;
  Expr sum = condition->ops[0], zero = cx.intConst(0);
  Expr rest = cx.sub(sum, k);
  if (!dependsOn(rest, k)) // k >= −rest
    return cx.sub(extent, cx.min(cx.max(cx.scale(rest, -1), zero), extent));
  rest = cx.add(sum, k);
  if (!dependsOn(rest, k)) // k <= rest
    return cx.min(cx.max(cx.add(rest, cx.intConst(1)), zero), extent);
  return nullptr;
}

/// Σ term over k in [0, extent).
static Expr sumOver(ExprContext &cx, Expr term, Expr k, Expr extent) {
  if (!dependsOn(term, k))
    return cx.mul(term, extent);
  if (term->kind != Kind::Select)
    return term->isBool() ? countTrue(cx, term, k, extent) : nullptr;
  Expr condition = term->ops[0], a = term->ops[1], b = term->ops[2];
  if (!dependsOn(condition, k)) {
    Expr whenTrue = sumOver(cx, a, k, extent), whenFalse = sumOver(cx, b, k, extent);
    return whenTrue && whenFalse ? cx.select(condition, whenTrue, whenFalse) : nullptr;
  }
  if (dependsOn(a, k) || dependsOn(b, k))
    return nullptr;
  Expr count = countTrue(cx, condition, k, extent);
  return count ? cx.add(cx.mul(count, cx.sub(a, b)), cx.mul(b, extent)) : nullptr;
}

/// A sum of small terms that are not negative, from zero.
static Expr countingSum(ExprContext &cx, const Steps &steps) {
  constexpr int64_t limit = int64_t(1) << 20;
  if (!steps.init->isConst(0) || steps.extent->hi > kMaxExtent)
    return nullptr;
  Expr first = steps.step(steps.init, steps.index);
  if (first->lo < 0 || first->hi > limit)
    return nullptr;
  // The accumulator by a name, as far as it can grow: what is added must not
  // depend on it, and the addition must not wrap.
  Expr acc = cx.varInRange(0, first->hi * std::max<int64_t>(steps.extent->hi, 1));
  Expr term = cx.sub(steps.step(acc, steps.index), acc);
  if (term != first)
    return nullptr;
  return sumOver(cx, term, steps.index, steps.extent);
}

/// The k that a target gives if target(k) = position: k from `position`, right
/// wherever there is one. Null where target is not of a form that this inverts.
static Expr invert(ExprContext &cx, Expr target, Expr k, Expr position) {
  // target = high · (k div q) + low · (k mod q) + rest; or low · k + rest.
  Expr quotient = nullptr, remainder = k;
  visit(target, [&](Expr e) {
    if (e->kind == Kind::FloorDiv && e->ops[0] == k && e->ops[1]->kind == Kind::IntConst)
      quotient = e;
  });
  if (quotient)
    remainder = cx.mod(k, quotient->ops[1]);
  int64_t high = 0, low = 0;
  if (target == remainder)
    low = 1;
  if (target->kind == Kind::Sum)
    for (auto [term, coef] : llvm::zip(target->ops, target->coefs))
      (term == quotient ? high : term == remainder ? low : high) = coef;
  Expr rest = cx.sub(target, cx.scale(remainder, low));
  if (quotient)
    rest = cx.sub(rest, cx.scale(quotient, high));
  if (low <= 0 || (quotient && high <= 0) || dependsOn(rest, k))
    return nullptr;
  auto from = [&](Expr at) {
    Expr left = cx.sub(at, rest);
    if (!quotient)
      return cx.floorDiv(left, cx.intConst(low));
    Expr outer = cx.floorDiv(left, cx.intConst(high));
    Expr inner =
        cx.floorDiv(cx.sub(left, cx.scale(outer, high)), cx.intConst(low));
    return cx.add(cx.mul(outer, quotient->ops[1]), inner);
  };
  Expr itself = quotient ? cx.add(cx.mul(quotient, quotient->ops[1]), remainder) : k;
  return from(target) == itself ? from(position) : nullptr;
}

/// acc' = target(k) = position ? value(k) : acc. As `invert` is an inverse, at
/// most one k writes, so that their order is of no interest.
static Expr scatter(ExprContext &cx, const Steps &steps) {
  Expr k = steps.index, acc = cx.varInRange(steps.init->lo, steps.init->hi);
  Expr next = steps.step(acc, k);
  if (next->kind != Kind::Select || next->ops[2] != acc || next->ops[0]->kind != Kind::EQ0 ||
      dependsOn(next->ops[0], acc) || dependsOn(next->ops[1], acc) ||
      next->ops[0]->ops[0]->kind != Kind::Sum)
    return nullptr;
  // Which side of the difference is the target: the one with k in it.
  Expr difference = next->ops[0]->ops[0], target = cx.intConst(0);
  int64_t sign = 0;
  for (auto [term, coef] : llvm::zip(difference->ops, difference->coefs))
    if (dependsOn(term, k)) {
      target = cx.add(target, cx.scale(term, coef));
      sign = coef < 0 ? -1 : 1;
    }
  Expr position = cx.scale(cx.sub(difference, target), -sign);
  target = cx.scale(target, sign);
  Expr writer = sign != 0 ? invert(cx, target, k, position) : nullptr;
  if (!writer)
    return nullptr;
  llvm::DenseMap<Expr, Expr> map;
  map[k] = writer;
  Expr inside = cx.logicalAnd(
      cx.ge0(writer), cx.compare(arith::CmpIPredicate::slt, writer, steps.extent));
  Expr hit = cx.eq0(cx.sub(cx.substitute(target, map), position));
  return cx.select(cx.logicalAnd(inside, hit), cx.substitute(next->ops[1], map), steps.init);
}

/// A few steps, one after the other, of what is known by position: tests of
/// scores are for others to understand.
static Expr unroll(ExprContext &cx, const Steps &steps) {
  constexpr int64_t limit = 8;
  if (steps.extent->kind != Kind::IntConst || steps.extent->num > limit)
    return nullptr;
  Expr acc = steps.init;
  for (int64_t k = 0; k < steps.extent->num; ++k)
    acc = steps.step(acc, cx.intConst(k));
  bool known = true;
  visit(acc, [&](Expr e) {
    known &= e->kind != Kind::Undef && !(e->kind == Kind::Read && e->isFloat());
  });
  return known ? acc : nullptr;
}

Expr PullBack::throughReduction(linalg::LinalgOp op, unsigned result, ArrayRef<Expr> indices) {
  std::optional<unsigned> loop = reductionLoop(op);
  SmallVector<Expr> loops;
  auto type = cast<RankedTensorType>(op->getResult(result).getType());
  if (!loop || !type.getElementType().isIntOrIndex() || !op.hasPureTensorSemantics() ||
      !loopsOf(op, result, indices, loops))
    return nullptr;
  Block *body = op.getBlock();
  auto step = [&](Expr acc, Expr k) {
    loops[*loop] = k;
    Env env;
    for (OpOperand &operand : op->getOpOperands()) {
      unsigned n = operand.getOperandNumber();
      if (n >= body->getNumArguments() || body->getArgument(n).use_empty())
        continue;
      AffineMap map = op.getMatchingIndexingMap(&operand);
      env[body->getArgument(n)] =
          op.isDpsInit(&operand)                           ? acc
          : isa<RankedTensorType>(operand.get().getType()) ? element(operand.get(),
                                                                     apply(map, loops),
                                                                     Depth::Full)
                                                           : scalar(operand.get());
    }
    runBlock(*body, env, loops, Depth::Full);
    return lookup(body->getTerminator()->getOperand(result), env);
  };
  // Several accumulators read each other.
  if (op.getNumDpsInits() != 1)
    return nullptr;
  Expr extent = loopExtents(op)[*loop];
  loops[*loop] = cx.var(extent);
  OpOperand *init = op.getDpsInitOperand(result);
  Steps steps{element(init->get(), apply(op.getMatchingIndexingMap(init), loops), Depth::Full),
              extent, loops[*loop], step};
  if (llvm::is_contained(loops, nullptr) || !steps.init->isInt())
    return nullptr;
  if (Expr same = fixedPoint(cx, steps))
    return same;
  if (Expr few = unroll(cx, steps))
    return few;
  if (Expr searched = steps.index->kind == Kind::Var ? scatter(cx, steps) : nullptr)
    return searched;
  return steps.index->kind == Kind::Var ? countingSum(cx, steps) : nullptr;
}
