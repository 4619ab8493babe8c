//===- EmitScore.cpp - The score region of a raised attention -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DistanceFunction.h"
#include "Emit.h"
#include "Product.h"
#include "Tables.h"

#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;

/// A constant without a number as low as what hides.
static bool isTame(Value tensor) {
  constexpr float limit = 1.0e30f;
  constexpr int64_t maxElements = int64_t(1) << 20;
  ElementsAttr elements;
  if (!tensor || !matchPattern(tensor, m_Constant(&elements)) ||
      !elements.getElementType().isF32() || elements.getNumElements() > maxElements)
    return false;
  auto tame = [](float value) { return std::fabs(value) < limit; };
  if (auto dense = dyn_cast<DenseElementsAttr>(elements))
    return llvm::all_of(dense.getValues<float>(), tame);
  auto resource = dyn_cast<DenseF32ResourceElementsAttr>(elements);
  std::optional<ArrayRef<float>> values =
      resource ? resource.tryGetAsArrayRef() : std::nullopt;
  return values && llvm::all_of(*values, tame);
}

namespace {
/// Builds f(score, b, h, m, n) with posenc's modifiers where they say exactly
/// the same, and plain scalar code elsewhere.
class ScoreEmitter {
public:
  ScoreEmitter(ExprContext &cx, PullBack &pull, AttentionOp op, OpBuilder &outside,
               const Attention &attention, const EmitOptions &options)
      : cx(cx), pull(pull), attention(attention), options(options), outside(outside),
        loc(op.getLoc()), builder(op.getContext()), numLow(countLow(attention.score)),
        block(op.getOrCreateScoreBlock(builder)), emitter(cx, pull, builder, loc),
        products(cx, pull, attention, op, emitter, outside) {
    builder.setInsertionPointToEnd(&block);
    emitter.bind(attention.argument, block.getArgument(0));
    const Axis *axes[] = {&attention.batch, &attention.head, &attention.query, &attention.key};
    for (auto [i, axis] : llvm::enumerate(axes))
      if (axis->index->kind == Kind::Var)
        emitter.bind(axis->index, block.getArgument(i + 1));
  }

  void run() {
    Value score = emit(attention.score);
    Type f32 = builder.getF32Type();
    if (score.getType().isF64())
      score = arith::TruncFOp::create(builder, loc, f32, score);
    else if (!score.getType().isF32())
      score = arith::ExtFOp::create(builder, loc, f32, score);
    YieldOp::create(builder, loc, score);
  }

private:
  bool onScore(Expr e) {
    auto [it, isNew] = dependence.try_emplace(e, false);
    if (!isNew)
      return it->second;
    bool result = e == attention.argument;
    for (Expr operand : e->ops)
      result = result || onScore(operand);
    return dependence[e] = result;
  }

  /// A position, as the modifiers take it.
  std::pair<Value, Value> positions() {
    if (!queryPosition) {
      queryPosition = QPosOp::create(builder, loc, builder.getIndexType(), IntegerAttr());
      keyPosition = KPosOp::create(builder, loc, builder.getIndexType(), IntegerAttr());
    }
    return {queryPosition, keyPosition};
  }

  Value emit(Expr e) {
    if (!e->isFloat() || !onScore(e) || e == attention.argument)
      return emitter.emit(e);
    if (Value known = built.lookup(e))
      return known;
    Value result = emitProducts(e);
    if (result) {
      // A term with products in it, whatever the type of the sum.
    } else if (e->type.isF32() && e->kind == Kind::Op && e->name == "arith.addf" &&
               onScore(e->ops[0]) != onScore(e->ops[1])) {
      unsigned side = onScore(e->ops[0]) ? 0 : 1;
      result = addTerms(emit(e->ops[side]), e->ops[1 - side]);
    } else if (e->type.isF32() && e->kind == Kind::Select && !onScore(e->ops[0])) {
      result = emitSelect(e);
    } else if (Expr inner = softcapArgument(e)) {
      FloatAttr cap = builder.getF32FloatAttr(capValue);
      result = SoftcapOp::create(builder, loc, builder.getF32Type(), emit(inner), cap);
    } else if (Expr product = mergeFactors(e)) {
      result = emit(product);
    }
    // What is built plainly may still hold modifiers inside.
    if (!result)
      for (Expr operand : e->ops)
        if (onScore(operand))
          emit(operand);
    if (result)
      emitter.bind(e, result);
    return built[e] = emitter.emit(e);
  }

