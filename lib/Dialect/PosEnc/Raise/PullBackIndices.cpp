//===- PullBackIndices.cpp - Index arithmetic of exporters ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reshapes that cut at the same places, and extents that cannot be zero where an
// element is asked for.
//
//===----------------------------------------------------------------------===//

#include "PullBack.h"

using namespace mlir;
using namespace mlir::posenc::raise;

//===----------------------------------------------------------------------===//
// Loops that run
//===----------------------------------------------------------------------===//

void PullBack::assumeLoopsRun(ArrayRef<Expr> extents) {
  llvm::DenseSet<Expr> known;
  for (Expr extent : extents)
    if (extent->kind == Kind::Dim || extent->kind == Kind::Sym)
      known.insert(extent);
  if (known.size() == running.size() &&
      llvm::all_of(known, [&](Expr e) { return running.contains(e); }))
    return;
  running = std::move(known);
  inLoops.clear();
  extentsInLoops.clear();
  elements.clear();
}

/// exporters write max(2 T − min(2 T, 1), 0) for 2 T − 1.
Expr PullBack::inLoop(Expr e) {
  if (running.empty() || e->kind == Kind::IntConst || e->kind == Kind::Dim)
    return e;
  Expr &known = inLoops[e];
  if (!known)
    known = cx.simplifyWith(e, running);
  return known;
}

Expr PullBack::extentInLoop(Value tensor, int64_t dim) {
  Expr known = extent(tensor, dim);
  if (running.empty() || known->kind != Kind::Dim || known->value != tensor)
    return inLoop(known);
  // No more is said of it where loops may be empty.
  Expr &result = extentsInLoops[{tensor, dim}];
  if (result)
    return result;
  Expr computed = computeExtent(tensor, dim);
  Expr simple = computed ? inLoop(computed) : nullptr;
  bool fits = simple && cx.provablyNonNegativeWith(simple, running);
  return extentsInLoops[{tensor, dim}] = fits ? simple : known;
}

Expr PullBack::extentFormula(Value tensor, int64_t dim) {
  Expr known = extent(tensor, dim);
  Expr computed = known->kind == Kind::Dim ? computeExtent(tensor, dim) : known;
  return computed ? inLoop(computed) : known;
}

Expr PullBack::computedBy(Expr read) {
  return read->kind == Kind::Read ? compute(read->value, read->ops, Depth::Layout) : nullptr;
}

//===----------------------------------------------------------------------===//
// Reshapes
//===----------------------------------------------------------------------===//

static Expr productOf(ExprContext &cx, ArrayRef<Expr> extents) {
  Expr product = cx.intConst(1);
  for (Expr extent : extents)
    product = cx.mul(product, extent);
  return product;
}

/// The shortest pieces of both shapes, from where they stand, that hold as many
/// elements; all that is left where there are none.
static std::pair<size_t, size_t> nextCut(ExprContext &cx, ArrayRef<Expr> from,
                                         ArrayRef<Expr> to) {
  for (size_t total = 2; total < from.size() + to.size(); ++total)
    for (size_t i = 1; i < total && i <= from.size(); ++i) {
      size_t j = total - i;
      if (j <= to.size() &&
          productOf(cx, from.take_front(i)) == productOf(cx, to.take_front(j)))
        return {i, j};
    }
  return {from.size(), to.size()};
}

SmallVector<Expr> PullBack::reshapeIndices(ArrayRef<Expr> indices, ArrayRef<Expr> from,
                                           ArrayRef<Expr> to) {
  SmallVector<Expr> result;
  auto isUnit = [](Expr extent) { return extent->isConst(1); };
  while (!to.empty()) {
    if (!from.empty() && isUnit(from.front())) {
      from = from.drop_front();
      indices = indices.drop_front();
      continue;
    }
    if (isUnit(to.front()) || from.empty()) {
      to = to.drop_front();
      result.push_back(cx.intConst(0));
      continue;
    }
    auto [i, j] = nextCut(cx, from, to);
    Expr flat = linearise(cx, indices.take_front(i), from.take_front(i));
    result.append(delinearise(cx, flat, to.take_front(j)));
    from = from.drop_front(i);
    indices = indices.drop_front(i);
    to = to.drop_front(j);
  }
  return result;
}
