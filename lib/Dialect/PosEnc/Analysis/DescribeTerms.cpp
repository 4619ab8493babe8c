//===- DescribeTerms.cpp - What terms depend on ---------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DescribeTerms.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::scalar;

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

unsigned TermDescriber::inputsOfVariable(Expr var) const {
  if (var == region.score || var == incoming)
    return InputScore;
  if (var == region.head)
    return InputHead;
  if (var == region.batch)
    return InputBatch;
  for (const CoordinateAxis &axis : coordinates.getAxes())
    if (var == axis.difference) {
      bool position = axis.kind == AxisKind::Position || axis.kind == AxisKind::FloatPosition;
      return position && axis.number == -1 ? InputDistance : InputAxes;
    }
  if (var->vars & coordinates.getQueryVars())
    return InputQuery;
  if (var->vars & coordinates.getKeyVars())
    return InputKey;
  return 0; // an offset
}

unsigned TermDescriber::inputsOf(Expr root) {
  constexpr unsigned both = InputQuery | InputKey;
  for (Expr e : postOrder(root)) {
    if (inputs.contains(e))
      continue;
    unsigned set = 0;
    if (e->kind == Kind::Undef) {
      set = InputUnknown;
    } else if (isStageResult(e)) {
      set = InputStage;
    } else if (e->kind == Kind::Var) {
      set = inputsOfVariable(e);
    } else {
      for (Expr operand : e->ops)
        set |= inputs.lookup(operand);
    }
    // A tensor that is read at both sides, or at one and at a difference, has
    // an element per query and key.
    bool relative = set & (InputDistance | InputAxes);
    if (e->kind == Kind::Read && ((set & both) == both || (relative && (set & both))))
      set = (set & ~(both | InputDistance | InputAxes)) | InputDense;
    inputs[e] = set;
  }
  return inputs.lookup(root);
}

//===----------------------------------------------------------------------===//
// Factors
//===----------------------------------------------------------------------===//

/// The factors of a product.
static void flattenProduct(ExprContext &cx, Expr e, SmallVectorImpl<Expr> &factors) {
  if (e->kind == Kind::Op && e->name == "arith.mulf") {
    flattenProduct(cx, e->ops[0], factors);
    flattenProduct(cx, e->ops[1], factors);
  } else if (e->kind == Kind::Op && e->name == "arith.divf") {
    flattenProduct(cx, e->ops[0], factors);
    factors.push_back(cx.op("arith.divf", e->type, {cx.floatConst(1.0, e->type), e->ops[1]}));
  } else if (e->kind == Kind::Op && e->name == "arith.negf") {
    flattenProduct(cx, e->ops[0], factors);
    factors.push_back(cx.floatConst(-1.0, e->type));
  } else {
    factors.push_back(e);
  }
}

/// A sum over products of a query's and a key's factor: the two stand for it.
/// Of several sums one is split; more would be a sum over more than a channel.
void TermDescriber::splitContraction(SmallVectorImpl<Expr> &factors, ScoreTerm &term) {
  auto sides = [&](Expr factor) { return inputsOf(factor) & ~kUniformInputs; };
  for (Expr &factor : factors) {
    if (factor->kind != Kind::Op || factor->name != kContraction)
      continue;
    Expr a = factor->ops[0], b = factor->ops[1];
    bool separable = (sides(a) == InputQuery && sides(b) == InputKey) ||
                     (sides(a) == InputKey && sides(b) == InputQuery);
    if (!separable)
      continue;
    term.rank = ShapedType::kDynamic;
    for (Expr side : {a, b}) {
      Expr element = side->kind == Kind::Read ? side : side->ops[0];
      int64_t extent = cast<ShapedType>(element->value.getType()).getShape().back();
      if (!ShapedType::isDynamic(extent))
        term.rank = extent;
    }
    factor = a;
    factors.push_back(b);
    return;
  }
}

void TermDescriber::splitFactors(ScoreTerm &term) {
  SmallVector<Expr> factors;
  flattenProduct(cx, term.value, factors);
  auto isOne = [](Expr e) { return e->floatValue() == 1.0; };
  auto times = [&](Expr &product, Expr factor) {
    product = product ? cx.op("arith.mulf", factor->type, {product, factor}) : factor;
  };
  auto sidesOf = [&](Expr factor) { return inputsOf(factor) & ~kUniformInputs; };
  splitContraction(factors, term);
  bool separable = false;
  for (Expr factor : factors)
    separable |= sidesOf(factor) == InputQuery || sidesOf(factor) == InputKey;
  if (!separable) {
    term.core = term.value;
    term.coreInputs = term.inputs;
    return;
  }
  for (Expr factor : factors) {
    if (sidesOf(factor) == InputQuery)
      times(term.queryFactor, factor);
    else if (sidesOf(factor) == InputKey)
      times(term.keyFactor, factor);
    else if (!isOne(factor))
      times(term.core, factor);
  }
  term.coreInputs = term.core ? inputsOf(term.core) : 0;
}

//===----------------------------------------------------------------------===//
// Affine forms
//===----------------------------------------------------------------------===//

/// a · d + k as an integer, or the larger of that and its negative.
std::optional<AffineForm> TermDescriber::matchAffineInt(Expr e, Type type) {
  Expr d = coordinates.getDistance();
  if (!d)
    return std::nullopt;
  bool absolute = e->kind == Kind::Max && e->ops[0] == cx.scale(e->ops[1], -1);
  Expr line = absolute ? e->ops[0] : e;
  int64_t slope = line == d ? 1 : 0;
  if (line->kind == Kind::Sum)
    for (auto [term, coef] : llvm::zip(line->ops, line->coefs))
      if (term == d)
        slope = coef;
  Expr offset = cx.sub(line, cx.scale(d, slope));
  if (slope == 0 || (inputsOf(offset) & ~kUniformInputs) || (absolute && !offset->isConst(0)))
    return std::nullopt;
  if (absolute)
    slope = std::abs(slope);
  return AffineForm{cx.floatConst(double(slope), type), cx.op("arith.sitofp", type, {offset}),
                    absolute};
}

