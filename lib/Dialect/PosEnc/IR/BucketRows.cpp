//===- BucketRows.cpp - From positions to table rows ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Each map once, over an arithmetic: on numbers it is what `evaluate` returns,
// on values it is the code that `buildRow` builds.
//===----------------------------------------------------------------------===//

#include "Buckets.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cstdlib>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::buckets;

//===----------------------------------------------------------------------===//
// Arithmetics
//===----------------------------------------------------------------------===//

namespace {
struct Numbers {
  using Int = int64_t;
  using Bool = bool;
  Int constant(int64_t v) { return v; }
  Int add(Int a, Int b) { return a + b; }
  Int sub(Int a, Int b) { return a - b; }
  Int mul(Int a, int64_t b) { return a * b; }
  Int square(Int a) { return a * a; }
  Int max(Int a, Int b) { return std::max(a, b); }
  Int min(Int a, Int b) { return std::min(a, b); }
  /// Of what is not negative.
  Int div(Int a, int64_t b) { return a / b; }
  Int rem(Int a, int64_t b) { return a % b; }
  Int select(Bool c, Int a, Int b) { return c ? a : b; }
  Bool atLeast(Int a, int64_t b) { return a >= b; }
  Bool equal(Int a, int64_t b) { return a == b; }
  Bool both(Bool a, Bool b) { return a && b; }
  Bool either(Bool a, Bool b) { return a || b; }
  Bool below(Int a, int64_t b) { return a < b; }
  Int at(ArrayRef<int64_t> list, Int i) { return list[i]; }
};

struct Values {
  using Int = Value;
  using Bool = Value;
  OpBuilder &b;
  Location loc;

