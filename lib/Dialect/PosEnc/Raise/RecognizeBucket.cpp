//===- RecognizeBucket.cpp - Name a table look-up by its values -----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit.h"
#include "Rows.h"
#include "Tables.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

namespace {
/// The rows by distance, and which distances a name has to agree on.
struct Rows {
  const DistanceFunction &f;
  int64_t lo, hi;
  /// Beyond lo and hi too: names are monotone there, so that far points will do.
  bool everywhere;

  template <typename Fn> bool agree(Fn &&row) const {
    constexpr int64_t far = int64_t(1) << 30;
    if (everywhere && (f.at(far) != row(far) || f.at(-far) != row(-far)))
      return false;
    for (int64_t d = lo; d <= hi; ++d)
      if (f.at(d) != row(d))
        return false;
    return true;
  }
};
} // namespace

/// What `max_distance` may be: the row of the last threshold that is seen
/// begins at a = first, so that e ((first − 1) / e)^(L/k) < M <= e (first / e)^(L/k).
static std::pair<int64_t, int64_t> distanceRange(const Rows &rows, int64_t e, int64_t perSide,
                                                 bool negative) {
  int64_t last = 0, first = 0;
  for (int64_t a = 0; a <= (negative ? -rows.lo : rows.hi); ++a) {
    int64_t row = rows.f.at(negative ? -a : a) % perSide;
    if (row > e && row > last) {
      last = row;
      first = a;
    }
  }
  if (last == 0)
    return {8 * perSide, 8 * perSide}; // nothing seen: as T5 has it
  double power = double(perSide - e) / double(last - e);
  auto distance = [&](double a) { return e * std::pow(a / e, power); };
  return {int64_t(distance(first - 1)), int64_t(std::ceil(distance(first)))};
}

/// Candidates for max_distance, powers of two first: where several give the
/// same rows it is the one that somebody wrote.
static SmallVector<int64_t> distanceCandidates(int64_t from, int64_t to) {
  constexpr size_t limit = 256;
  SmallVector<int64_t> list;
  for (int64_t m = 1; m <= to; m *= 2)
    if (m >= from)
      list.push_back(m);
  for (int64_t m = from; m <= to && list.size() < limit; ++m)
    if (!llvm::isPowerOf2_64(m))
      list.push_back(m);
  return list;
}

static bool hasRows(BucketAttr bucket, const Rows &rows, int64_t perSide, bool bidirectional) {
  SmallVector<int64_t> thresholds = bucket.getT5Thresholds();
  int64_t e = perSide / 2;
  return rows.agree([&](int64_t d) {
    int64_t own = bucket.getSign() == Sign::KMinusQ ? d : -d;
    int64_t base = bidirectional && own > 0 ? perSide : 0;
    int64_t a = bidirectional ? std::abs(own) : std::max<int64_t>(-own, 0);
    if (a < e)
      return base + a;
    return base + e + (llvm::upper_bound(thresholds, a) - thresholds.begin());
  });
}

static BucketAttr fitT5(MLIRContext *ctx, const Rows &rows, int64_t numRows) {
  for (bool bidirectional : {true, false})
    for (Sign sign : {Sign::KMinusQ, Sign::QMinusK}) {
      if (numRows < 4 || numRows % (bidirectional ? 4 : 2) != 0)
        continue;
      int64_t perSide = bidirectional ? numRows / 2 : numRows, e = perSide / 2;
      // Without an offset rows count −D, and D is n − m for k_minus_q.
      auto [from, to] = distanceRange(rows, e, perSide, sign == Sign::KMinusQ);
      for (int64_t m : distanceCandidates(std::max(from, e + 1), to)) {
        BucketAttr bucket = BucketAttr::getT5(ctx, sign, numRows, m, bidirectional);
        if (hasRows(bucket, rows, perSide, bidirectional))
          return bucket;
      }
    }
  return nullptr;
}

