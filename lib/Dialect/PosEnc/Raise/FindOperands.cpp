//===- FindOperands.cpp - Queries, keys, values and the scale -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FindAttention.h"

#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace mlir::posenc::raise;

static bool isOp(Expr e, StringRef name) { return e->kind == Kind::Op && e->name == name; }

static bool isZero(Expr e) {
  std::optional<double> value = e->floatValue();
  return value && *value == 0.0;
}

bool mlir::posenc::raise::twoFactors(Expr product, Expr &a, Expr &b, double &constant) {
  SmallVector<Expr> work{product}, found;
  constant = 1.0;
  while (!work.empty()) {
    Expr rest, e = work.pop_back_val();
    constant *= splitConstant(e, rest);
    if (!rest)
      continue;
    if (isOp(rest, "arith.mulf"))
      llvm::append_range(work, rest->ops);
    else if (isOp(rest, "arith.extf"))
      work.push_back(rest->ops[0]);
    else
      found.push_back(rest);
  }
  if (found.size() != 2)
    return false;
  a = found[0];
  b = found[1];
  return true;
}

//===----------------------------------------------------------------------===//
// q · k
//===----------------------------------------------------------------------===//

bool AttentionFinder::isScoreContraction(Expr read, Attention &found) {
  auto result = dyn_cast<OpResult>(read->value);
  auto op = result ? dyn_cast<linalg::LinalgOp>(result.getOwner()) : linalg::LinalgOp();
  std::optional<unsigned> loop = op ? PullBack::reductionLoop(op) : std::nullopt;
  if (!loop)
    return false;
  Expr extent = pull.loopExtents(op)[*loop];
  Expr channel = cx.var(extent);
  std::optional<Reduction> sum = pull.reduction(read, channel, Depth::Layout);
  Expr a, b;
  double constant;
  if (!sum || sum->combiner != "arith.addf" || !isZero(sum->init) ||
      !twoFactors(sum->body, a, b, constant))
    return false;
  uint64_t m = found.query.index->vars, n = found.key.index->vars, d = channel->vars;
  // A product with a relative table has a side that depends on both.
  if ((a->vars & n) && !(a->vars & m))
    std::swap(a, b);
  bool separable = !(a->vars & n) && !(b->vars & m) && (b->vars & n) &&
                   ((a->vars & m) || m == 0) && (d == 0 || ((a->vars & d) && (b->vars & d)));
  if (!separable || a->kind != Kind::Read || b->kind != Kind::Read)
    return false;
  found.channel = {channel, extent};
  found.q.read = a;
  found.k.read = b;
  found.scale = constant;
  return true;
}

/// While everything that `root` does with `argument` begins with one product
/// with a constant, takes the constant out: f(s · c) is f of a scaled s.
static void foldScale(ExprContext &cx, Expr root, Expr &argument, double &scale) {
  while (argument != root) {
    Expr user = nullptr;
    bool single = true;
    visit(root, [&](Expr e) {
      if (!llvm::is_contained(e->ops, argument))
        return;
      single &= user == nullptr;
      user = e;
    });
    if (!user || !single)
      return;
    // s / cap belongs to the soft cap.
    bool capped = false;
    visit(root, [&](Expr e) { capped |= isOp(e, "math.tanh") && e->ops[0] == user; });
    if (capped)
      return;
    Expr rest;
    double factor = splitConstant(user, rest);
    if (user->ops.size() != 2 || user->ops[0] == user->ops[1] || !rest || rest == user)
      return;
    // splitConstant may look through several products; take one at a time.
    Expr inner;
    factor /= splitConstant(argument, inner);
    if (!std::isfinite(scale * factor) || scale * factor == 0.0)
      return;
    scale *= factor;
    argument = user;
  }
}

bool AttentionFinder::findScores(Attention &found, Miss &miss) {
  SmallVector<Expr> products;
  visit(found.score, [&](Expr e) {
    if (e->kind == Kind::Read && (e->vars & found.key.index->vars) &&
        isScoreContraction(e, found))
      products.push_back(e);
  });
  if (products.size() != 1) {
    miss = {"expected the scores to contain one product of queries and keys, but got " +
                std::to_string(products.size()),
            found.contraction->getLoc()};
    return false;
  }
  isScoreContraction(products[0], found);
  Expr argument = products[0];
  foldScale(cx, found.score, argument, found.scale);
  // From here on the product is only a name: an f32, rounded as the IR does.
  Type f32 = Float32Type::get(cx.getContext());
  Type type = argument->type;
  found.argument = cx.undef(f32, Value());
  Expr replacement = found.argument;
  if (type.isF64())
    replacement = cx.op("arith.extf", type, {replacement});
  else if (!type.isF32())
    replacement = cx.op("arith.truncf", type, {replacement});
  llvm::DenseMap<Expr, Expr> map;
  map[argument] = replacement;
  found.score = cx.substitute(found.score, map);
  while (isOp(found.score, "arith.truncf") || isOp(found.score, "arith.extf"))
    found.score = found.score->ops[0];
  return true;
}

//===----------------------------------------------------------------------===//
// Values and heads
//===----------------------------------------------------------------------===//

