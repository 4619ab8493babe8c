//===- FindRotation.cpp - Rows that are rotated ---------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rotation.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;

static bool isOp(Expr e, StringRef name) { return e->kind == Kind::Op && e->name == name; }

//===----------------------------------------------------------------------===//
// Where the rows may come from
//===----------------------------------------------------------------------===//

/// Tensors between `root` and what is no element-wise function, nearest first,
/// that two or more operations read, as both halves of a rotation do; and what
/// they are reshaped from.
static SmallVector<Value> collectSources(Value root) {
  constexpr size_t limit = 48;
  llvm::SetVector<Value> seen;
  llvm::SmallSetVector<Value, 8> sources;
  seen.insert(root);
  for (size_t i = 0; i < seen.size() && seen.size() < limit; ++i) {
    Value v = seen[i];
    auto type = cast<RankedTensorType>(v.getType());
    Operation *def = v.getDefiningOp();
    bool isReshape = isa_and_present<tensor::ExpandShapeOp, tensor::CollapseShapeOp,
                                     tensor::ReshapeOp, tensor::CastOp>(def);
    bool shared = i != 0 && type.getRank() >= 2 && !v.hasOneUse();
    if (shared)
      sources.insert(v);
    if (shared && isReshape)
      sources.insert(def->getOperand(0));
    auto linalgOp = dyn_cast_if_present<linalg::LinalgOp>(def);
    bool follow = linalgOp ? linalgOp.getNumReductionLoops() == 0
                           : isa_and_present<tensor::TensorDialect>(def ? def->getDialect()
                                                                        : nullptr);
    auto add = [&](Value operand) {
      auto from = dyn_cast<RankedTensorType>(operand.getType());
      if (from && isa<FloatType>(from.getElementType()))
        seen.insert(operand);
    };
    if (!follow)
      continue;
    for (Value operand : def->getOperands())
      add(operand);
    for (Region &region : def->getRegions())
      region.walk([&](tensor::ExtractOp extract) { add(extract.getTensor()); });
  }
  return sources.takeVector();
}

//===----------------------------------------------------------------------===//
// Sums of products with elements of the source
//===----------------------------------------------------------------------===//

namespace {
/// coefficient · x, or −coefficient · x.
struct Term {
  Expr x = nullptr, coefficient = nullptr; ///< no coefficient: 1
  bool negative = false;
};

/// Looks for a rotation of one tensor.
class RotationFinder {
public:
  RotationFinder(ExprContext &cx, const OperandView &view, Value source)
      : cx(cx), pull(cx), view(view), source(source) {
    pull.stopAt(source);
  }

  std::optional<Rotation> run() {
    Expr extent = view.axes[3].extent;
    constexpr int64_t limit = 1 << 12;
    if (extent->kind != Kind::IntConst || extent->num < 2 || extent->num > limit ||
        view.axes[3].index->kind != Kind::Var)
      return std::nullopt;
    numChannels = extent->num;
    if (!findPairs())
      return std::nullopt;
    result.pair = cx.var(cx.intConst(result.numPairs));
    if (!findCoefficients() || !findSource() || !checkRest())
      return std::nullopt;
    return result;
  }

private:
  /// The operand's element at a channel.
  Expr at(Expr channel) {
    llvm::DenseMap<Expr, Expr> map;
    map[view.axes[3].index] = channel;
    SmallVector<Expr> indices;
    for (Expr index : view.read->ops)
      indices.push_back(cx.substitute(index, map));
    return stripCasts(pull.element(view.read->value, indices, Depth::Full));
  }
  Expr at(int64_t channel) { return at(cx.intConst(channel)); }

  /// The elements of the source that a channel is made of, by identity.
  SmallVector<Expr> readsAt(int64_t channel) {
    SmallVector<Expr> reads;
    visit(at(channel), [&](Expr e) {
      if (e->kind == Kind::Read && e->value == source)
        reads.push_back(e);
    });
    llvm::sort(reads, [](Expr a, Expr b) { return a->id < b->id; });
    return reads;
  }
  bool rotates(int64_t channel) { return readsAt(channel).size() == 2; }

  static Expr channelOf(ExprContext &cx, RotateLayout layout, int64_t offset, int64_t pairs,
                        Expr pair, unsigned second) {
    bool half = layout == RotateLayout::Half;
    return cx.add(cx.scale(pair, half ? 1 : 2),
                  cx.intConst(offset + (second ? (half ? pairs : 1) : 0)));
  }

  /// Which channels are rotated, and which of them with each other.
  bool findPairs() {
    int64_t first = 0;
    while (first < numChannels && readsAt(first).size() == 1)
      ++first;
    if (first == numChannels || !rotates(first))
      return false;
    SmallVector<Expr> reads = readsAt(first);
    int64_t rest = numChannels - first, distance = 0;
    for (int64_t d : {rest / 2, int64_t(1), rest / 4})
      if (!distance && d > 0 && readsAt(first + d) == reads)
        distance = d;
    for (int64_t d = 2; d < rest && !distance; ++d)
      if (readsAt(first + d) == reads)
        distance = d;
    if (!distance)
      return false;
    result.offset = first;
    result.outLayout = distance == 1 ? RotateLayout::Interleaved : RotateLayout::Half;
    result.numPairs = distance == 1 ? countNeighbours(first) : distance;
    return result.offset + 2 * result.numPairs <= numChannels;
  }