static BucketAttr fitClip(MLIRContext *ctx, const Rows &rows, int64_t numRows) {
  int64_t left = rows.f.at(0), right = numRows - 1 - left;
  if (left < 0 || right < 0)
    return nullptr;
  for (Sign sign : {Sign::KMinusQ, Sign::QMinusK})
    if (rows.agree([&](int64_t d) {
          int64_t own = sign == Sign::KMinusQ ? d : -d;
          return std::min(std::max(own, -left), right) + left;
        }))
      return BucketAttr::getClip(ctx, sign, left, right);
  return nullptr;
}

static BucketAttr asLut(MLIRContext *ctx, const Rows &rows) {
  SmallVector<int64_t> values;
  for (int64_t d = rows.lo; d <= rows.hi; ++d)
    values.push_back(rows.f.at(d));
  ArrayRef<int64_t> trimmed(values);
  int64_t origin = rows.lo;
  while (trimmed.size() > 1 && trimmed[0] == trimmed[1]) {
    trimmed = trimmed.drop_front();
    ++origin;
  }
  while (trimmed.size() > 1 && trimmed.back() == trimmed[trimmed.size() - 2])
    trimmed = trimmed.drop_back();
  return BucketAttr::getLut(ctx, Sign::KMinusQ, origin, trimmed);
}

/// A name that holds for all lengths before one that holds for these.
BucketAttr mlir::posenc::raise::nameTotalRows(MLIRContext *ctx, const DistanceFunction &f,
                                              int64_t numRows) {
  SmallVector<Rows, 2> domains;
  if (f.total)
    domains.push_back({f, f.lo, f.hi, /*everywhere=*/true});
  if (f.reachHi < kMaxExtent) // static lengths
    domains.push_back({f, f.reachLo, f.reachHi, /*everywhere=*/false});
  for (const Rows &rows : domains) {
    if (BucketAttr bucket = fitT5(ctx, rows, numRows))
      return bucket;
    if (BucketAttr bucket = fitClip(ctx, rows, numRows))
      return bucket;
    if (BucketAttr bucket = fitDeberta(ctx, f, rows.lo, rows.hi, rows.everywhere, numRows))
      return bucket;
  }
  return asLut(ctx, domains.back());
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

std::optional<NamedTable> mlir::posenc::raise::recognizeTable(ExprContext &cx, Expr read,
                                                              const Attention &attention,
                                                              OpBuilder &builder,
                                                              Location loc) {
  auto type = cast<RankedTensorType>(read->value.getType());
  if (!type.hasStaticShape() || !isTableElement(type.getElementType()))
    return std::nullopt;
  uint64_t position = attention.query.index->vars | attention.key.index->vars;
  std::optional<unsigned> rowDim, headDim;
  for (auto [i, index] : llvm::enumerate(read->ops)) {
    if (type.getDimSize(i) == 1)
      continue;
    std::optional<unsigned> &slot = (index->vars & position) ? rowDim : headDim;
    if (slot)
      return std::nullopt;
    slot = i;
  }
  if (!rowDim || (headDim && ((read->ops[*headDim]->vars & ~attention.head.index->vars) ||
                              read->ops[*headDim]->reads)))
    return std::nullopt;
  std::optional<DistanceFunction> f =
      tabulate(cx, read->ops[*rowDim], attention.query, attention.key);
  if (!f)
    return std::nullopt;
  int64_t numRows = type.getDimSize(*rowDim);
  for (int64_t d = std::max(f->lo, f->reachLo); d <= std::min(f->hi, f->reachHi); ++d)
    if (f->at(d) < 0 || f->at(d) >= numRows)
      return std::nullopt;
  NamedTable named;
  named.bucket = nameTotalRows(read->value.getContext(), *f, numRows);
  named.table =
      shapeTable(builder, loc, read->value, *rowDim, headDim, named.bucket.getNumRows());
  if (headDim)
    named.head = read->ops[*headDim];
  return named;
}
