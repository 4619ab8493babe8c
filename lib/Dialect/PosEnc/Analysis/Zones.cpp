//===- Zones.cpp - Where functions of the distance are constant -----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All distances are halved again and again, largest part first, until a part is
// constant or the budget is spent; what is left varies, which is always a safe
// answer. Afterwards the ends of what is constant are moved as far as they go,
// so that a threshold is exact even where its neighbour was not resolved.
//
//===----------------------------------------------------------------------===//

#include "Zones.h"

#include <queue>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::scalar;

//===----------------------------------------------------------------------===//
// Constancy
//===----------------------------------------------------------------------===//

ConstancyEvaluator::ConstancyEvaluator(Expr root, uint64_t varying)
    : evaluator(root), varying(varying), constant(evaluator.getNodes().size()) {}

bool ConstancyEvaluator::isConstant(unsigned index) const {
  const Node &node = *evaluator.getNodes()[index];
  const Interval &value = evaluator.getValues()[index];
  if (value.poison)
    return false;
  if (node.isFloat() ? value.isFloatPoint() : value.isIntPoint())
    return true;
  ArrayRef<unsigned> operands = evaluator.getOperands(index);
  switch (node.kind) {
  case Kind::Var:
    return !(node.vars & varying);
  case Kind::Undef:
    return false;
  case Kind::Select: {
    const Interval &condition = evaluator.getValues()[operands[0]];
    if (condition.isIntPoint())
      return constant[operands[condition.lo ? 1 : 2]];
    break;
  }
  default:
    break;
  }
  return llvm::all_of(operands, [&](unsigned operand) { return constant[operand]; });
}

ConstancyEvaluator::Result ConstancyEvaluator::run(ArrayRef<Evaluator::Range> ranges) {
  Interval range = evaluator.run(ranges);
  for (unsigned i = 0, e = constant.size(); i < e; ++i)
    constant[i] = isConstant(i);
  return {constant.back(), range};
}

//===----------------------------------------------------------------------===//
// Search
//===----------------------------------------------------------------------===//

/// Splits of the whole line; and those near zero, where encodings have their
/// detail, after it.
static constexpr unsigned kFarBudget = 1024;
static constexpr unsigned kNearBudget = 4096;
static constexpr int64_t kNear = 1 << 11;

namespace {
struct Part {
  int64_t lo, hi;
  bool operator<(const Part &other) const {
    return hi - lo != other.hi - other.lo ? hi - lo < other.hi - other.lo : lo > other.lo;
  }
};

class ZoneSearch {
public:
  ZoneSearch(ExprContext &cx, Expr e, Expr d, uint64_t varying)
      : cx(cx), e(e), d(d), evaluator(e, varying) {}

  SmallVector<TermZone> run(int64_t lo, int64_t hi) {
    SmallVector<Part> rest = split({{lo, hi}}, kFarBudget);
    SmallVector<Part> near;
    for (const Part &part : rest) {
      bool isNear = part.lo <= kNear && part.hi >= -kNear;
      if (isNear)
        near.push_back(part);
      else
        zones.push_back({part.lo, part.hi, nullptr});
    }
    for (const Part &part : split(near, kNearBudget))
      zones.push_back({part.lo, part.hi, nullptr});
    llvm::sort(zones, [](const TermZone &a, const TermZone &b) { return a.lo < b.lo; });
    merge();
    for (size_t i = 0; i < zones.size(); ++i)
      widen(i);
    // A single distance is no zone.
    for (TermZone &zone : zones)
      if (zone.lo == zone.hi)
        zone.value = nullptr;
    merge();
    return std::move(zones);
  }

private:
  bool isConstant(int64_t lo, int64_t hi) {
    Evaluator::Range range{d, Interval::ofInt(lo, hi)};
    return evaluator.run(range).constant;
  }

  Expr valueAt(int64_t distance) { return cx.substitute(e, {{d, cx.intConst(distance)}}); }

  /// Halves the parts as often as `budget` allows; returns what varies.
  SmallVector<Part> split(ArrayRef<Part> parts, unsigned budget) {
    std::priority_queue<Part> queue(parts.begin(), parts.end());
    SmallVector<Part> rest;
    while (!queue.empty()) {
      Part part = queue.top();
      queue.pop();
      if (isConstant(part.lo, part.hi)) {
        zones.push_back({part.lo, part.hi, valueAt(part.lo)});
      } else if (part.lo == part.hi || budget == 0) {
        rest.push_back(part);
      } else {
        --budget;
        // Rounds down, so that 0 begins a half of any symmetric part.
        int64_t middle = part.lo + (part.hi - part.lo) / 2;
        queue.push({part.lo, middle});
        queue.push({middle + 1, part.hi});
      }
    }
    return rest;
  }

  void merge() {
    SmallVector<TermZone> merged;
    for (const TermZone &zone : zones) {
      if (!merged.empty() && merged.back().value == zone.value)
        merged.back().hi = zone.hi;
      else
        merged.push_back(zone);
    }
    zones = std::move(merged);
  }

  /// Moves the ends of a constant zone into neighbours that vary.
  void widen(size_t i) {
    if (!zones[i].value)
      return;
    if (i > 0 && !zones[i - 1].value) {
      int64_t lo = farthest(zones[i].lo, zones[i - 1].lo, zones[i].lo);
      zones[i].lo = lo;
      zones[i - 1].hi = lo - 1;
    }
    if (i + 1 < zones.size() && !zones[i + 1].value) {
      int64_t hi = farthest(zones[i].hi, zones[i + 1].hi, zones[i].hi);
      zones[i].hi = hi;
      zones[i + 1].lo = hi + 1;
    }
    llvm::erase_if(zones, [](const TermZone &zone) { return zone.lo > zone.hi; });
  }

  /// The distance nearest to `limit` up to which the value stays that at `from`.
  int64_t farthest(int64_t from, int64_t limit, int64_t at) {
    Expr value = valueAt(at);
    int64_t good = from, bad = limit + (limit > from ? 1 : -1);
    while (std::abs(bad - good) > 1) {
      int64_t middle = good + (bad - good) / 2;
      bool same = isConstant(std::min(from, middle), std::max(from, middle)) &&
                  valueAt(middle) == value;
      (same ? good : bad) = middle;
    }
    return good;
  }

  ExprContext &cx;
  Expr e, d;
  ConstancyEvaluator evaluator;
  SmallVector<TermZone> zones;
};
} // namespace

SmallVector<TermZone> mlir::posenc::findConstantZones(ExprContext &cx, Expr e, Expr d,
                                                      uint64_t varying, int64_t lo,
                                                      int64_t hi) {
  return ZoneSearch(cx, e, d, varying).run(lo, hi);
}
