//===- FindAttention.cpp - Attention from the data flow of its softmax ----===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FindAttention.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/SetVector.h"

#include <cmath>

using namespace mlir;
using namespace mlir::posenc::raise;

//===----------------------------------------------------------------------===//
// A first look
//===----------------------------------------------------------------------===//

static bool bodyHasExp(linalg::LinalgOp op) {
  return llvm::any_of(op.getBlock()->without_terminator(),
                      [](Operation &inner) { return isa<math::ExpOp, math::Exp2Op>(inner); });
}

/// Exponentials that are summed beside whatever else they are for.
static bool isSummedExp(Operation *op) {
  auto linalgOp = dyn_cast_or_null<linalg::LinalgOp>(op);
  return linalgOp && bodyHasExp(linalgOp) && llvm::any_of(op->getUsers(), [](Operation *user) {
           auto sum = dyn_cast<linalg::LinalgOp>(user);
           return sum && sum.getNumReductionLoops() != 0 && sum.getNumDpsInputs() == 1;
         });
}

bool AttentionFinder::isCandidate(linalg::LinalgOp op) {
  if (op.getNumReductionLoops() == 0 || !op.hasPureTensorSemantics() ||
      op.getNumDpsInputs() < 2)
    return false;
  constexpr size_t limit = 64;
  bool sawExp = false, sawSum = false;
  llvm::SetVector<Operation *> seen;
  for (Value input : op.getDpsInputs())
    if (Operation *def = input.getDefiningOp())
      seen.insert(def);
  for (size_t i = 0; i < seen.size() && i < limit && !(sawExp && sawSum); ++i) {
    auto linalgOp = dyn_cast<linalg::LinalgOp>(seen[i]);
    if (linalgOp && linalgOp.getNumReductionLoops() != 0) {
      sawSum |= linalgOp.getNumDpsInputs() == 1;
      continue; // what stands behind a reduction is another story
    }
    if (linalgOp)
      sawExp |= bodyHasExp(linalgOp);
    sawSum |= isSummedExp(seen[i]);
    auto follow = [&](Value v) {
      if (Operation *def = v.getDefiningOp(); def && isa<RankedTensorType>(v.getType()))
        seen.insert(def);
    };
    for (Value operand : seen[i]->getOperands())
      follow(operand);
    // tensor.extract in a body reads tensors that are no operands.
    if (linalgOp)
      for (Operation &inner : linalgOp.getBlock()->without_terminator())
        for (Value operand : inner.getOperands())
          if (isa<RankedTensorType>(operand.getType()))
            follow(operand);
  }
  return sawExp && sawSum;
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

static bool isOp(Expr e, StringRef name) { return e->kind == Kind::Op && e->name == name; }

static bool isZero(Expr e) {
  std::optional<double> value = e->floatValue();
  return value && *value == 0.0;
}

Expr mlir::posenc::raise::stripCasts(Expr e) {
  while (isOp(e, "arith.extf") || isOp(e, "arith.truncf"))
    e = e->ops[0];
  return e;
}

bool AttentionFinder::collectFactors(Expr product, Factors &factors) {
  SmallVector<std::pair<Expr, bool>> work{{product, false}};
  while (!work.empty()) {
    auto [e, inverse] = work.pop_back_val();
    e = stripCasts(e);
    if (isOp(e, "arith.mulf") || isOp(e, "arith.divf")) {
      work.push_back({e->ops[0], inverse});
      work.push_back({e->ops[1], inverse != (e->name == "arith.divf")});
    } else if (std::optional<double> value = e->floatValue()) {
      factors.constant *= inverse ? 1.0 / *value : *value;
    } else if (e->kind == Kind::Select && !inverse && isZero(e->ops[1])) {
      factors.guards.push_back(e->ops[0]); // true where the row gives zero
      work.push_back({e->ops[2], false});
    } else if (e->kind == Kind::Select && !inverse && isZero(e->ops[2])) {
      factors.guards.push_back(cx.logicalNot(e->ops[0]));
      work.push_back({e->ops[1], false});
    } else if (inverse) {
      factors.denominators.push_back(e);
    } else if (isOp(e, "math.exp") || isOp(e, "math.exp2")) {
      if (factors.exponential)
        return false;
      factors.exponential = e;
    } else {
      factors.numerators.push_back(e);
    }
  }
  return factors.exponential != nullptr;
}

//===----------------------------------------------------------------------===//
// Axes
//===----------------------------------------------------------------------===//

/// Where batch and heads are one loop, what it is divided by elsewhere is the
/// number of heads.
Expr AttentionFinder::headDivisor(Expr collapsed, const Factors &factors) {
  Expr divisor = nullptr;
  SmallVector<Expr> roots(factors.numerators);
  roots.push_back(factors.exponential);
  llvm::append_range(roots, factors.denominators);
  for (Expr root : roots)
    visit(root, [&](Expr e) {
      if ((e->kind != Kind::FloorDiv && e->kind != Kind::Mod) || e->ops[0] != collapsed)
        return;
      // The largest one: grouped heads divide by less.
      if (!divisor || e->ops[1]->hi > divisor->hi)
        divisor = e->ops[1];
    });
  return divisor;
}

bool AttentionFinder::nameBatches(ArrayRef<unsigned> batches, const Factors &factors,
                                  Attention &found) {
  SmallVector<Expr> &own = found.ownLoops;
  auto extentOf = [&](unsigned i) { return own[i]->ops[0]; };
  Expr one = cx.intConst(1), zero = cx.intConst(0);
  found.batch = found.head = {zero, one};
  found.byOwnLoops[0] = found.byOwnLoops[1] = zero;
  if (batches.empty())
    return true;
  found.byOwnLoops[0] = own[batches[0]];
  if (batches.size() == 1) {
    Expr collapsed = own[batches[0]], heads = headDivisor(collapsed, factors);
    // One axis that nobody splits: heads of one batch.
    if (!heads) {
      found.head = {collapsed, extentOf(batches[0])};
      found.byOwnLoops[0] = zero;
      found.byOwnLoops[1] = collapsed;
      return true;
    }
    Expr outer = cx.floorDiv(extentOf(batches[0]), heads);
    if (cx.mul(outer, heads) != extentOf(batches[0]))
      return false;
    found.batch = {cx.var(outer), outer};
    found.head = {cx.var(heads), heads};
    found.loops[batches[0]] = cx.add(cx.mul(found.batch.index, heads), found.head.index);
    found.byOwnLoops[0] = cx.floorDiv(collapsed, heads);
    found.byOwnLoops[1] = cx.mod(collapsed, heads);
    return true;
  }
  found.batch = {own[batches[0]], extentOf(batches[0])};
  if (batches.size() == 2) {
    found.head = {own[batches[1]], extentOf(batches[1])};
    found.byOwnLoops[1] = own[batches[1]];
    return true;
  }
  if (batches.size() != 3)
    return false;
  // Heads in groups: h = group · size + member.
  Expr groups = extentOf(batches[1]), size = extentOf(batches[2]);
  found.head.extent = cx.mul(groups, size);
  found.head.index = cx.var(found.head.extent);
  found.loops[batches[1]] = cx.floorDiv(found.head.index, size);
  found.loops[batches[2]] = cx.mod(found.head.index, size);
  found.byOwnLoops[1] = cx.add(cx.mul(own[batches[1]], size), own[batches[2]]);
  return true;
}

static bool hasExp(Expr root) {
  bool found = false;
  visit(root, [&](Expr e) { found |= isOp(e, "math.exp") || isOp(e, "math.exp2"); });
  return found;
}

/// An exponential and a sum of exponentials: no other activation has both.
bool AttentionFinder::mentionsSoftmax(Expr product) {
  if (!hasExp(product))
    return false;
  bool found = false;
  visit(product, [&](Expr e) {
    if (found || e->kind != Kind::Read)
      return;
    std::optional<Reduction> sum = pull.reduction(e, cx.intConst(0), Depth::Full);
    found = sum && sum->combiner == "arith.addf" && hasExp(sum->body);
  });
  return found;
}

bool AttentionFinder::findAxes(linalg::LinalgOp op, Attention &found, Miss &miss) {
  SmallVector<Expr> extents = pull.loopExtents(op);
  for (Expr extent : extents)
    found.ownLoops.push_back(cx.var(extent));
  found.loops = found.ownLoops;
  pull.assumeLoopsRun(extents);
  std::optional<Reduction> sum =
      pull.reduction(op, 0, found.loops, [](OpOperand &) { return Depth::Full; });
  Factors factors;
  if (!sum || sum->combiner != "arith.addf")
    return false;
  if (!PullBack::reductionLoop(op)) {
    if (mentionsSoftmax(sum->body))
      miss = {"expected a contraction over the keys alone, but got one over " +
                  std::to_string(op.getNumReductionLoops()) + " axes",
              op->getLoc()};
    return false;
  }
  if (!collectFactors(sum->body, factors) || factors.denominators.empty()) {
    if (mentionsSoftmax(sum->body))
      miss = {"expected a product of probabilities and values", op->getLoc()};
    else if (factors.exponential && llvm::any_of(op.getDpsInputs(), [](Value input) {
               return isSummedExp(input.getDefiningOp());
             }))
      miss = {"expected exponentials divided by their sum before they meet the values",
              op->getLoc()};
    return false;
  }
  if (!mentionsSoftmax(sum->body))
    return false;
  return sortAxes(factors, found, miss);
}

/// Which loop is what, by whether the probabilities and the values depend on it.
bool AttentionFinder::sortAxes(const Factors &factors, Attention &found, Miss &miss) {
  linalg::LinalgOp op = found.contraction;
  unsigned key = *PullBack::reductionLoop(op);
  SmallVector<unsigned> batches, queries;
  std::optional<unsigned> query, channel;
  uint64_t softmaxVars = factors.softmaxVars(), valueVars = factors.valueVars();
  for (auto [i, loop] : llvm::enumerate(found.ownLoops)) {
    if (i == key || loop->kind != Kind::Var)
      continue;
    bool inSoftmax = softmaxVars & loop->vars, inValue = valueVars & loop->vars;
    if (inSoftmax) {
      (inValue ? batches : queries).push_back(i);
    } else if (channel) {
      miss = {"expected one channel axis in the contraction, but got more", op->getLoc()};
      return false;
    } else {
      channel = i;
    }
  }
  // Heads or batches that share their values run outside the queries.
  if (!queries.empty())
    query = queries.pop_back_val();
  batches.append(queries);
  llvm::sort(batches);
  auto axis = [&](std::optional<unsigned> i) {
    return i ? Axis{found.ownLoops[*i], found.ownLoops[*i]->ops[0]}
             : Axis{cx.intConst(0), cx.intConst(1)};
  };
  found.query = axis(query);
  found.valueChannel = axis(channel);
  found.key = axis(key);
  found.byOwnLoops[2] = found.query.index;
  found.byOwnLoops[3] = found.valueChannel.index;
  if (!nameBatches(batches, factors, found)) {
    miss = {"expected batch and head axes, but got " + std::to_string(batches.size()) +
                " axes that probabilities and values share",
            op->getLoc()};
    return false;
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

/// z without what is subtracted last, the row maximum as a rule: softmax does
/// not see it. One step only. Before it a term of the query may be so large
/// that the scores round away beside it (the lowest number hides a whole row,
/// and leaves all keys alike); the last one cannot be, or no exponential would
/// be a number.
static Expr dropInvariant(ExprContext &cx, Expr z, Expr key) {
  auto varies = [&](Expr e) { return (e->vars & key->vars) != 0; };
  if ((isOp(z, "arith.addf") || isOp(z, "arith.subf")) && !varies(z->ops[1]))
    return z->ops[0];
  if (isOp(z, "arith.addf") && !varies(z->ops[0]))
    return z->ops[1];
  bool scaled = isOp(z, "arith.mulf") || isOp(z, "arith.divf");
  if (!scaled)
    return z;
  for (unsigned side : {0, 1})
    if (z->ops[1 - side]->floatValue() && (side == 0 || z->name == "arith.mulf")) {
      SmallVector<Expr> o(z->ops.begin(), z->ops.end());
      o[side] = dropInvariant(cx, o[side], key);
      return cx.op(z->name, z->type, o, z->attr);
    }
  return z;
}

Expr mlir::posenc::raise::naturalExponent(ExprContext &cx, Expr exponential) {
  Expr z = exponential->ops[0];
  if (exponential->name == "math.exp")
    return z;
  Expr rest;
  double constant = splitConstant(z, rest), factor = constant * 0.69314718055994530942;
  if (!rest)
    return z;
  if (float(constant) == 1.44269504f)
    return rest;
  return cx.op("arith.mulf", z->type, {rest, cx.floatConst(factor, z->type)});
}

/// Whether e says "x is −inf" (or, negated, "x is not −inf").
static bool saysMinusInfinity(Expr e, Expr x, bool negated) {
  if (e->kind == Kind::Not)
    return saysMinusInfinity(e->ops[0], x, !negated);
  if (!isOp(e, "arith.cmpf"))
    return false;
  using P = arith::CmpFPredicate;
  P p = cast<DictionaryAttr>(e->attr).getAs<arith::CmpFPredicateAttr>("predicate").getValue();
  bool equal = p == P::OEQ || p == P::UEQ, differs = p == P::ONE || p == P::UNE;
  if (negated ? !differs : !equal)
    return false;
  for (unsigned side : {0, 1}) {
    std::optional<double> bound = e->ops[1 - side]->floatValue();
    if (bound && std::isinf(*bound) && *bound < 0 && stripCasts(e->ops[side]) == x)
      return true;
  }
  return false;
}

/// A guard gives zero for a row whose scores are all −inf, as posenc does.
bool AttentionFinder::checkGuard(Expr guard, const Axis &axis, Expr score) {
  Expr key = axis.index;
  bool negated = guard->kind == Kind::Not;
  Expr e = negated ? guard->ops[0] : guard;
  if (std::optional<Reduction> all = pull.reduction(e, key, Depth::Full)) {
    bool isAll = all->combiner == "arith.andi" && all->init->isConst(1);
    bool isAny = all->combiner == "arith.ori" && all->init->isConst(0);
    return pull.sameExtent(all->extent, axis.extent) && (negated ? isAny : isAll) &&
           saysMinusInfinity(all->body, score, negated);
  }
  // Or the row maximum is −inf.
  if (!isOp(e, "arith.cmpf"))
    return false;
  for (Expr operand : e->ops) {
    Expr top = stripCasts(operand);
    std::optional<Reduction> max = pull.reduction(top, key, Depth::Full);
    if (max && (max->combiner == "arith.maximumf" || max->combiner == "arith.maxnumf") &&
        max->body == score && pull.sameExtent(max->extent, axis.extent))
      return saysMinusInfinity(e, top, negated);
  }
  return false;
}

/// A guard asks whether no key of the row is visible. It says so of no row where
/// one key, the same for every row or the row's own, always is.
bool AttentionFinder::neverFires(Expr guard, const Attention &found) {
  bool negated = guard->kind == Kind::Not;
  Expr key = found.key.index, extent = found.key.extent;
  std::optional<Reduction> all =
      pull.reduction(negated ? guard->ops[0] : guard, key, Depth::Full);
  bool asks = all && (negated ? all->combiner == "arith.ori" && all->init->isConst(0)
                              : all->combiner == "arith.andi" && all->init->isConst(1));
  if (!asks || !pull.sameExtent(all->extent, extent))
    return false;
  SmallVector<Expr> witnesses{cx.intConst(0), cx.sub(extent, cx.intConst(1))};
  if (cx.provablyLess(found.query.index, extent))
    witnesses.push_back(found.query.index);
  return llvm::any_of(witnesses, [&](Expr witness) {
    llvm::DenseMap<Expr, Expr> map;
    map[key] = witness;
    return cx.substitute(all->body, map)->isConst(negated);
  });
}

bool AttentionFinder::checkSoftmax(const Factors &factors, Attention &found, Miss &miss) {
  Expr key = found.key.index;
  Location loc = found.contraction->getLoc();
  auto whereOf = [&](Expr read) { return read->value ? read->value.getLoc() : loc; };
  if (factors.denominators.size() != 1) {
    miss = {"expected the exponential divided by one sum, but got " +
                std::to_string(factors.denominators.size()) + " divisors",
            loc};
    return false;
  }
  Expr divisor = factors.denominators[0];
  std::optional<SoftmaxSum> split = splitSum(cx, pull, divisor, found.key);
  if (!split || !isZero(split->sum->init)) {
    miss = {"expected a divisor that is a sum over one axis from zero", whereOf(divisor)};
    return false;
  }
  if (stripCasts(split->sum->body) != factors.exponential ||
      !pull.sameExtent(split->sum->extent, found.key.extent)) {
    miss = {"expected the softmax's sum to be of its own numerator over the axis that the "
            "contraction sums over",
            whereOf(divisor)};
    return false;
  }
  found.exponential = factors.exponential;
  found.divisor = divisor;
  Expr z = naturalExponent(cx, factors.exponential);
  if (split->sink ? !findSink(cx, pull, z, split->sink, found, miss)
                  : !(found.score = dropInvariant(cx, z, key)))
    return false;
  if (!(found.score->vars & key->vars)) {
    miss = {"expected scores that depend on the key", loc};
    return false;
  }
  for (Expr guard : factors.guards)
    if (!neverFires(guard, found) && !checkGuard(guard, found.key, found.score)) {
      miss = {"expected a select on the probabilities to test for rows that are all -inf", loc};
      return false;
    }
  return true;
}

std::optional<Attention> AttentionFinder::match(linalg::LinalgOp op, Miss &miss) {
  Attention found;
  found.contraction = op;
  if (op->getNumResults() != 1 || !PullBack::writesAll(op, 0) || !findAxes(op, found, miss))
    return std::nullopt;
  // Once more, now by batch and head.
  std::optional<Reduction> sum =
      pull.reduction(op, 0, found.loops, [](OpOperand &) { return Depth::Full; });
  Factors factors;
  if (!sum || !collectFactors(sum->body, factors))
    return std::nullopt;
  if (!isZero(sum->init)) {
    miss = {"expected the contraction to start from zero", op->getLoc()};
    return std::nullopt;
  }
  if (!checkSoftmax(factors, found, miss) || !findOperands(found, miss))
    return std::nullopt;
  nameHeads(found);
  simplifyWhereSeen(cx, found);
  return found;
}

/// Runs the steps behind the softmax; `miss` gets the one that stopped.
bool AttentionFinder::findOperands(Attention &found, Miss &miss) {
  auto run = [&](StringRef step, bool ok) {
    if (!ok)
      miss.step = step;
    return ok;
  };
  return run("scores", checkKnown(found, miss)) && run("scores", findScores(found, miss)) &&
         run("values", findValues(found, miss)) &&
         run("positions", checkContent(found, miss)) && run("types", checkTypes(found, miss));
}