  Int constant(int64_t v) { return arith::ConstantIndexOp::create(b, loc, v); }
  Int add(Int x, Int y) { return arith::AddIOp::create(b, loc, x, y); }
  Int sub(Int x, Int y) { return arith::SubIOp::create(b, loc, x, y); }
  Int mul(Int x, int64_t y) {
    return y == 1 ? x : arith::MulIOp::create(b, loc, x, constant(y)).getResult();
  }
  Int square(Int x) { return arith::MulIOp::create(b, loc, x, x); }
  Int max(Int x, Int y) { return arith::MaxSIOp::create(b, loc, x, y); }
  Int min(Int x, Int y) { return arith::MinSIOp::create(b, loc, x, y); }
  Int div(Int x, int64_t y) { return arith::DivUIOp::create(b, loc, x, constant(y)); }
  Int rem(Int x, int64_t y) { return arith::RemUIOp::create(b, loc, x, constant(y)); }
  Int select(Bool c, Int x, Int y) { return arith::SelectOp::create(b, loc, c, x, y); }
  Bool compare(arith::CmpIPredicate predicate, Int x, int64_t y) {
    return arith::CmpIOp::create(b, loc, predicate, x, constant(y));
  }
  Bool atLeast(Int x, int64_t y) { return compare(arith::CmpIPredicate::sge, x, y); }
  Bool below(Int x, int64_t y) { return compare(arith::CmpIPredicate::slt, x, y); }
  Bool equal(Int x, int64_t y) { return compare(arith::CmpIPredicate::eq, x, y); }
  Bool both(Bool x, Bool y) { return arith::AndIOp::create(b, loc, x, y); }
  Bool either(Bool x, Bool y) { return arith::OrIOp::create(b, loc, x, y); }
  Int at(ArrayRef<int64_t> list, Int i) {
    auto type = RankedTensorType::get({static_cast<int64_t>(list.size())}, b.getIndexType());
    Value table = arith::ConstantOp::create(b, loc, DenseIntElementsAttr::get(type, list));
    return tensor::ExtractOp::create(b, loc, table, i);
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// The maps
//===----------------------------------------------------------------------===//

static SmallVector<int64_t> getAllThresholds(BucketAttr attr) {
  switch (attr.getKind()) {
  case BucketKind::T5:
    return getThresholds(T5(attr.getParams()));
  case BucketKind::Deberta:
    return getThresholds(Deberta(attr.getParams()));
  case BucketKind::IRPE:
    return getThresholds(IRPE(attr.getParams()));
  default:
    return {};
  }
}

namespace {
/// What a bucket of distances says of D.
template <typename A> struct DistanceRow {
  typename A::Int row;
  std::optional<typename A::Bool> exists;
};

template <typename A> class Maps {
public:
  using Int = typename A::Int;
  using Bool = typename A::Bool;

  Maps(A arithmetic, BucketAttr attr)
      : a(arithmetic), attr(attr), p(attr.getParams()), thresholds(getAllThresholds(attr)) {}

  DistanceRow<A> ofDistance(Int d) {
    switch (attr.getKind()) {
    case BucketKind::T5:
      return {t5(d), std::nullopt};
    case BucketKind::Deberta:
      return {deberta(d), std::nullopt};
    case BucketKind::Clip:
      return {fromFirst(d, -p[0], p[1]), std::nullopt};
    case BucketKind::Identity:
      return {fromFirst(d, 0, p[0] - 1), a.both(a.atLeast(d, 0), a.below(d, p[0]))};
    default:
      return lut(d);
    }
  }

  /// Where the row depends on more than D; every pair has one.
  Int ofPositions(Int i, Int j) {
    if (attr.getKind() == BucketKind::T5)
      return withCls(t5(difference(i, j)), i, j);
    int64_t first = getCls(attr) == Cls::None ? 0 : 1;
    Coordinates query = locate(i, first), key = locate(j, first);
    return withCls(onGrid(query, key), i, j);
  }

private:
  /// Rows and columns, the last axis first.
  using Coordinates = SmallVector<Int, 3>;

  Int difference(Int i, Int j) {
    return attr.getSign() == Sign::QMinusK ? a.sub(i, j) : a.sub(j, i);
  }
  Int absolute(Int x) { return a.max(x, a.sub(a.constant(0), x)); }
  /// start + #{thresholds ≤ x}
  Int count(Int x, Int start) {
    for (int64_t threshold : thresholds)
      start = a.add(start, a.select(a.atLeast(x, threshold), a.constant(1), a.constant(0)));
    return start;
  }
  /// min(max(x, first), last) − first
  Int fromFirst(Int x, int64_t first, int64_t last) {
    Int low = a.max(x, a.constant(first));
    Int clamped = a.min(low, a.constant(last));
    return a.sub(clamped, a.constant(first));
  }

  /// e + #{thresholds ≤ a}, or a itself below e: branch-free integer code.
  Int t5(Int d) {
    T5 t(p);
    Int negated = a.sub(a.constant(0), d);
    Int length = a.max(negated, t.bidirectional ? d : a.constant(0));
    Int row = count(length, a.min(length, a.constant(t.exact)));
    if (!t.bidirectional)
      return row;
    Int base = a.select(a.atLeast(d, 1), a.constant(t.half), a.constant(0));
    return a.add(row, base);
  }

  Int deberta(Int d) {
    Deberta t(p);
    Int length = absolute(d);
    Int delta = count(length, a.min(length, a.constant(t.mid)));
    Int ahead = a.min(delta, a.constant(t.size - 1));
    Int offset = a.select(a.atLeast(d, 0), ahead, a.sub(a.constant(0), delta));
    return a.add(offset, a.constant(t.size));
  }

  DistanceRow<A> lut(Int d) {
    ArrayRef<int64_t> rows = p.drop_front(2);
    int64_t last = p[0] + static_cast<int64_t>(rows.size()) - 1;
    Int row = a.at(rows, fromFirst(d, p[0], last));
    if (!p[1])
      return {row, std::nullopt};
    return {row, a.both(a.atLeast(d, p[0]), a.below(d, last + 1))};
  }

  Coordinates locate(Int position, int64_t first) {
    Grid grid(attr);
    Int token = fromFirst(position, first, first + grid.getNumTokens() - 1);
    Coordinates at;
    at.push_back(a.rem(token, grid.width));
    Int rest = a.div(token, grid.width);
    if (attr.getKind() != BucketKind::Grid3D) {
      at.push_back(rest);
      return at;
    }
    at.push_back(a.rem(rest, grid.height));
    at.push_back(a.div(rest, grid.height));
    return at;
  }

  Int onGrid(const Coordinates &query, const Coordinates &key) {
    Grid grid(attr);
    Int dx = difference(query[0], key[0]), dy = difference(query[1], key[1]);
    if (attr.getKind() == BucketKind::AbsGrid)
      return a.add(a.mul(absolute(dy), grid.width), absolute(dx));
    if (attr.getKind() == BucketKind::IRPE)
      return irpe(dy, dx);
    Int row = a.add(dy, a.constant(grid.height - 1));
    if (attr.getKind() == BucketKind::Grid3D) {
      Int dz = difference(query[2], key[2]);
      Int layer = a.add(dz, a.constant(grid.depth - 1));
      row = a.add(a.mul(layer, 2 * grid.height - 1), row);
    }
    Int column = a.add(dx, a.constant(grid.width - 1));
    return a.add(a.mul(row, 2 * grid.width - 1), column);
  }

  Int irpe(Int dy, Int dx) {
    IRPE t(p);
    auto signedIndex = [&](Int x) {
      Int length = count(absolute(x), a.constant(0));
      Int signedLength = a.select(a.atLeast(x, 0), length, a.sub(a.constant(0), length));
      return a.add(signedLength, a.constant(t.limit));
    };
    switch (t.method) {
    case Method::Product:
      return a.add(a.mul(signedIndex(dy), 2 * t.limit + 1), signedIndex(dx));
    case Method::Rows:
      return signedIndex(dy);
    case Method::Cols:
      return signedIndex(dx);
    case Method::Euclidean:
    case Method::Quant:
      break;
    }
    return count(a.add(a.square(dy), a.square(dx)), a.constant(t.limit));
  }

  Int withCls(Int row, Int i, Int j) {
    Cls cls = getCls(attr);
    if (cls == Cls::None)
      return row;
    Bool query = a.equal(i, 0), key = a.equal(j, 0);
    int64_t last = attr.getNumRows() - 1;
    switch (cls) {
    case Cls::BEiT: {
      Int toCls = a.select(query, a.constant(last), a.constant(last - 1));
      Int fromCls = a.select(query, a.constant(last - 2), row);
      return a.select(key, toCls, fromCls);
    }
    case Cls::Shared:
      return a.select(a.either(query, key), a.constant(last), row);
    default:
      return a.select(query, a.constant(T5(p).half), a.select(key, a.constant(last), row));
    }
  }

  A a;
  BucketAttr attr;
  ArrayRef<int64_t> p;
  SmallVector<int64_t> thresholds;
};
} // namespace

//===----------------------------------------------------------------------===//
// BucketAttr
//===----------------------------------------------------------------------===//

bool BucketAttr::isDistance() const {
  switch (getKind()) {
  case BucketKind::T5:
    return getCls(*this) == Cls::None;
  case BucketKind::Clip:
  case BucketKind::Lut:
  case BucketKind::Deberta:
  case BucketKind::Identity:
    return true;
  default:
    return false;
  }
}

bool BucketAttr::isTotal() const {
  return getKind() != BucketKind::Identity &&
         !(getKind() == BucketKind::Lut && getParams()[1] != 0);
}

BucketAttr BucketAttr::getSwapped() const {
  Cls cls = getCls(*this);
  if (cls == Cls::BEiT || cls == Cls::TUPE)
    return {};
  if (getKind() == BucketKind::AbsGrid)
    return *this;
  Sign other = getSign() == Sign::QMinusK ? Sign::KMinusQ : Sign::QMinusK;
  return get(getContext(), getKind(), other, getParams());
}

static std::optional<int64_t> getRow(DistanceRow<Numbers> result) {
  return result.exists.value_or(true) ? std::optional<int64_t>(result.row) : std::nullopt;
}

std::optional<int64_t> BucketAttr::evaluateDistance(int64_t distance) const {
  return getRow(Maps<Numbers>({}, *this).ofDistance(distance));
}

std::optional<int64_t> BucketAttr::evaluate(int64_t i, int64_t j) const {
  if (isDistance())
    return evaluateDistance(getSign() == Sign::QMinusK ? i - j : j - i);
  return Maps<Numbers>({}, *this).ofPositions(i, j);
}

BucketAttr::Row BucketAttr::buildDistanceRow(OpBuilder &b, Location loc, Value distance) const {
  DistanceRow<Values> result = Maps<Values>({b, loc}, *this).ofDistance(distance);
  return {result.row, result.exists.value_or(Value())};
}

BucketAttr::Row BucketAttr::buildRow(OpBuilder &b, Location loc, Value i, Value j) const {
  if (!isDistance())
    return {Maps<Values>({b, loc}, *this).ofPositions(i, j), Value()};
  bool qMinusK = getSign() == Sign::QMinusK;
  Value distance = arith::SubIOp::create(b, loc, qMinusK ? i : j, qMinusK ? j : i);
  return buildDistanceRow(b, loc, distance);
}

std::pair<int64_t, int64_t> BucketAttr::getActiveRange() const {
  ArrayRef<int64_t> p = getParams();
  switch (getKind()) {
  case BucketKind::Clip:
    return {-p[0], p[1]};
  case BucketKind::Identity:
    return {-1, p[0]};
  case BucketKind::T5: {
    SmallVector<int64_t> thresholds = getT5Thresholds();
    int64_t last = thresholds.empty() ? T5(p).exact : thresholds.back();
    return {-last, p[2] ? last : 0};
  }
  case BucketKind::Deberta: {
    SmallVector<int64_t> thresholds = getThresholds(Deberta(p));
    // Ahead, δ = S − 1 is the last row, which only δ = S follows.
    bool more = !Deberta(p).microsoft && thresholds.size() > 1;
    return {-thresholds.back(), more ? thresholds[thresholds.size() - 2] : thresholds.back()};
  }
  default: {
    int64_t around = p[1] ? 1 : 0; // one distance without a row on either side
    int64_t size = static_cast<int64_t>(p.size()) - 2;
    return {p[0] - around, p[0] + size - 1 + around};
  }
  }
}

SmallVector<std::optional<int64_t>> BucketAttr::getActiveRows() const {
  auto [first, last] = getActiveRange();
  Maps<Numbers> maps({}, *this); // its thresholds are not cheap
  SmallVector<std::optional<int64_t>> rows;
  for (int64_t distance = first; distance <= last; ++distance)
    rows.push_back(getRow(maps.ofDistance(distance)));
  return rows;
}