  /// (x · a) · b as x · ab where that is exact: one of them is a power of two.
  Expr mergeFactors(Expr e) {
    auto factorOf = [](Expr product) -> std::optional<unsigned> {
      if (product->kind == Kind::Op && product->name == "arith.mulf")
        for (unsigned side : {0, 1})
          if (product->ops[side]->floatValue())
            return side;
      return std::nullopt;
    };
    std::optional<unsigned> outer = factorOf(e);
    Expr x = outer ? e->ops[1 - *outer] : nullptr;
    std::optional<unsigned> inner = x ? factorOf(x) : std::nullopt;
    if (!inner)
      return nullptr;
    double a = *x->ops[*inner]->floatValue(), b = *e->ops[*outer]->floatValue();
    auto isPower = [](double v) {
      int exponent;
      return std::fabs(std::frexp(v, &exponent)) == 0.5 && std::abs(exponent) < 64;
    };
    if (!isPower(a) && !isPower(b))
      return nullptr;
    return cx.op("arith.mulf", e->type, {x->ops[1 - *inner], cx.floatConst(a * b, e->type)},
                 e->attr);
  }

  /// s + term and s − term, with products of rows and tables in the term. They
  /// are computed in f32, in whatever type the model adds them.
  Value emitProducts(Expr e) {
    bool subtracts = e->kind == Kind::Op && e->name == "arith.subf";
    if (!subtracts && !(e->kind == Kind::Op && e->name == "arith.addf"))
      return nullptr;
    unsigned side = onScore(e->ops[0]) ? 0 : 1;
    Expr term = e->ops[1 - side];
    if (onScore(term) || (subtracts && side == 1) || !products.mentions(term))
      return nullptr;
    Type f32 = builder.getF32Type();
    auto cast = [&](Value v, Type type) -> Value {
      unsigned from = v.getType().getIntOrFloatBitWidth(), to = type.getIntOrFloatBitWidth();
      if (from < to)
        return arith::ExtFOp::create(builder, loc, type, v);
      return from > to ? arith::TruncFOp::create(builder, loc, type, v).getResult() : v;
    };
    Value sum = products.add(cast(emit(e->ops[side]), f32), term, subtracts, positions(),
                             [&](Value s, Expr plain) { return addTerms(s, plain); });
    return cast(sum, e->type);
  }

  /// s ? x : −inf with x a function of the score.
  Value emitSelect(Expr e) {
    for (unsigned side : {1, 2}) {
      if (!onScore(e->ops[side]) || !hides(e->ops[3 - side]))
        continue;
      Expr visible = side == 1 ? e->ops[0] : cx.logicalNot(e->ops[0]);
      if (MaskAttr mask = asMask(visible))
        return buildMask(emit(e->ops[side]), mask);
    }
    return nullptr;
  }

  Value buildMask(Value score, MaskAttr mask) {
    auto [i, j] = positions();
    return MaskOp::create(builder, loc, score, i, j, mask);
  }

  /// A look-up by position, or what is computed from one element by element;
  /// null if the term is none.
  Value addTable(Value score, Expr term) {
    std::optional<NamedTable> table;
    std::optional<MappedLookup> lookup = findLookup(term, attention);
    if (lookup)
      table = recognizeTable(cx, lookup->read, attention, outside, loc);
    Expr read = lookup ? lookup->read : term;
    if (!table)
      table = recognizeGrid(read, attention, outside, loc);
    if (!table)
      return nullptr;
    while (term != read && term->kind == Kind::Op && term->name == "arith.extf")
      term = term->ops[0];
    if (term != read)
      table->table = mapTable(cx, pull, outside, loc, *table, term, read, attention);
    auto [i, j] = positions();
    Value head = table->head ? emitter.emitIndex(table->head) : Value();
    return BiasTableOp::create(builder, loc, score, table->table, head, i, j, table->bucket);
  }

  Value addTerms(Value score, Expr term) {
    if (term->kind == Kind::Op && term->name == "arith.addf" && term->type.isF32())
      return addTerms(addTerms(score, term->ops[0]), term->ops[1]);
    std::optional<double> value = term->floatValue();
    if (value && *value == 0.0)
      return score;
    if (Value summed = addTable(score, term))
      return summed;
    // Visible ? term : −inf, or the most negative number in place of −inf.
    if (term->kind == Kind::Select)
      for (unsigned side : {1, 2}) {
        if (!hides(term->ops[3 - side]))
          continue;
        Expr visible = side == 1 ? term->ops[0] : cx.logicalNot(term->ops[0]);
        if (MaskAttr mask = asMask(visible))
          return buildMask(addTerms(score, term->ops[side]), mask);
      }
    return arith::AddFOp::create(builder, loc, score, emitter.emitFloat(term));
  }

