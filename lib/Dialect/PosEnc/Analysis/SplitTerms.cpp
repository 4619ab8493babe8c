//===- SplitTerms.cpp - A score region as a list of steps -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The score is cut at every value that all of its influence passes through.
// What lies between two cuts is one expression of the score s before it, and
// that is one of s + g, s · g, p ? s : c, g(s), or anything.
//
//===----------------------------------------------------------------------===//

#include "SplitTerms.h"

#include "mlir/IR/Operation.h"

#include <cmath>
#include <map>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::scalar;

//===----------------------------------------------------------------------===//
// Segments
//===----------------------------------------------------------------------===//

/// The op of `block` that `value` comes from; null for arguments and captures.
static Operation *getTopLevelOp(Value value, Block &block) {
  Operation *op = value.getDefiningOp();
  return op ? block.findAncestorOpInBlock(*op) : nullptr;
}

/// What an op reads from outside of it, its regions included.
static SmallVector<Value> getUses(Operation *op) {
  SmallVector<Value> uses;
  op->walk([&](Operation *nested) {
    for (Value operand : nested->getOperands()) {
      Operation *defining = operand.getDefiningOp();
      if (!defining || !op->isAncestor(defining))
        uses.push_back(operand);
    }
  });
  return uses;
}

SmallVector<ScoreSegment> mlir::posenc::findSegments(Block &block, Value to) {
  Value score = block.getArgument(0);
  llvm::DenseMap<Operation *, unsigned> order;
  llvm::DenseSet<Value> onScore{score};
  for (Operation &op : block) {
    order[&op] = order.size();
    bool depends = llvm::any_of(getUses(&op), [&](Value v) { return onScore.contains(v); });
    if (depends && !isa<StageOpInterface>(op))
      onScore.insert(op.result_begin(), op.result_end());
  }
  SmallVector<ScoreSegment> segments;
  while (to != score) {
    if (!onScore.contains(to)) {
      segments.push_back({Value(), to});
      break;
    }
    // Values that the score reaches `to` through, by the ops that make them;
    // the latest op goes first, so that none is met again.
    std::map<int64_t, SetVector<Value>> frontier;
    auto add = [&](Value value) {
      Operation *op = getTopLevelOp(value, block);
      frontier[op ? int64_t(order.lookup(op)) : -1].insert(value);
    };
    add(to);
    do {
      Value latest = frontier.rbegin()->second.front();
      frontier.erase(std::prev(frontier.end()));
      for (Value use : getUses(getTopLevelOp(latest, block)))
        if (onScore.contains(use))
          add(use);
    } while (frontier.size() > 1 || frontier.begin()->second.size() > 1);
    Value from = frontier.begin()->second.front();
    segments.push_back({from, to});
    to = from;
  }
  std::reverse(segments.begin(), segments.end());
  return segments;
}

//===----------------------------------------------------------------------===//
// Forms
//===----------------------------------------------------------------------===//

namespace {
/// Tells the form of one segment's expression.
class FormMatcher {
public:
  FormMatcher(ExprContext &cx, Expr incoming) : cx(cx), incoming(incoming) {}

  bool readsScore(Expr e) const { return (e->vars & incoming->vars) != 0; }

  /// What e adds to the score, in parts; none if e is no such sum.
  std::optional<SmallVector<Expr>> added(Expr e) {
    if (e == incoming)
      return SmallVector<Expr>();
    if (e->kind == Kind::Op && (e->name == "arith.addf" || e->name == "arith.subf")) {
      bool minus = e->name == "arith.subf";
      unsigned side = readsScore(e->ops[0]) ? 0 : 1;
      if (readsScore(e->ops[1 - side]) || (minus && side == 1))
        return std::nullopt;
      std::optional<SmallVector<Expr>> parts = added(e->ops[side]);
      if (parts)
        flattenSum(e->ops[1 - side], minus, *parts);
      return parts;
    }
    if (e->kind == Kind::Select && !readsScore(e->ops[0])) {
      std::optional<SmallVector<Expr>> a = added(e->ops[1]), b = added(e->ops[2]);
      if (a && b)
        return SmallVector<Expr>{cx.select(e->ops[0], sum(*a, e->type), sum(*b, e->type))};
    }
    return std::nullopt;
  }

  /// The condition under which e is the score, and what it is otherwise.
  std::optional<std::pair<Expr, double>> masked(Expr e) {
    if (e->kind != Kind::Select || readsScore(e->ops[0]))
      return std::nullopt;
    for (unsigned side : {1, 2}) {
      std::optional<double> fill = e->ops[3 - side]->floatValue();
      if (!fill)
        continue;
      Expr visible = side == 1 ? e->ops[0] : cx.logicalNot(e->ops[0]);
      if (e->ops[side] == incoming)
        return {{visible, *fill}};
      // One mask in the other, with the same fill.
      auto inner = masked(e->ops[side]);
      if (inner && inner->second == *fill)
        return {{cx.logicalAnd(visible, inner->first), *fill}};
    }
    return std::nullopt;
  }

  /// The factor of a product with the score; null if e is none.
  Expr factor(Expr e) {
    if (e->kind != Kind::Op)
      return nullptr;
    if (e->name == "arith.negf" && e->ops[0] == incoming)
      return cx.floatConst(-1.0, e->type);
    if (e->name == "arith.mulf")
      for (unsigned side : {0, 1})
        if (e->ops[side] == incoming && !readsScore(e->ops[1 - side]))
          return e->ops[1 - side];
    if (e->name == "arith.divf" && e->ops[0] == incoming && !readsScore(e->ops[1]))
      return cx.op("arith.divf", e->type, {cx.floatConst(1.0, e->type), e->ops[1]});
    return nullptr;
  }

private:
  Expr sum(ArrayRef<Expr> parts, Type type) {
    Expr result = nullptr;
    for (Expr part : parts)
      result = result ? cx.op("arith.addf", type, {result, part}) : part;
    return result ? result : cx.floatConst(0.0, type);
  }

