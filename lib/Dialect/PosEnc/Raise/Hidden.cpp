//===- Hidden.cpp - Scores that a mask makes irrelevant -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Transformer-XL's shift fills the part behind the causal mask with scores of the
// next query. That they are is index arithmetic which only matters there: it is
// simplified by what holds of the keys that are seen.
//
//===----------------------------------------------------------------------===//

#include "DistanceFunction.h"

#include <cmath>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;

/// An f32 sum with something as far from 0 is that, whatever a score was.
static constexpr double kAbsorbing = 1.0e20;

static bool isOp(Expr e, StringRef name) { return e->kind == Kind::Op && e->name == name; }

namespace {
/// Finds the largest distance n − m that is seen.
class VisibleBound {
public:
  VisibleBound(ExprContext &cx, const Attention &attention) : cx(cx), attention(attention) {}

  /// What is below the masks that are added last, and the bound that they give.
  Expr strip(Expr score) {
    while (Expr below = belowMask(score))
      score = below;
    return score;
  }
  Expr bound = nullptr;

private:
  bool isScore(Expr e) {
    bool found = false;
    visit(e, [&](Expr node) { found |= node == attention.argument; });
    return found;
  }

  Expr belowMask(Expr e) {
    if (e->kind == Kind::Select)
      return belowSelect(e);
    bool subtracts = isOp(e, "arith.subf");
    if (!e->type.isF32() || (!subtracts && !isOp(e, "arith.addf")))
      return nullptr;
    unsigned side = isScore(e->ops[0]) ? 0 : 1;
    Expr term = e->ops[1 - side];
    if ((subtracts && side == 1) || isScore(term) || !isHidden(term, subtracts))
      return nullptr;
    return e->ops[side];
  }

  Expr belowSelect(Expr e) {
    for (unsigned side : {1, 2}) {
      std::optional<double> fill = e->ops[3 - side]->floatValue();
      Expr hidden = side == 1 ? cx.logicalNot(e->ops[0]) : e->ops[0];
      if (fill && *fill <= -kAbsorbing && hides(hidden))
        return e->ops[side];
    }
    return nullptr;
  }

  /// Whether a term hides from some distance on.
  bool isHidden(Expr term, bool subtracted) {
    if (term->kind == Kind::Select)
      for (unsigned side : {1, 2}) {
        std::optional<double> fill = term->ops[side]->floatValue();
        if (fill && (subtracted ? *fill >= kAbsorbing : *fill <= -kAbsorbing))
          return hides(side == 1 ? term->ops[0] : cx.logicalNot(term->ops[0]));
      }
    using P = arith::CmpFPredicate;
    MLIRContext *ctx = cx.getContext();
    P predicate = subtracted ? P::OGE : P::OLE;
    Builder builder(ctx);
    NamedAttribute attr(StringAttr::get(ctx, "predicate"),
                        arith::CmpFPredicateAttr::get(ctx, predicate));
    double limit = subtracted ? kAbsorbing : -kAbsorbing;
    return hides(cx.op("arith.cmpf", builder.getI1Type(),
                       {term, cx.floatConst(limit, term->type)}, builder.getDictionaryAttr(attr)));
  }

  /// Takes the bound from a condition under which a score is not seen.
  bool hides(Expr hidden) {
    Expr distance = cx.sub(attention.key.index, attention.query.index);
    if (hidden->kind == Kind::GE0) {
      // n − m >= C
      Expr visible = cx.sub(cx.sub(distance, hidden->ops[0]), cx.intConst(1));
      uint64_t position = attention.query.index->vars | attention.key.index->vars;
      if (!(visible->vars & position) && !visible->reads)
        return take(visible);
    }
    std::optional<DistanceFunction> f = tabulate(cx, hidden, attention.query, attention.key);
    if (!f || (!f->total && f->reachHi > f->hi))
      return false;
    int64_t d = std::min(f->hi, f->reachHi);
    if (f->at(d) != 1)
      return false;
    while (d > f->lo && f->at(d) == 1)
      --d;
    return take(cx.intConst(d));
  }

  bool take(Expr candidate) {
    if (!bound)
      bound = candidate;
    return true;
  }

  ExprContext &cx;
  const Attention &attention;
};
} // namespace

/// A quotient or remainder of both positions: of a shift.
static bool isShifted(const Attention &attention, Expr index) {
  bool found = false;
  visit(index, [&](Expr e) {
    found |= (e->kind == Kind::FloorDiv || e->kind == Kind::Mod) &&
             (e->vars & attention.query.index->vars) && (e->vars & attention.key.index->vars);
  });
  return found;
}

void mlir::posenc::raise::simplifyWhereSeen(ExprContext &cx, Attention &attention) {
  if (attention.query.index->kind != Kind::Var || attention.key.index->kind != Kind::Var)
    return;
  VisibleBound visible(cx, attention);
  Expr score = visible.strip(attention.score);
  if (!visible.bound || !cx.provablyNonNegative(visible.bound))
    return;
  attention.seenUpTo = visible.bound;
  // n = m + bound − behind, with behind in [0, queries + bound).
  Expr behind = cx.var(cx.add(attention.query.extent, visible.bound));
  Expr top = cx.add(attention.query.index, visible.bound);
  llvm::DenseMap<Expr, Expr> there, back, seen;
  there[attention.key.index] = cx.sub(top, behind);
  back[behind] = cx.sub(top, attention.key.index);
  visit(score, [&](Expr read) {
    auto shifted = [&](Expr index) { return isShifted(attention, index); };
    if (read->kind != Kind::Read || !llvm::any_of(read->ops, shifted))
      return;
    Expr simple = cx.substitute(cx.substitute(read, there), back);
    if (llvm::none_of(simple->ops, shifted))
      seen[read] = simple;
  });
  if (seen.empty())
    return;
  llvm::DenseMap<Expr, Expr> whole;
  whole[score] = cx.substitute(score, seen);
  attention.score = cx.substitute(attention.score, whole);
}
