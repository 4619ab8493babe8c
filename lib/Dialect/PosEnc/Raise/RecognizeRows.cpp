//===- RecognizeRows.cpp - Rows that not every distance has ---------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rows.h"

#include <cmath>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;

/// Where a bucket's formula has no row.
static constexpr int64_t kNone = -1;

/// Whether the bucket gives the rows of `f` to the distances n − m from lo to hi,
/// and to all if `everywhere`.
static bool agrees(BucketAttr bucket, const DistanceFunction &f, int64_t lo, int64_t hi,
                   bool everywhere) {
  SmallVector<std::optional<int64_t>> rows = bucket.getActiveRows();
  auto [first, last] = bucket.getActiveRange();
  auto rowAt = [&, first = first, last = last](int64_t d) {
    int64_t own = bucket.getSign() == Sign::KMinusQ ? d : -d;
    return rows[std::min(std::max(own, first), last) - first].value_or(kNone);
  };
  int64_t reach = std::max(std::abs(first), std::abs(last)) + 1;
  if (everywhere) {
    // Beyond both tables neither changes.
    lo = std::min(lo, -reach);
    hi = std::max(hi, reach);
  }
  for (int64_t d = lo; d <= hi; ++d)
    if (f.at(d) != rowAt(d))
      return false;
  return true;
}

//===----------------------------------------------------------------------===//
// DeBERTa
//===----------------------------------------------------------------------===//

/// What `max` may be: the last row that is seen, k past the middle, begins at the
/// distance a = first, so that mid ((a − 1)/mid)^(L/k) <= max − 1 < mid (a/mid)^(L/k)
/// with L = mid − 1.
static std::pair<int64_t, int64_t> debertaRange(const DistanceFunction &f, int64_t lo,
                                                int64_t hi, int64_t size) {
  int64_t middle = size / 2, last = middle, first = middle;
  for (int64_t a = middle; a <= std::max(hi, -lo); ++a) {
    int64_t row = f.at(a <= hi ? a : -a);
    int64_t bucket = std::min(std::abs(row - size), size - 1);
    if (bucket > last) {
      last = bucket;
      first = a;
    }
  }
  int64_t k = last - middle - 1;
  if (k < 1 || middle < 2)
    return {2 * size, 2 * size}; // nothing seen: as the library has it
  double power = double(middle - 1) / double(k);
  auto edge = [&](double a) { return middle * std::pow(a / middle, power); };
  return {int64_t(edge(first - 1)), int64_t(std::ceil(edge(first))) + 1};
}

BucketAttr mlir::posenc::raise::fitDeberta(MLIRContext *ctx, const DistanceFunction &f,
                                           int64_t lo, int64_t hi, bool everywhere,
                                           int64_t numRows) {
  int64_t size = numRows / 2;
  if (numRows % 4 != 0 || size < 4 || size > 1024 || f.at(0) != size)
    return nullptr;
  auto [from, to] = debertaRange(f, lo, hi, size);
  from = std::max(from, size / 2 + 2);
  // Where several give the same rows it is a round number that somebody wrote.
  SmallVector<int64_t> candidates;
  for (int64_t m = 4; m <= to && m < (int64_t(1) << 30); m *= 2)
    if (m >= from)
      candidates.push_back(m);
  constexpr size_t limit = 64;
  for (int64_t m = from; m <= to && candidates.size() < limit; ++m)
    candidates.push_back(m);
  for (int64_t m : candidates)
    for (Sign sign : {Sign::QMinusK, Sign::KMinusQ}) {
      BucketAttr bucket = BucketAttr::getDeberta(ctx, sign, size, m);
      if (agrees(bucket, f, lo, hi, everywhere))
        return bucket;
    }
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Rows that do not exist
//===----------------------------------------------------------------------===//

/// The distances [first, last] that have rows, if those are the ones between.
static std::optional<std::pair<int64_t, int64_t>> existing(const DistanceFunction &f, int64_t lo,
                                                           int64_t hi) {
  while (lo <= hi && f.at(lo) == kNone)
    ++lo;
  while (hi >= lo && f.at(hi) == kNone)
    --hi;
  for (int64_t d = lo; d <= hi; ++d)
    if (f.at(d) == kNone)
      return std::nullopt;
  if (lo > hi)
    return std::nullopt;
  return std::make_pair(lo, hi);
}

static BucketAttr namePartialRows(MLIRContext *ctx, const DistanceFunction &f, int64_t numRows) {
  int64_t lo = f.lo, hi = f.hi;
  if (f.total) {
    if (f.values.front() != kNone || f.values.back() != kNone)
      return nullptr;
  } else {
    lo = f.reachLo;
    hi = f.reachHi;
  }
  for (Sign sign : {Sign::QMinusK, Sign::KMinusQ}) {
    BucketAttr bucket = BucketAttr::getIdentity(ctx, sign, numRows);
    if (agrees(bucket, f, lo, hi, f.total))
      return bucket;
  }
  auto range = existing(f, lo, hi);
  if (!range)
    return nullptr;
  SmallVector<int64_t> rows;
  for (int64_t d = range->first; d <= range->second; ++d)
    rows.push_back(f.at(d));
  return BucketAttr::getLut(ctx, Sign::KMinusQ, range->first, rows, /*zeroOutside=*/true);
}

BucketAttr mlir::posenc::raise::nameRows(ExprContext &cx, Expr row, Expr exists,
                                         const Attention &attention, int64_t numRows) {
  if (ShapedType::isDynamic(numRows))
    return nullptr;
  Expr rows = exists ? cx.select(exists, row, cx.intConst(kNone)) : row;
  std::optional<DistanceFunction> f = tabulate(cx, rows, attention.query, attention.key);
  if (!f)
    return nullptr;
  // What is not seen may have any row.
  if (attention.seenUpTo && attention.seenUpTo->kind == Kind::IntConst && !f->total)
    f->reachHi = std::min(f->reachHi, attention.seenUpTo->num);
  int64_t lowest = INT64_MAX;
  for (int64_t d = std::max(f->lo, f->reachLo); d <= std::min(f->hi, f->reachHi); ++d) {
    if (f->at(d) < (exists ? kNone : 0) || f->at(d) >= numRows)
      return nullptr;
    lowest = std::min(lowest, f->at(d));
  }
  if (lowest == kNone)
    return namePartialRows(cx.getContext(), *f, numRows);
  return nameTotalRows(cx.getContext(), *f, numRows);
}