  /// Pairs of neighbours from `first` on; all in a row.
  int64_t countNeighbours(int64_t first) {
    int64_t lo = 1, hi = (numChannels - first) / 2;
    while (lo < hi) {
      int64_t middle = (lo + hi + 1) / 2;
      if (rotates(first + 2 * (middle - 1)))
        lo = middle;
      else
        hi = middle - 1;
    }
    return lo;
  }

  /// A product with one element of the source.
  std::optional<Term> asTerm(Expr e) {
    Term term;
    SmallVector<Expr> work{e};
    while (!work.empty()) {
      Expr f = work.pop_back_val();
      Expr inner = stripCasts(f);
      if (isOp(f, "arith.mulf")) {
        llvm::append_range(work, f->ops);
      } else if (isOp(f, "arith.negf")) {
        term.negative = !term.negative;
        work.push_back(f->ops[0]);
      } else if (inner->kind == Kind::Read && inner->value == source) {
        if (term.x)
          return std::nullopt;
        term.x = inner;
      } else {
        term.coefficient =
            term.coefficient ? cx.op("arith.mulf", f->type, {term.coefficient, f}) : f;
      }
    }
    if (!term.x)
      return std::nullopt;
    return term;
  }

  /// ± products; empty if a summand is none.
  SmallVector<Term> asTerms(Expr e) {
    SmallVector<Term> terms;
    SmallVector<std::pair<Expr, bool>> work{{e, false}};
    while (!work.empty()) {
      auto [f, negative] = work.pop_back_val();
      if (isOp(f, "arith.addf") || isOp(f, "arith.subf")) {
        work.push_back({f->ops[0], negative});
        work.push_back({f->ops[1], negative != (f->name == "arith.subf")});
        continue;
      }
      std::optional<Term> term = asTerm(f);
      if (!term)
        return {};
      term->negative ^= negative;
      terms.push_back(*term);
    }
    return terms;
  }

  /// The four coefficients of a pair are those of a rotation.
  bool findCoefficients() {
    SmallVector<Term> a = asTerms(at(pairChannel(result.outLayout, 0)));
    SmallVector<Term> b = asTerms(at(pairChannel(result.outLayout, 1)));
    if (a.size() != 2 || b.size() != 2)
      return false;
    if (a[0].x != b[0].x)
      std::swap(b[0], b[1]);
    if (a[0].x != b[0].x || a[1].x != b[1].x || a[0].x == a[1].x)
      return false;
    for (unsigned own : {0, 1}) {
      const Term &ca = a[own], &cb = b[1 - own], &sa = a[1 - own], &sb = b[own];
      if (!ca.coefficient || ca.coefficient != cb.coefficient || ca.negative || cb.negative ||
          !sa.coefficient || sa.coefficient != sb.coefficient || sa.negative == sb.negative)
        continue;
      result.cosine = ca.coefficient;
      result.sine = sa.coefficient;
      result.inverse = sb.negative;
      first = ca.x;
      second = sa.x;
      return knownByPosition(result.cosine) && knownByPosition(result.sine);
    }
    return false;
  }

  Expr pairChannel(RotateLayout layout, unsigned which) {
    return channelOf(cx, layout, result.offset, result.numPairs, result.pair, which);
  }

  /// Angles are of a batch, a position and a pair.
  bool knownByPosition(Expr e) {
    uint64_t allowed =
        view.axes[0].index->vars | view.axes[2].index->vars | result.pair->vars;
    bool known = !(e->vars & ~allowed) && e->type.isF32();
    visit(e, [&](Expr n) { known &= n->kind != Kind::Undef; });
    return known;
  }

  /// The two elements as channels of one view of the source.
  bool findSource() {
    for (RotateLayout layout : {result.outLayout, RotateLayout::Half,
                                RotateLayout::Interleaved}) {
      Expr channel = view.axes[3].index;
      Expr start = pairChannel(layout, 0);
      SmallVector<Expr> indices;
      bool fits = true;
      for (Expr index : first->ops) {
        if (index->vars & result.pair->vars) {
          index = cx.add(cx.sub(index, start), channel);
          fits &= !(index->vars & result.pair->vars);
        }
        indices.push_back(index);
      }
      if (!fits)
        continue;
      result.source = view;
      result.source.read = cx.read(source, indices);
      result.inLayout = layout;
      if (sourceAt(pairChannel(layout, 0)) == first &&
          sourceAt(pairChannel(layout, 1)) == second)
        return true;
    }
    return false;
  }

  Expr sourceAt(Expr channel) {
    llvm::DenseMap<Expr, Expr> map;
    map[view.axes[3].index] = channel;
    return cx.substitute(result.source.read, map);
  }

  /// The other channels pass.
  bool checkRest() {
    int64_t end = result.offset + 2 * result.numPairs;
    for (auto [from, size] :
         {std::pair<int64_t, int64_t>{0, result.offset}, {end, numChannels - end}}) {
      if (size == 0)
        continue;
      Expr c = cx.add(cx.var(cx.intConst(size)), cx.intConst(from));
      if (at(c) != sourceAt(c))
        return false;
    }
    return true;
  }

  ExprContext &cx;
  PullBack pull;
  const OperandView &view;
  Value source;
  int64_t numChannels = 0;
  Rotation result;
  Expr first = nullptr, second = nullptr;
};
} // namespace

std::optional<Rotation> mlir::posenc::raise::findRotation(ExprContext &cx,
                                                          const OperandView &view) {
  Type element = getElementTypeOrSelf(view.read->value.getType());
  for (Value source : collectSources(view.read->value))
    if (getElementTypeOrSelf(source.getType()) == element)
      if (auto rotation = RotationFinder(cx, view, source).run())
        return rotation;
  return std::nullopt;
}