  /// Sums may be re-associated: their parts are terms of their own.
  void flattenSum(Expr e, bool negated, SmallVectorImpl<Expr> &parts) {
    if (e->kind == Kind::Op && (e->name == "arith.addf" || e->name == "arith.subf")) {
      flattenSum(e->ops[0], negated, parts);
      flattenSum(e->ops[1], negated != (e->name == "arith.subf"), parts);
    } else if (e->kind == Kind::Op && e->name == "arith.negf") {
      flattenSum(e->ops[0], !negated, parts);
    } else if (e->floatValue() != 0.0) {
      parts.push_back(negated ? cx.op("arith.negf", e->type, {e}) : e);
    }
  }

  ExprContext &cx;
  Expr incoming;
};
} // namespace

/// Conditions that all have to hold.
static void flattenAnd(ExprContext &cx, Expr condition, SmallVectorImpl<Expr> &parts) {
  if (condition->kind == Kind::And) {
    flattenAnd(cx, condition->ops[0], parts);
    flattenAnd(cx, condition->ops[1], parts);
  } else if (condition->kind == Kind::Not && condition->ops[0]->kind == Kind::Or) {
    flattenAnd(cx, cx.logicalNot(condition->ops[0]->ops[0]), parts);
    flattenAnd(cx, cx.logicalNot(condition->ops[0]->ops[1]), parts);
  } else {
    parts.push_back(condition);
  }
}

/// The condition of `visible ? 0 : −inf`, which is a mask by addition.
static Expr matchAddedMask(ExprContext &cx, Expr part) {
  if (part->kind != Kind::Select)
    return nullptr;
  for (unsigned side : {1, 2})
    if (part->ops[side]->floatValue() == 0.0 &&
        part->ops[3 - side]->floatValue() == -std::numeric_limits<double>::infinity())
      return side == 1 ? part->ops[0] : cx.logicalNot(part->ops[0]);
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Terms
//===----------------------------------------------------------------------===//

namespace {
class Splitter {
public:
  Splitter(ExprContext &cx, RegionExprs &region, Coordinates &coordinates, Expr incoming)
      : cx(cx), region(region), coordinates(coordinates), incoming(incoming),
        matcher(cx, incoming) {}

  void split(const ScoreSegment &segment) {
    size_t first = terms.size();
    addTerms(segment);
    for (ScoreTerm &term : llvm::drop_begin(terms, first)) {
      term.from = segment.from;
      term.to = segment.to;
    }
  }

  std::vector<ScoreTerm> terms;

private:
  void addTerms(const ScoreSegment &segment) {
    Operation *op = getTopLevelOp(segment.to, region.getBlock());
    if (!op) // a captured value
      op = region.getBlock().getTerminator();
    auto mod = dyn_cast<ScoreModOpInterface>(op);
    if (mod && mod.getForm() == ScoreModForm::Product)
      return addProduct(mod, segment);
    Expr value = region.of(segment.to);
    if (segment.from)
      value = cx.substitute(value, {{region.of(segment.from), incoming}});
    value = coordinates.rewrite(value);
    if (value == incoming)
      return;
    if (auto parts = matcher.added(value)) {
      for (Expr part : *parts)
        addPart(op, part);
    } else if (auto mask = matcher.masked(value)) {
      addMask(op, mask->first, mask->second);
    } else if (Expr factor = matcher.factor(value)) {
      terms.push_back({op, TermAction::Multiply, factor});
    } else {
      // Told apart once it is known what else it depends on.
      terms.push_back({op, TermAction::General, value});
    }
  }

  /// One term, whatever is added with it.
  void addProduct(ScoreModOpInterface mod, const ScoreSegment &segment) {
    ScoreTerm &term = terms.emplace_back(ScoreTerm{mod, TermAction::Product, nullptr});
    term.product = mod.getProduct();
    Expr value = region.of(segment.to), row = region.getProductRow(mod);
    if (!row || !segment.from)
      return;
    term.row = coordinates.rewrite(row);
    value = cx.substitute(value, {{region.of(segment.from), incoming}});
    auto parts = matcher.added(coordinates.rewrite(value));
    if (parts && parts->size() == 1)
      term.value = parts->front();
  }

  void addPart(Operation *op, Expr part) {
    if (Expr visible = matchAddedMask(cx, part))
      return addMask(op, visible, -std::numeric_limits<double>::infinity());
    terms.push_back({op, TermAction::Add, part});
  }

  void addMask(Operation *op, Expr visible, double fill) {
    SmallVector<Expr> parts;
    flattenAnd(cx, visible, parts);
    for (Expr part : parts) {
      ScoreTerm &term = terms.emplace_back(ScoreTerm{op, TermAction::Mask, part});
      term.fill = fill;
    }
  }

  ExprContext &cx;
  RegionExprs &region;
  Coordinates &coordinates;
  Expr incoming;
  FormMatcher matcher;
};
} // namespace

std::vector<ScoreTerm> mlir::posenc::splitTerms(ExprContext &cx, RegionExprs &region,
                                                Coordinates &coordinates, Expr incoming,
                                                Value to) {
  Splitter splitter(cx, region, coordinates, incoming);
  for (const ScoreSegment &segment : findSegments(region.getBlock(), to))
    splitter.split(segment);
  return std::move(splitter.terms);
}