  /// −inf, or so low that a score cannot change it. Two of the latter kind
  /// could meet in one row and tie, which hiding would not: then none is taken.
  bool hides(Expr e) {
    std::optional<double> value = e->floatValue();
    if (!value || std::isinf(*value))
      return value && *value < 0;
    return *value <= lowest() && numLow == 1;
  }

  double lowest() { return options.finiteMasks ? -1.0e4 : -3.0e38; }

  /// How many terms may be that low. A tensor may hold such a number too, as the
  /// padding mask that a caller passes does; a bias by distance does not hide.
  unsigned countLow(Expr root) {
    unsigned count = 0;
    visit(root, [&](Expr e) {
      for (Expr operand : e->ops) {
        std::optional<double> value = operand->floatValue();
        count += value && std::isfinite(*value) && std::fabs(*value) >= -lowest();
      }
    });
    if (count == 1)
      visit(root, [&](Expr e) { count += mayHide(e); });
    return count;
  }

  bool mayHide(Expr e) {
    uint64_t query = attention.query.index->vars, key = attention.key.index->vars;
    if (e->kind != Kind::Read || !e->isFloat() || !(e->vars & key) || isTame(e->value))
      return false;
    return llvm::none_of(e->ops, [&](Expr row) {
      return (row->vars & key) && ((row->vars & query) || query == 0) &&
             tabulate(cx, row, attention.query, attention.key);
    });
  }

  /// Masks are written as such only where every query keeps a key: then 0 or
  /// −inf, 0 or the lowest number, and hiding agree. From j <= i it follows
  /// that key 0 is seen, as both count from 0; in a window that ends at i key i
  /// is seen, which has to exist.
  MaskAttr asMask(Expr visible) {
    MLIRContext *ctx = builder.getContext();
    Expr distance = cx.sub(attention.query.index, attention.key.index);
    if (attention.query.index->kind != Kind::Var || attention.key.index->kind != Kind::Var)
      return nullptr;
    if (visible == cx.ge0(distance))
      return MaskAttr::getCausal(ctx);
    if (visible->kind != Kind::And ||
        !cx.provablyNonNegative(cx.sub(attention.key.extent, attention.query.extent)))
      return nullptr;
    for (unsigned side : {0, 1}) {
      Expr other = visible->ops[1 - side];
      if (visible->ops[side] != cx.ge0(distance) || other->kind != Kind::GE0)
        continue;
      Expr left = cx.add(other->ops[0], distance); // L − (i − j) + (i − j)
      if (left->kind == Kind::IntConst && left->num >= 0)
        return MaskAttr::getWindow(ctx, left->num, 0);
    }
    return nullptr;
  }

  /// cap · tanh(s / cap): s, with the cap in capValue.
  Expr softcapArgument(Expr e) {
    Expr tanh, inner;
    if (e->kind != Kind::Op || e->name != "arith.mulf" || !e->type.isF32())
      return nullptr;
    capValue = splitConstant(e, tanh);
    if (!tanh || tanh->kind != Kind::Op || tanh->name != "math.tanh")
      return nullptr;
    double inverse = splitConstant(tanh->ops[0], inner);
    bool inverts = float(inverse) == float(1.0 / capValue); // a product may stand for s / cap
    return inner && inverts && capValue > 0 && std::isfinite(capValue) ? inner : nullptr;
  }

  ExprContext &cx;
  PullBack &pull;
  const Attention &attention;
  const EmitOptions &options;
  OpBuilder &outside;
  Location loc;
  OpBuilder builder;
  unsigned numLow;
  Block &block;
  Emitter emitter;
  ProductEmitter products;
  Value queryPosition, keyPosition;
  llvm::DenseMap<Expr, bool> dependence;
  llvm::DenseMap<Expr, Value> built;
  double capValue = 0.0;
};
} // namespace

void mlir::posenc::raise::emitScore(ExprContext &cx, PullBack &pull, AttentionOp op,
                                    OpBuilder &outside, const Attention &attention,
                                    const EmitOptions &options) {
  if (attention.score == attention.argument)
    return;
  ScoreEmitter(cx, pull, op, outside, attention, options).run();
}
