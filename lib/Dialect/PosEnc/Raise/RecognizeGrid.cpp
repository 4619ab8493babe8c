//===- RecognizeGrid.cpp - Name a look-up by its rows at all pairs --------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Images have static sizes: which row of a table a query and a key read is
// evaluated for every pair of them, through index buffers, selects and weights
// that come out as 0, and compared with the maps of grids.
//
//===----------------------------------------------------------------------===//

#include "Emit.h"
#include "Tables.h"

#include "posenc/Dialect/PosEnc/Analysis/Evaluate.h"

#include <cmath>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;

/// More pairs than this are not evaluated.
static constexpr int64_t kMaxPairs = int64_t(1) << 18;

static bool isOp(Expr e, StringRef name) { return e->kind == Kind::Op && e->name == name; }

namespace {
/// Follows a term, at one query and key, to the element that it is.
class PairEvaluator {
public:
  PairEvaluator(Expr term, const Attention &attention)
      : evaluator(term), attention(attention) {
    for (auto [i, node] : llvm::enumerate(evaluator.getNodes()))
      position[node] = i;
  }

  /// The read, with its indices evaluated; null if it is no single one.
  Expr at(Expr term, int64_t h, int64_t m, int64_t n) {
    evaluator.run({{attention.head.index, Interval::ofInt(h, h)},
                   {attention.query.index, Interval::ofInt(m, m)},
                   {attention.key.index, Interval::ofInt(n, n)}});
    return resolve(term);
  }
  const Interval &value(Expr e) { return evaluator.getValues()[position.lookup(e)]; }

private:
  Expr resolve(Expr e) {
    while (true) {
      if (e->kind == Kind::Read && e->isFloat())
        return e;
      if (e->kind == Kind::Select && value(e->ops[0]).isIntPoint())
        e = e->ops[value(e->ops[0]).lo ? 1 : 2];
      else if (isOp(e, "arith.addf") && isNothing(e->ops[1]))
        e = e->ops[0];
      else if (isOp(e, "arith.addf") && isNothing(e->ops[0]))
        e = e->ops[1];
      else if (isOp(e, "arith.subf") && isNothing(e->ops[1]))
        e = e->ops[0];
      else if (isOp(e, "arith.mulf") && isPoint(e->ops[1], 1.0))
        e = e->ops[0];
      else if (isOp(e, "arith.mulf") && isPoint(e->ops[0], 1.0))
        e = e->ops[1];
      else
        return nullptr;
    }
  }

  bool isPoint(Expr e, double v) {
    const Interval &i = value(e);
    return e->isFloat() && i.isFloatPoint() && i.flo == v;
  }
  /// Zero, or zero times what is finite.
  bool isNothing(Expr e) {
    if (isPoint(e, 0.0))
      return true;
    return isOp(e, "arith.mulf") && ((isPoint(e->ops[0], 0.0) && isFinite(e->ops[1])) ||
                                     (isPoint(e->ops[1], 0.0) && isFinite(e->ops[0])));
  }
  /// A sum, difference or product of known weights and of a table's elements,
  /// which a constant shows to be far from overflow.
  bool isFinite(Expr e) {
    const Interval &i = value(e);
    if (!i.nan && !i.poison && std::isfinite(i.flo) && std::isfinite(i.fhi))
      return true;
    if (e->kind == Kind::Read)
      return isSmallConstant(e->value);
    bool arithmetic = isOp(e, "arith.addf") || isOp(e, "arith.subf");
    if (isOp(e, "arith.mulf"))
      arithmetic = isUnit(e->ops[0]) || isUnit(e->ops[1]);
    return arithmetic && llvm::all_of(e->ops, [&](Expr o) { return isFinite(o); });
  }
  bool isUnit(Expr e) {
    const Interval &i = value(e);
    return !i.nan && !i.poison && std::fabs(i.flo) <= 1 && std::fabs(i.fhi) <= 1;
  }
  bool isSmallConstant(Value table) {
    auto [entry, isNew] = small.try_emplace(table, false);
    if (!isNew)
      return entry->second;
    SmallVector<float> values = constantFloats(table);
    auto isSmall = [](float v) { return std::fabs(v) < 1e30f; };
    return small[table] = !values.empty() && llvm::all_of(values, isSmall);
  }

  Evaluator evaluator;
  const Attention &attention;
  llvm::DenseMap<Expr, unsigned> position;
  llvm::DenseMap<Value, bool> small;
};

/// The rows of one table by query and key.
struct PairRows {
  Expr read = nullptr; ///< its tensor, and which index is the row's
  unsigned rowDim = 0;
  std::optional<unsigned> headDim;
  int64_t size = 0; ///< queries, and keys
  SmallVector<int64_t> rows;
};
} // namespace

/// The dimensions of more than one element; false if there are more than two.
static bool sortDims(const Attention &attention, Expr read, bool rowFirst, PairRows &pairs) {
  auto type = cast<RankedTensorType>(read->value.getType());
  if (!type.hasStaticShape())
    return false;
  SmallVector<unsigned> used;
  for (int64_t i = 0; i < type.getRank(); ++i)
    if (type.getDimSize(i) != 1)
      used.push_back(i);
  if (used.empty() || used.size() > 2 || (used.size() == 1 && !rowFirst))
    return false;
  pairs.read = read;
  pairs.rowDim = used[rowFirst ? 0 : 1];
  if (used.size() == 1)
    return true;
  pairs.headDim = used[rowFirst ? 1 : 0];
  return attention.head.extent->isConst(type.getDimSize(*pairs.headDim));
}

