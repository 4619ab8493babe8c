//===- FindValueTable.cpp - What positions add to values ------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shaw et al. add Σ_n p[m, n] · t[row(n − m)] to p · v: a second contraction of the
// same probabilities, usually batched over the queries, and a sum of both.
//
//===----------------------------------------------------------------------===//

#include "Product.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;

namespace {
/// What a loop of another operation of the attention may run along; a merged one
/// along several axes.
struct Candidate {
  Expr index, extent;
  unsigned axes;
};

/// Runs loops along axes in every way whose extents fit.
class Assignment {
public:
  Assignment(ExprContext &cx, PullBack &pull, const Attention &attention) : cx(cx), pull(pull) {
    const Axis *axes[] = {&attention.batch, &attention.head, &attention.query,
                          &attention.valueChannel};
    for (auto [i, axis] : llvm::enumerate(axes))
      add(axis->index, axis->extent, 1u << i);
    auto merge = [&](unsigned a, unsigned b) {
      add(cx.add(cx.mul(axes[a]->index, axes[b]->extent), axes[b]->index),
          cx.mul(axes[a]->extent, axes[b]->extent), (1u << a) | (1u << b));
    };
    merge(0, 1);
    merge(1, 3);
  }

  /// Fills in the loops that are null; true once `fits` is.
  bool find(ArrayRef<Expr> extents, MutableArrayRef<Expr> loops,
            llvm::function_ref<bool()> fits, unsigned used = 0, size_t next = 0) {
    while (next < loops.size() && loops[next])
      ++next;
    if (next == loops.size())
      return fits();
    auto tryIndex = [&](Expr index, unsigned axes) {
      loops[next] = index;
      if (find(extents, loops, fits, used | axes, next + 1))
        return true;
      loops[next] = nullptr;
      return false;
    };
    if (extents[next]->isConst(1))
      return tryIndex(cx.intConst(0), 0);
    return llvm::any_of(candidates, [&](const Candidate &c) {
      return !(used & c.axes) && pull.sameExtent(extents[next], c.extent) &&
             tryIndex(c.index, c.axes);
    });
  }

private:
  void add(Expr index, Expr extent, unsigned axes) {
    if (!extent->isConst(1))
      candidates.push_back({index, extent, axes});
  }

  ExprContext &cx;
  PullBack &pull;
  SmallVector<Candidate> candidates;
};
} // namespace

/// Operations that v reaches through others that move or change elements, at
/// most a few.
static SmallVector<linalg::LinalgOp> reached(Value v,
                                             llvm::function_ref<bool(linalg::LinalgOp)> isEnd) {
  constexpr size_t limit = 32;
  llvm::SetVector<Operation *> seen;
  SmallVector<linalg::LinalgOp> ends;
  auto follow = [&](Value value) {
    for (Operation *user : value.getUsers()) {
      auto generic = user->getParentOfType<linalg::GenericOp>();
      seen.insert(generic ? generic.getOperation() : user);
    }
  };
  follow(v);
  for (size_t i = 0; i < seen.size() && i < limit; ++i) {
    auto op = dyn_cast<linalg::LinalgOp>(seen[i]);
    if (op && isEnd(op))
      ends.push_back(op);
    else if (!op || op.getNumReductionLoops() == 0)
      for (Value result : seen[i]->getResults())
        if (isa<RankedTensorType>(result.getType()))
          follow(result);
  }
  return ends;
}

/// The element of a result at loops.
static Expr resultAt(ExprContext &cx, linalg::LinalgOp op, ArrayRef<Expr> loops) {
  SmallVector<Expr> indices;
  for (AffineExpr e : op.getMatchingIndexingMap(op.getDpsInitOperand(0)).getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(e);
    indices.push_back(dim ? loops[dim.getPosition()] : cx.intConst(0));
  }
  return cx.read(op->getResult(0), indices);
}

/// The table that `op`, over `loops`, contracts the attention's probabilities with.
Expr AttentionFinder::valueTable(linalg::LinalgOp op, ArrayRef<Expr> loops,
                                 const Attention &found) {
  std::optional<Reduction> sum =
      pull.reduction(op, 0, loops, [](OpOperand &) { return Depth::Full; });
  Factors factors;
  if (!sum || sum->combiner != "arith.addf" || !collectFactors(sum->body, factors))
    return nullptr;
  std::optional<double> init = sum->init->floatValue();
  bool same = init && *init == 0.0 && factors.exponential == found.exponential &&
              factors.denominators.size() == 1 && factors.denominators[0] == found.divisor &&
              factors.guards.empty() && factors.constant == 1.0;
  if (!same)
    return nullptr;
  for (OpOperand *input : op.getDpsInputOperands()) {
    auto depthOf = [&](OpOperand &operand) {
      return &operand == input ? Depth::Layout : Depth::Full;
    };
    Factors moved;
    sum = pull.reduction(op, 0, loops, depthOf);
    if (!sum || !collectFactors(sum->body, moved) || moved.numerators.size() != 1)
      continue;
    Expr read = moved.numerators[0];
    if (read->kind != Kind::Read || !(read->vars & found.query.index->vars) ||
        !isValueTable(cx, pull, found, read))
      continue;
    return read;
  }
  return nullptr;
}

bool AttentionFinder::addValueTable(Attention &found) {
  linalg::LinalgOp first = found.contraction;
  if (found.divisor->kind != Kind::Read || found.sink || found.query.index->kind != Kind::Var)
    return false;
  Assignment assignment(cx, pull, found);
  auto isContraction = [&](linalg::LinalgOp op) {
    return op != first && op.getNumReductionLoops() == 1 && op.getNumDpsInputs() == 2 &&
           op->getNumResults() == 1 && op->getBlock() == first->getBlock();
  };
  for (linalg::LinalgOp second : reached(found.divisor->value, isContraction)) {
    SmallVector<Expr> loops(second.getNumLoops(), nullptr);
    loops[*PullBack::reductionLoop(second)] = found.key.index;
    Expr table = nullptr;
    bool matches = PullBack::writesAll(second, 0) && assignment.find(
        pull.loopExtents(second), loops,
        [&] { return (table = valueTable(second, loops, found)) != nullptr; });
    if (matches && addToSum(second, loops, table, found))
      return true;
  }
  return false;
}

/// Makes the sum of both contractions the attention's result.
bool AttentionFinder::addToSum(linalg::LinalgOp second, ArrayRef<Expr> loops, Expr table,
                               Attention &found) {
  linalg::LinalgOp first = found.contraction;
  Expr values = resultAt(cx, first, found.loops), rows = resultAt(cx, second, loops);
  auto isSum = [&](linalg::LinalgOp op) {
    return op.getNumReductionLoops() == 0 && op.getNumDpsInputs() == 2 &&
           op->getNumResults() == 1 && PullBack::writesAll(op, 0);
  };
  Assignment assignment(cx, pull, found);
  for (linalg::LinalgOp sum : reached(second->getResult(0), isSum)) {
    SmallVector<Expr> sumLoops(sum.getNumLoops(), nullptr);
    bool matches = assignment.find(pull.loopExtents(sum), sumLoops, [&] {
      Expr e = pull.computedBy(resultAt(cx, sum, sumLoops));
      return e && e->kind == Kind::Op && e->name == "arith.addf" &&
             llvm::is_contained(e->ops, values) && llvm::is_contained(e->ops, rows);
    });
    if (!matches || sum->getBlock() != first->getBlock())
      continue;
    found.valueTable = table;
    found.consumed = {first, second};
    found.contraction = sum;
    found.loops = sumLoops;
    return true;
  }
  return false;
}
