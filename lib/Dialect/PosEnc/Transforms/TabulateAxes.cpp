//===- TabulateAxes.cpp - Coordinates that tables are over ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TabulateAxes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::scalar;

//===----------------------------------------------------------------------===//
// Which coordinates
//===----------------------------------------------------------------------===//

/// A quotient of an index, a remainder, or one of the other; none if it is
/// anything else, as one of an index plus an offset is.
static std::optional<IndexCoordinate> parseCoordinate(const ScoreStructure &structure, Expr e) {
  SmallVector<std::pair<Kind, int64_t>> steps; // from the outside
  while (e->kind == Kind::FloorDiv || e->kind == Kind::Mod) {
    if (e->ops[1]->kind != Kind::IntConst || e->ops[1]->num <= 0)
      return std::nullopt;
    steps.push_back({e->kind, e->ops[1]->num});
    e = e->ops[0];
  }
  if (!structure.isIndex(e) || steps.empty() || steps.size() > 2)
    return std::nullopt;
  auto [outer, by] = steps.front();
  if (steps.size() == 1)
    return outer == Kind::FloorDiv ? IndexCoordinate{by, 0} : IndexCoordinate{1, by};
  auto [inner, other] = steps.back();
  if (outer == Kind::Mod && inner == Kind::FloorDiv)
    return IndexCoordinate{other, by};
  if (outer == Kind::FloorDiv && inner == Kind::Mod && other % by == 0)
    return IndexCoordinate{by, other / by};
  return std::nullopt;
}

/// Digits of a number: each counts in multiples of all that the earlier ones
/// count to.
static bool areDigits(ArrayRef<IndexCoordinate> coordinates) {
  for (auto [low, high] : llvm::zip(coordinates, coordinates.drop_front())) {
    int64_t span;
    if (low.modulus == 0 || llvm::MulOverflow(low.stride, low.modulus, span) ||
        high.stride % span != 0)
      return false;
  }
  return true;
}

std::optional<SmallVector<IndexCoordinate>>
posenc::findCoordinates(const ScoreStructure &structure, const ValueStructure &value) {
  constexpr unsigned allowed = kUniformInputs | InputDistance | InputAxes | InputScore;
  if ((value.inputs & ~allowed) || value.axes.empty() || !structure.isIndexDistance())
    return std::nullopt;
  SmallVector<IndexCoordinate> result;
  for (unsigned number : value.axes) {
    const CoordinateAxis &axis = structure.getAxes()[number];
    if (axis.kind == AxisKind::Position && axis.number == -1) {
      result.push_back({});
      continue;
    }
    auto query = parseCoordinate(structure, axis.query);
    auto key = parseCoordinate(structure, axis.key);
    bool same = query && key && query->stride == key->stride && query->modulus == key->modulus;
    if (axis.kind != AxisKind::Quotient || !same)
      return std::nullopt;
    result.push_back(*query);
  }
  llvm::sort(result, [](const IndexCoordinate &a, const IndexCoordinate &b) {
    return a.stride < b.stride;
  });
  if (!areDigits(result))
    return std::nullopt;
  return result;
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

static Value buildConstant(OpBuilder &b, Location loc, int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}

/// How many values the coordinate has below `length`.
static OpFoldResult buildCount(OpBuilder &b, Location loc, IndexCoordinate coordinate,
                               OpFoldResult length) {
  if (coordinate.modulus)
    return b.getIndexAttr(coordinate.modulus);
  if (coordinate.stride == 1)
    return length;
  if (std::optional<int64_t> known = getConstantIntValue(length))
    return b.getIndexAttr(llvm::divideCeil(*known, coordinate.stride));
  Value stride = buildConstant(b, loc, coordinate.stride);
  return arith::CeilDivUIOp::create(b, loc, cast<Value>(length), stride).getResult();
}

TableAxis::TableAxis(OpBuilder &b, Location loc, IndexCoordinate coordinate,
                     OpFoldResult queries, OpFoldResult keys)
    : coordinate(coordinate) {
  OpFoldResult ofQueries = buildCount(b, loc, coordinate, queries);
  OpFoldResult ofKeys = buildCount(b, loc, coordinate, keys);
  std::optional<int64_t> q = getConstantIntValue(ofQueries), k = getConstantIntValue(ofKeys);
  if (q && k) {
    size = b.getIndexAttr(*q && *k ? *q + *k - 1 : 0);
    last = buildConstant(b, loc, *q - 1);
    return;
  }
  Value one = buildConstant(b, loc, 1), zero = buildConstant(b, loc, 0);
  Value numQueries = getValueOrCreateConstantIndexOp(b, loc, ofQueries);
  Value numKeys = getValueOrCreateConstantIndexOp(b, loc, ofKeys);
  last = arith::SubIOp::create(b, loc, numQueries, one);
  Value sum = arith::AddIOp::create(b, loc, last, numKeys);
  // No queries or no keys: no entries, as what they would read need not be there.
  Value fewer = arith::MinSIOp::create(b, loc, numQueries, numKeys);
  Value none = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, fewer, zero);
  size = arith::SelectOp::create(b, loc, none, zero, sum).getResult();
}

Value TableAxis::buildCoordinate(OpBuilder &b, Location loc, Value index) const {
  if (coordinate.stride != 1)
    index = arith::DivUIOp::create(b, loc, index, buildConstant(b, loc, coordinate.stride));
  if (coordinate.modulus)
    index = arith::RemUIOp::create(b, loc, index, buildConstant(b, loc, coordinate.modulus));
  return index;
}

/// The key's coordinate comes last: entries of consecutive keys are neighbours.
Value TableAxis::buildIndex(OpBuilder &b, Location loc, Value m, Value n) const {
  Value query = buildCoordinate(b, loc, m), key = buildCoordinate(b, loc, n);
  Value first = arith::SubIOp::create(b, loc, last, query);
  return arith::AddIOp::create(b, loc, key, first);
}

void TableAxis::moveTo(OpBuilder &b, Location loc, Value t, Value &m, Value &n) const {
  Value zero = buildConstant(b, loc, 0), stride = buildConstant(b, loc, coordinate.stride);
  auto add = [&](Value &index, Value from, Value to) {
    Value difference = arith::SubIOp::create(b, loc, to, from);
    Value positive = arith::MaxSIOp::create(b, loc, difference, zero);
    Value step = arith::MulIOp::create(b, loc, positive, stride);
    index = arith::AddIOp::create(b, loc, index, step);
  };
  add(m, t, last);
  add(n, last, t);
}