bool AttentionFinder::findValues(Attention &found, Miss &miss) {
  linalg::LinalgOp op = found.contraction;
  uint64_t m = found.query.index->vars;
  // The operand that is not the probabilities: only its layout is followed, so
  // that what computes the values stays as it is.
  for (OpOperand *input : op.getDpsInputOperands()) {
    SmallVector<Expr> loops = found.loops;
    auto depthOf = [&](OpOperand &operand) {
      return &operand == input ? Depth::Layout : Depth::Full;
    };
    std::optional<Reduction> sum = pull.reduction(op, 0, loops, depthOf);
    Factors factors;
    if (!sum || !collectFactors(sum->body, factors) || factors.numerators.size() != 1)
      continue;
    Expr value = factors.numerators[0];
    if (value->kind != Kind::Read || (value->vars & m) ||
        !(value->vars & found.key.index->vars))
      continue;
    found.v.read = value;
    found.valueScale = factors.constant;
    int exponent;
    if (std::fabs(std::frexp(factors.constant, &exponent)) == 0.5)
      return true;
    miss = {"expected probabilities that sum to one, but got a factor of " +
                std::to_string(factors.constant),
            op->getLoc()};
    return false;
  }
  miss = {"expected the probabilities to be contracted with one tensor of values",
          op->getLoc()};
  return false;
}

/// The head of a key as it stands in `read`: h itself, h div g for grouped
/// heads, or none for one head.
static Axis headOf(ExprContext &cx, Expr read, const Axis &head) {
  Axis result = {cx.intConst(0), cx.intConst(1)};
  bool plain = false;
  Expr grouped = nullptr;
  for (Expr index : read->ops) {
    if (!(index->vars & head.index->vars))
      continue;
    visit(index, [&](Expr e) {
      if (e->kind == Kind::FloorDiv && e->ops[0] == head.index) {
        plain |= grouped && grouped != e;
        grouped = e;
      }
    });
    // Nothing but the group may depend on the head.
    llvm::DenseMap<Expr, Expr> map;
    if (grouped)
      map[grouped] = cx.intConst(0);
    plain |= (cx.substitute(index, map)->vars & head.index->vars) != 0;
  }
  if (plain)
    return head;
  if (grouped)
    return {grouped, cx.floorDiv(head.extent, grouped->ops[1])};
  return result;
}

void AttentionFinder::nameHeads(Attention &found) {
  Axis keyHead = headOf(cx, found.k.read, found.head);
  Axis valueHead = headOf(cx, found.v.read, found.head);
  if (keyHead.index != valueHead.index ||
      cx.mul(keyHead.extent, cx.floorDiv(found.head.extent, keyHead.extent)) !=
          found.head.extent)
    keyHead = found.head;
  auto set = [](OperandView &view, Axis a, Axis b, Axis c, Axis d) {
    view.axes[0] = a;
    view.axes[1] = b;
    view.axes[2] = c;
    view.axes[3] = d;
  };
  set(found.q, found.batch, found.head, found.query, found.channel);
  set(found.k, found.batch, keyHead, found.key, found.channel);
  set(found.v, found.batch, keyHead, found.key, found.valueChannel);
}

//===----------------------------------------------------------------------===//
// What the scores read
//===----------------------------------------------------------------------===//

bool AttentionFinder::checkKnown(const Attention &found, Miss &miss) {
  Expr unknown = nullptr;
  visit(found.score, [&](Expr e) { unknown = e->kind == Kind::Undef ? e : unknown; });
  if (!unknown)
    return true;
  Operation *def = unknown->value ? unknown->value.getDefiningOp() : nullptr;
  std::string what = def ? def->getName().getStringRef().str() : "a block argument";
  miss = {"expected scores made of scalar operations, but got " + what,
          def ? def->getLoc() : found.contraction->getLoc()};
  return false;
}

bool AttentionFinder::checkContent(const Attention &found, Miss &miss) {
  uint64_t position = found.query.index->vars | found.key.index->vars;
  bool ok = true;
  visit(found.score, [&](Expr e) {
    if (!ok)
      return;
    if (e->kind != Kind::Read || !e->isFloat())
      return;
    for (Expr index : e->ops)
      if (index->reads && (index->vars & position)) {
        // A constant is a function of position, whatever is in it.
        Expr content = nullptr;
        visit(index, [&](Expr r) {
          if (r->kind == Kind::Read && !matchPattern(r->value, m_Constant()))
            content = r;
        });
        if (!content)
          continue;
        miss = {"expected an index that is a function of position, but it reads a tensor",
                content->value.getLoc()};
        ok = false;
        return;
      }
  });
  return ok;
}

bool AttentionFinder::checkTypes(const Attention &found, Miss &miss) {
  Type result = getElementTypeOrSelf(found.contraction->getResult(0).getType());
  bool supported = result.isF32() || result.isF16() || result.isBF16();
  for (Expr read : {found.q.read, found.k.read, found.v.read})
    supported &= read->type == result;
  if (supported && std::isfinite(float(found.scale)))
    return true;
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "expected queries, keys, values and the result of one type f32, f16 or bf16, but got "
     << found.q.read->type << ", " << found.k.read->type << ", " << found.v.read->type
     << " and " << result;
  miss = {text, found.contraction->getLoc()};
  return false;
}