/// Evaluates the rows for all heads, queries and keys; they have to be the same for
/// all heads, and the table's other index has to be the head.
static std::optional<PairRows> evaluatePairs(Expr term, const Attention &attention,
                                             bool rowFirst) {
  Expr queries = attention.query.extent, keys = attention.key.extent,
       heads = attention.head.extent;
  if (queries->kind != Kind::IntConst || queries != keys || queries->num < 2 ||
      heads->kind != Kind::IntConst || queries->num * keys->num > kMaxPairs)
    return std::nullopt;
  PairEvaluator evaluator(term, attention);
  PairRows pairs;
  pairs.size = queries->num;
  // Nothing but that other index depends on the head, as a rule.
  bool byHead = false;
  visit(term, [&](Expr e) {
    byHead |= e != attention.head.index && (e->vars & attention.head.index->vars) &&
              !(e->isFloat() && llvm::none_of(e->ops, [&](Expr o) {
                return o != attention.head.index && o->isInt() &&
                       (o->vars & attention.head.index->vars);
              }));
  });
  int64_t numHeads = byHead ? heads->num : 1;
  if (numHeads * pairs.size * pairs.size > kMaxPairs)
    return std::nullopt;
  for (int64_t h = 0; h < numHeads; ++h)
    for (int64_t m = 0; m < pairs.size; ++m)
      for (int64_t n = 0; n < pairs.size; ++n) {
        Expr read = evaluator.at(term, h, m, n);
        if (!read || (pairs.read ? read->value != pairs.read->value
                                 : !sortDims(attention, read, rowFirst, pairs)))
          return std::nullopt;
        if (pairs.headDim && read->ops[*pairs.headDim] != attention.head.index) {
          const Interval &head = evaluator.value(read->ops[*pairs.headDim]);
          if (!byHead || !head.isIntPoint() || head.lo != h)
            return std::nullopt;
        }
        const Interval &row = evaluator.value(read->ops[pairs.rowDim]);
        size_t position = m * pairs.size + n;
        if (!row.isIntPoint() || (h != 0 && row.lo != pairs.rows[position]))
          return std::nullopt;
        if (h == 0)
          pairs.rows.push_back(row.lo);
      }
  return pairs;
}

static bool agrees(BucketAttr bucket, const PairRows &pairs) {
  const int64_t *row = pairs.rows.begin();
  for (int64_t m = 0; m < pairs.size; ++m)
    for (int64_t n = 0; n < pairs.size; ++n)
      if (bucket.evaluate(m, n) != *row++)
        return false;
  return true;
}

/// The grid whose rows these are.
static BucketAttr nameGrid(MLIRContext *ctx, const PairRows &pairs) {
  SmallVector<BucketAttr> candidates;
  auto add = [&](BucketKind kind, Sign sign, ArrayRef<int64_t> params) {
    auto bucket = BucketAttr::getChecked([&] { return InFlightDiagnostic(); }, ctx, kind, sign,
                                         params);
    if (bucket)
      candidates.push_back(bucket);
  };
  static constexpr int64_t none[] = {0}, classes[] = {1, 2}; // beit, shared
  for (Sign sign : {Sign::QMinusK, Sign::KMinusQ})
    for (bool cls : {false, true}) {
      int64_t tokens = pairs.size - cls;
      for (int64_t height = 1; height <= tokens; ++height) {
        if (tokens % height != 0)
          continue;
        int64_t area = tokens / height;
        for (int64_t variant : cls ? ArrayRef<int64_t>(classes) : ArrayRef<int64_t>(none))
          add(BucketKind::Grid2D, sign, {height, area, variant});
        if (cls)
          continue;
        if (sign == Sign::QMinusK)
          add(BucketKind::AbsGrid, sign, {height, area});
        for (int64_t width = 2; width < area; ++width)
          if (area % width == 0 && height > 1)
            add(BucketKind::Grid3D, sign, {height, area / width, width});
      }
    }
  for (BucketAttr bucket : candidates)
    if (agrees(bucket, pairs))
      return bucket;
  return nullptr;
}

std::optional<NamedTable> mlir::posenc::raise::recognizeGrid(Expr term,
                                                             const Attention &attention,
                                                             OpBuilder &builder, Location loc) {
  std::optional<PairRows> pairs = evaluatePairs(term, attention, /*rowFirst=*/true);
  if (!pairs)
    pairs = evaluatePairs(term, attention, /*rowFirst=*/false);
  if (!pairs)
    return std::nullopt;
  Value table = pairs->read->value;
  auto type = cast<RankedTensorType>(table.getType());
  if (!isTableElement(type.getElementType()))
    return std::nullopt;
  BucketAttr bucket = nameGrid(builder.getContext(), *pairs);
  if (!bucket || bucket.getNumRows() > type.getDimSize(pairs->rowDim))
    return std::nullopt;
  NamedTable named;
  named.bucket = bucket;
  named.table = shapeTable(builder, loc, table, pairs->rowDim, pairs->headDim,
                           bucket.getNumRows());
  if (pairs->headDim)
    named.head = attention.head.index;
  return named;
}
