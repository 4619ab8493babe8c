//===- RaiseLookups.cpp - Rows of tables by position ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Learned absolute encodings: a gather from a table by what is known of the
// position alone. Gathers by content, as of word embeddings, stay.
//
//===----------------------------------------------------------------------===//

#include "Lookups.h"
#include "Tables.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;

namespace {
/// result[…, t, …, d] = table[row, d].
struct PositionLookup {
  Value table;
  Expr row = nullptr;
  SmallVector<Axis> axes; ///< of the result but for the channel
  bool checked = false;   ///< fails where the row is outside
};
} // namespace

static bool holdsGather(linalg::LinalgOp op) {
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  return op.getNumReductionLoops() == 0 && op.hasPureTensorSemantics() && type &&
         op->getNumResults() == 1 && (type.getRank() == 2 || type.getRank() == 3) &&
         isTableElement(type.getElementType()) && !op->getResult(0).use_empty() &&
         !op.getBlock()->getOps<tensor::ExtractOp>().empty();
}

/// Assertions in the body say no more than that the row is inside the table.
static bool checksRowsOnly(ExprContext &cx, PullBack &pull, linalg::LinalgOp op,
                           ArrayRef<Expr> loops, PositionLookup &found) {
  int64_t rank = cast<RankedTensorType>(found.table.getType()).getRank();
  Expr rows = pull.extent(found.table, rank - 2);
  Expr below = cx.compare(arith::CmpIPredicate::slt, found.row, rows);
  Expr atLeast = cx.compare(arith::CmpIPredicate::sge, found.row, cx.intConst(0));
  for (auto check : op.getBlock()->getOps<cf::AssertOp>()) {
    Expr condition = pull.inBody(op, loops, check.getArg());
    if (condition != below && condition != atLeast)
      return false;
    found.checked = true;
  }
  return true;
}

static std::optional<PositionLookup> findGather(ExprContext &cx, PullBack &pull,
                                                linalg::LinalgOp op) {
  cx.restartVars();
  Value result = op->getResult(0);
  PositionLookup found;
  SmallVector<Expr> indices;
  int64_t rank = cast<RankedTensorType>(result.getType()).getRank();
  for (int64_t i = 0; i < rank; ++i) {
    Expr extent = pull.extent(result, i);
    indices.push_back(cx.var(extent));
    found.axes.push_back({indices.back(), extent});
  }
  Expr channel = indices.back(), read = pull.element(result, indices, Depth::Full);
  found.axes.pop_back();
  if (read->kind != Kind::Read || read->ops.size() < 2 || read->ops.back() != channel ||
      channel->kind != Kind::Var)
    return std::nullopt;
  found.table = read->value;
  auto type = cast<RankedTensorType>(found.table.getType());
  int64_t last = type.getRank() - 1;
  // TOSA's tables have a batch of 1.
  if (llvm::any_of(type.getShape().drop_back(2), [](int64_t size) { return size != 1; }) ||
      pull.extent(found.table, last) != pull.extent(result, rank - 1))
    return std::nullopt;
  found.row = read->ops[last - 1];
  bool known = found.row->vars != 0 && !(found.row->vars & channel->vars);
  visit(found.row, [&](Expr e) {
    // One number for all rows, such as where a cache ends, is no content.
    known &= e->kind != Kind::Undef && (e->kind != Kind::Read || e->attr || e->vars == 0);
  });
  SmallVector<Expr> loops(op.getNumLoops(), nullptr);
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  for (auto [expr, index] : llvm::zip(map.getResults(), indices))
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      loops[dim.getPosition()] = index;
  if (!known || llvm::is_contained(loops, nullptr) ||
      !checksRowsOnly(cx, pull, op, loops, found))
    return std::nullopt;
  return found;
}

/// The rows by everything but the channel.
static Value buildPositions(ExprContext &cx, PullBack &pull, OpBuilder &builder, Location loc,
                            const PositionLookup &found) {
  Emitter sizes(cx, pull, builder, loc);
  SmallVector<OpFoldResult> extents;
  for (const Axis &axis : found.axes)
    extents.push_back(sizes.fold(axis.extent));
  Type element = builder.getI64Type();
  Value init = tensor::EmptyOp::create(builder, loc, extents, element);
  SmallVector<utils::IteratorType> loops(extents.size(), utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      builder, loc, init.getType(), ValueRange(), init,
      builder.getMultiDimIdentityMap(extents.size()), loops,
      [&](OpBuilder &b, Location l, ValueRange) {
        Emitter emitter(cx, pull, b, l);
        for (auto [i, axis] : llvm::enumerate(found.axes))
          if (axis.index->kind == Kind::Var)
            emitter.bind(axis.index, linalg::IndexOp::create(b, l, i));
        Value row = emitter.emitIndex(found.row);
        linalg::YieldOp::create(b, l,
                                arith::IndexCastOp::create(b, l, element, row).getResult());
      });
  return generic.getResult(0);
}

/// The table as a matrix.
static Value dropBatch(OpBuilder &builder, Location loc, Value table) {
  int64_t rank = cast<RankedTensorType>(table.getType()).getRank();
  if (rank == 2)
    return table;
  SmallVector<ReassociationIndices> groups(2);
  for (int64_t i = 0; i < rank; ++i)
    groups[i == rank - 1].push_back(i);
  return tensor::CollapseShapeOp::create(builder, loc, table, groups);
}

void mlir::posenc::raise::raiseLookups(ExprContext &cx, PullBack &pull, Operation *root) {
  SmallVector<linalg::LinalgOp> gathers;
  root->walk([&](linalg::LinalgOp op) {
    if (holdsGather(op))
      gathers.push_back(op);
  });
  SmallVector<Operation *> replaced;
  for (linalg::LinalgOp op : gathers) {
    std::optional<PositionLookup> found = findGather(cx, pull, op);
    if (!found)
      continue;
    OpBuilder builder(op);
    Value positions = buildPositions(cx, pull, builder, op->getLoc(), *found);
    auto oob = OutOfBoundsAttr::get(builder.getContext(), found->checked ? OutOfBounds::Assert
                                                                         : OutOfBounds::Clamp);
    Value result = op->getResult(0);
    SmallVector<int64_t> shape(cast<RankedTensorType>(positions.getType()).getShape());
    Value table = dropBatch(builder, op->getLoc(), found->table);
    shape.push_back(cast<RankedTensorType>(table.getType()).getDimSize(1));
    auto type = cast<RankedTensorType>(result.getType()).clone(shape);
    Value rows = LookupOp::create(builder, op->getLoc(), type, table, positions, oob);
    if (type != result.getType())
      rows = tensor::CastOp::create(builder, op->getLoc(), result.getType(), rows);
    result.replaceAllUsesWith(rows);
    replaced.push_back(op);
  }
  // Their assertions are those of the look-ups now, and would keep them. Not before
  // the end: what is remembered of elements goes by the address of a value.
  for (Operation *op : replaced)
    op->erase();
}
