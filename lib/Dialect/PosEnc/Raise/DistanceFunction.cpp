//===- DistanceFunction.cpp - Integers as functions of distance -----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two steps. Algebra: n = m + d in place of n. Evaluation, with m anywhere: intervals show from which |d| on the value no longer changes
// (a T5 bucket: the min with the last bucket wins once the logarithm of the
// interval's lower end is past it), for distances up to any tensor's length;
// below that it is evaluated at every single distance.
//
//===----------------------------------------------------------------------===//

#include "DistanceFunction.h"

#include "posenc/Dialect/PosEnc/Analysis/Evaluate.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace mlir::posenc::raise;

/// Farther tables than this are no tables.
static constexpr int64_t kMaxDistance = 1 << 14;

/// The distance from which on both ends are constant, if there is one.
static std::optional<int64_t> saturation(Evaluator &evaluator, Expr d) {
  for (int64_t bound = 1; bound <= kMaxDistance; bound *= 2) {
    Interval far = evaluator.run(d, Interval::ofInt(bound, kMaxExtent));
    Interval near = evaluator.run(d, Interval::ofInt(-kMaxExtent, -bound));
    if (far.isIntPoint() && near.isIntPoint())
      return bound;
  }
  return std::nullopt;
}

std::optional<DistanceFunction>
mlir::posenc::raise::tabulate(ExprContext &cx, Expr e, const Axis &query, const Axis &key) {
  bool isStatic = query.extent->kind == Kind::IntConst && key.extent->kind == Kind::IntConst;
  DistanceFunction f;
  f.reachLo = isStatic ? std::min<int64_t>(0, 1 - query.extent->num) : -kMaxExtent;
  f.reachHi = isStatic ? std::max<int64_t>(0, key.extent->num - 1) : kMaxExtent;
  if (e->reads || !(e->vars & (query.index->vars | key.index->vars)))
    return std::nullopt;
  Expr d = cx.varInRange(f.reachLo, f.reachHi);
  llvm::DenseMap<Expr, Expr> map;
  // Where one side has a single row its index is 0 and d the other's.
  if (key.index->kind == Kind::Var)
    map[key.index] = cx.add(query.index, d);
  else
    map[query.index] = cx.scale(d, -1);
  Expr byDistance = cx.substitute(e, map);
  Evaluator evaluator(byDistance);
  std::optional<int64_t> bound = saturation(evaluator, d);
  f.total = bound.has_value();
  if (!bound && (!isStatic || f.reachHi - f.reachLo > 2 * kMaxDistance))
    return std::nullopt;
  f.lo = bound ? -*bound : f.reachLo;
  f.hi = bound ? *bound : f.reachHi;
  for (int64_t i = f.lo; i <= f.hi; ++i) {
    Interval value = evaluator.run(d, Interval::ofInt(i, i));
    if (value.isIntPoint()) {
      f.values.push_back(value.lo);
      continue;
    }
    // Past the distances that occur nothing has to be known.
    if (isStatic && (i < f.reachLo || i > f.reachHi)) {
      f.total = false;
      f.values.push_back(0);
      continue;
    }
    return std::nullopt;
  }
  return f;
}

//===----------------------------------------------------------------------===//
// Asserts
//===----------------------------------------------------------------------===//

/// True for every value of the loops, by algebra, or as a function of one loop
/// or of the distance between two.
static bool alwaysTrue(ExprContext &cx, Expr condition, ArrayRef<Expr> loops) {
  if (condition->isConst(1))
    return true;
  SmallVector<Axis> used;
  for (Expr loop : loops)
    if (loop->kind == Kind::Var && (condition->vars & loop->vars))
      used.push_back({loop, loop->ops[0]});
  if (used.size() == 1)
    used.insert(used.begin(), {cx.intConst(0), cx.intConst(1)});
  if (used.size() != 2)
    return false;
  std::optional<DistanceFunction> f = tabulate(cx, condition, used[0], used[1]);
  if (!f)
    return false;
  for (int64_t d = std::max(f->lo, f->reachLo); d <= std::min(f->hi, f->reachHi); ++d)
    if (f->at(d) != 1)
      return false;
  // What saturates beyond the table is its ends.
  return (f->reachLo >= f->lo || f->values.front() == 1) &&
         (f->reachHi <= f->hi || f->values.back() == 1);
}

void mlir::posenc::raise::eraseProvedAsserts(Operation *root, ExprContext &cx, PullBack &pull) {
  SmallVector<cf::AssertOp> proved, outside;
  llvm::MapVector<Operation *, SmallVector<cf::AssertOp>> inBodies;
  root->walk([&](cf::AssertOp op) {
    if (isa<linalg::LinalgOp>(op->getParentOp()))
      inBodies[op->getParentOp()].push_back(op);
    else if (isa<FunctionOpInterface>(op->getParentOp()))
      outside.push_back(op);
  });
  for (auto &[parent, asserts] : inBodies) {
    auto op = cast<linalg::LinalgOp>(parent);
    if (!op.hasPureTensorSemantics())
      continue;
    cx.restartVars();
    SmallVector<Expr> loops;
    for (Expr extent : pull.loopExtents(op))
      loops.push_back(cx.var(extent));
    for (cf::AssertOp check : asserts)
      if (alwaysTrue(cx, pull.inBody(op, loops, check.getArg()), loops))
        proved.push_back(check);
  }
  for (cf::AssertOp check : outside)
    if (pull.scalar(check.getArg())->isConst(1))
      proved.push_back(check);
  for (cf::AssertOp check : proved)
    check.erase();
}