/// A float position's difference, or a number that an integer was converted to.
std::optional<AffineForm> TermDescriber::matchAffineFloat(Expr e) {
  if (e->kind == Kind::Op && e->name == "math.absf") {
    std::optional<AffineForm> inner = matchAffine(e->ops[0]);
    bool simple = inner && inner->offset->floatValue() == 0.0 && inner->slope->floatValue();
    if (!simple)
      return std::nullopt;
    double slope = std::abs(*inner->slope->floatValue());
    return AffineForm{cx.floatConst(slope, e->type), inner->offset, true};
  }
  if (e->kind == Kind::Var && (inputsOf(e) & InputDistance))
    return AffineForm{cx.floatConst(1.0, e->type), cx.floatConst(0.0, e->type), false};
  if (e->kind == Kind::Op && e->name == "arith.sitofp")
    return matchAffineInt(e->ops[0], e->type);
  return std::nullopt;
}

std::optional<AffineForm> TermDescriber::matchAffine(Expr e) {
  if (e->kind != Kind::Op || e->ops.empty() || e->ops.size() > 2)
    return matchAffineFloat(e);
  auto uniform = [&](Expr x) { return !(inputsOf(x) & ~kUniformInputs); };
  StringRef name = e->name;
  if (name == "arith.negf") {
    std::optional<AffineForm> inner = matchAffine(e->ops[0]);
    if (!inner)
      return std::nullopt;
    inner->slope = cx.op("arith.negf", e->type, {inner->slope});
    inner->offset = cx.op("arith.negf", e->type, {inner->offset});
    return inner;
  }
  bool product = name == "arith.mulf" || name == "arith.divf";
  bool sum = name == "arith.addf" || name == "arith.subf";
  if (!product && !sum)
    return matchAffineFloat(e);
  unsigned side = uniform(e->ops[0]) ? 1 : 0;
  bool ordered = name == "arith.divf" || name == "arith.subf";
  Expr other = e->ops[1 - side];
  if (!uniform(other) || (ordered && side == 1))
    return std::nullopt;
  std::optional<AffineForm> inner = matchAffine(e->ops[side]);
  if (!inner)
    return std::nullopt;
  if (product)
    inner->slope = cx.op(name, e->type, {inner->slope, other});
  // Zero stays zero, whatever the factor.
  if (sum || inner->offset->floatValue() != 0.0)
    inner->offset = cx.op(name, e->type, {inner->offset, other});
  return inner;
}

//===----------------------------------------------------------------------===//
// Terms
//===----------------------------------------------------------------------===//

void TermDescriber::describeProduct(ScoreTerm &term) {
  if (term.row)
    term.rowInputs = inputsOf(term.row);
  OperandSpan indices = term.product->rowsIndices;
  for (Value index : term.op->getOperands().slice(indices.first, indices.count))
    term.sideInputs |= inputsOf(coordinates.rewrite(region.of(index)));
}

void TermDescriber::describe(ScoreTerm &term) {
  if (term.product)
    describeProduct(term);
  if (!term.value) {
    term.inputs = InputScore;
    return;
  }
  term.inputs = inputsOf(term.value);
  if (term.action == TermAction::General && term.inputs == InputScore)
    term.action = TermAction::Pointwise;
  visit(term.value, [&](Expr e) {
    if (e->kind == Kind::Read && e->value && !llvm::is_contained(term.reads, e->value))
      term.reads.push_back(e->value);
    for (auto [i, axis] : llvm::enumerate(coordinates.getAxes()))
      if (e == axis.difference)
        term.axes.push_back(i);
  });
  llvm::sort(term.axes);
  if (term.action != TermAction::Add && term.action != TermAction::Multiply)
    return;
  splitFactors(term);
  describeException(term);
  if (term.core && (term.coreInputs & ~kUniformInputs) == InputDistance)
    term.affine = matchAffine(term.core);
}

void TermDescriber::mergePointwise(std::vector<ScoreTerm> &terms) {
  auto constantFactor = [](const ScoreTerm &term) {
    return term.action == TermAction::Multiply && term.value->floatValue();
  };
  auto mergeable = [&](const ScoreTerm &term) {
    return term.action == TermAction::Pointwise || constantFactor(term);
  };
  std::vector<ScoreTerm> merged;
  for (size_t i = 0; i < terms.size();) {
    size_t end = i;
    bool function = false;
    while (end < terms.size() && mergeable(terms[end]))
      function |= terms[end++].action == TermAction::Pointwise;
    if (end - i < 2 || !function) {
      merged.push_back(std::move(terms[i++]));
      continue;
    }
    Expr value = incoming;
    for (size_t k = i; k < end; ++k)
      value = terms[k].action == TermAction::Multiply
                  ? cx.op("arith.mulf", value->type, {value, terms[k].value})
                  : cx.substitute(terms[k].value, {{incoming, value}});
    ScoreTerm &term = merged.emplace_back(
        ScoreTerm{terms[end - 1].op, TermAction::Pointwise, value, InputScore});
    term.from = terms[i].from;
    term.to = terms[end - 1].to;
    i = end;
  }
  terms = std::move(merged);
}
