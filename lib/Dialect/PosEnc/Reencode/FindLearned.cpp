//===- FindLearned.cpp - Tables by position that are added to embeddings --===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each operand of a sum is followed back to what one element of it is. Rows by
// position are an element [row(t), d] of a table, whose row depends on the token's
// index t and on constants alone: a gather by counted indices, by those of a buffer,
// a slice of the table, or posenc.lookup.
//
//===----------------------------------------------------------------------===//

#include "Reencode.h"

#include "../Raise/PullBack.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;
using namespace mlir::posenc::reencode;

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

/// Larger ones are no indices of positions.
static constexpr int64_t kMaxBuffer = 1 << 20;

void reencode::readIndexBuffers(FunctionOpInterface function) {
  for (auto op : function.getFunctionBody().getOps<arith::ConstantOp>()) {
    auto resource = dyn_cast<DenseResourceElementsAttr>(op.getValue());
    // Booleans are kept in another way there than here, and are no positions.
    if (!resource || !resource.getElementType().isInteger() ||
        resource.getElementType().isInteger(1) || resource.getNumElements() > kMaxBuffer)
      continue;
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    bool splat = false;
    if (!blob ||
        !DenseElementsAttr::isValidRawBuffer(resource.getType(), blob->getData(), splat))
      continue;
    op.setValueAttr(DenseElementsAttr::getFromRawBuffer(resource.getType(), blob->getData()));
  }
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

/// The two operands of an addition of tensors, element by element.
static std::optional<std::pair<OpOperand *, OpOperand *>> matchSum(Operation *op) {
  if (isa<arith::AddFOp>(op) && isa<RankedTensorType>(op->getResult(0).getType()))
    return std::make_pair(&op->getOpOperand(0), &op->getOpOperand(1));
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || !linalgOp.hasPureTensorSemantics() || linalgOp.getNumDpsInputs() != 2 ||
      linalgOp.getNumDpsInits() != 1 ||
      linalgOp.getNumParallelLoops() != linalgOp.getNumLoops())
    return std::nullopt;
  Block *body = linalgOp.getBlock();
  auto sum = body->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  Value a = body->getArgument(0), b = body->getArgument(1);
  if (!sum ||
      !((sum.getLhs() == a && sum.getRhs() == b) || (sum.getLhs() == b && sum.getRhs() == a)))
    return std::nullopt;
  return std::make_pair(linalgOp.getDpsInputOperand(0), linalgOp.getDpsInputOperand(1));
}

//===----------------------------------------------------------------------===//
// Rows by position
//===----------------------------------------------------------------------===//

static bool isConstant(Value value) {
  Operation *op = value ? value.getDefiningOp() : nullptr;
  return op && op->hasTrait<OpTrait::ConstantLike>();
}

namespace {
/// Looks at one operand of a sum.
class RowMatcher {
public:
  RowMatcher(ExprContext &cx, PullBack &pull) : cx(cx), pull(pull) {}

  /// The table if the elements of `value` are [row(t), d] of it, and how many positions
  /// have a row.
  std::pair<Value, int64_t> match(Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type || type.getRank() < 2 || !isa<FloatType>(type.getElementType()))
      return {};
    cx.restartVars();
    SmallVector<Expr> indices;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      indices.push_back(cx.var(pull.extent(value, dim)));
    Expr token = indices[type.getRank() - 2], channel = indices.back();
    Expr e = pull.element(value, indices, Depth::Full);
    while (e->kind == Kind::Op && (e->name == "arith.extf" || e->name == "arith.truncf"))
      e = e->ops[0];
    if (e->kind != Kind::Read || !e->value || e->ops.size() < 2 || e->ops.back() != channel)
      return {};
    ArrayRef<Expr> rows = ArrayRef(e->ops).drop_back();
    if (auto lookup = e->value.getDefiningOp<LookupOp>()) {
      if (!isByPosition(lookup, token) || !llvm::is_contained(rows, token))
        return {};
      return {lookup.getTable(), countRows(lookup.getTable(), 0, 0)};
    }
    // A buffer of zeros is read by the token's index too.
    auto *byToken = llvm::find_if(
        rows, [&](Expr row) { return (row->vars & token->vars) && row->lo != row->hi; });
    bool alone = llvm::all_of(rows, [&](Expr row) { return isOfToken(row, token); });
    if (byToken == rows.end() || !alone || !isTable(e->value, type))
      return {};
    Expr first = cx.sub(*byToken, token);
    int64_t offset = first->kind == Kind::IntConst ? first->num : 0;
    return {e->value, countRows(e->value, byToken - rows.begin(), offset)};
  }

private:
  static int64_t countRows(Value table, int64_t dim, int64_t offset) {
    int64_t rows = cast<RankedTensorType>(table.getType()).getDimSize(dim);
    return ShapedType::isDynamic(rows) ? rows : rows - offset;
  }

  /// Computed from the token's index and constants.
  bool isOfToken(Expr row, Expr token) {
    if (row->vars & ~token->vars)
      return false;
    bool known = true;
    visit(row, [&](Expr e) {
      known &= e->kind != Kind::Undef && e->kind != Kind::Sym;
      if (e->kind == Kind::Read)
        known &= !e->value || isConstant(e->value);
    });
    return known;
  }

  bool isByPosition(LookupOp lookup, Expr token) {
    Value positions = lookup.getPositions();
    if (positions.getDefiningOp<PositionsOp>() || positions.getDefiningOp<MaskPositionsOp>())
      return true;
    int64_t rank = cast<RankedTensorType>(positions.getType()).getRank();
    if (rank == 0)
      return false;
    SmallVector<Expr> indices(rank, cx.intConst(0));
    for (int64_t dim = 0; dim + 1 < rank; ++dim)
      indices[dim] = cx.var(pull.extent(positions, dim));
    indices.back() = token;
    Expr position = pull.element(positions, indices, Depth::Full);
    return (position->vars & token->vars) && position->lo != position->hi &&
           isOfToken(position, token);
  }

  /// A constant, or an argument that has rows of its own: one with a row per token may
  /// be data.
  static bool isTable(Value table, RankedTensorType rows) {
    if (isConstant(table))
      return true;
    auto type = dyn_cast<RankedTensorType>(table.getType());
    return isa<BlockArgument>(table) && type && type.getRank() == 2 && !type.isDynamicDim(0) &&
           type.getDimSize(0) != rows.getDimSize(rows.getRank() - 2);
  }

  ExprContext &cx;
  PullBack &pull;
};
} // namespace

SmallVector<LearnedSum> reencode::findLearnedSums(FunctionOpInterface function) {
  ExprContext cx(function->getContext());
  PullBack pull(cx);
  RowMatcher matcher(cx, pull);
  SmallVector<LearnedSum> found;
  for (Operation &op : function.getFunctionBody().front()) {
    auto sum = matchSum(&op);
    if (!sum)
      continue;
    auto [a, b] = *sum;
    auto first = matcher.match(a->get()), second = matcher.match(b->get());
    // A sum of two tables is no embedding yet; the sum that it goes into is found too.
    if (bool(first.first) == bool(second.first))
      continue;
    if (first.first)
      found.push_back({&op, a, b, first.first, first.second});
    else
      found.push_back({&op, b, a, second.first, second.second});
  }
  return found;
}

//===----------------------------------------------------------------------===//
// Removal
//===----------------------------------------------------------------------===//

Value reencode::removeRows(RewriterBase &rewriter, const LearnedSum &learned) {
  Operation *op = learned.sum;
  Value others = learned.others->get(), result = op->getResult(0);
  auto sum = dyn_cast<linalg::LinalgOp>(op);
  AffineMap from = sum ? sum.getMatchingIndexingMap(learned.others) : AffineMap();
  AffineMap to = sum ? sum.getMatchingIndexingMap(sum.getDpsInitOperand(0)) : AffineMap();
  if (others.getType() != result.getType() || from != to) {
    rewriter.setInsertionPoint(op);
    Value init = sum.getDpsInits()[0];
    SmallVector<utils::IteratorType> loops(sum.getNumLoops(), utils::IteratorType::parallel);
    auto copy = linalg::GenericOp::create(rewriter, op->getLoc(), result.getType(), others,
                                          init, ArrayRef{from, to}, loops,
                                          [](OpBuilder &b, Location loc, ValueRange args) {
                                            linalg::YieldOp::create(b, loc, args[0]);
                                          });
    others = copy.getResult(0);
  }
  rewriter.replaceAllUsesWith(result, others);
  return others;
}

void reencode::eraseUnread(RewriterBase &rewriter, ArrayRef<Value> roots,
                           SetVector<Value> &sizes) {
  auto isTensor = [](Type type) { return isa<TensorType>(type); };
  SetVector<Operation *> worklist;
  auto add = [&](Value value) {
    if (Operation *op = value.getDefiningOp())
      worklist.insert(op);
  };
  llvm::for_each(roots, add);
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val();
    // Linalg ops on tensors and look-ups have no effect but their assertions.
    auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
    bool erasable = isMemoryEffectFree(op) || isa<LookupOp>(op) ||
                    (linalgOp && linalgOp.hasPureTensorSemantics());
    // Constants are told apart by their ops until everything is done.
    if (!op->use_empty() || !erasable || op->hasTrait<OpTrait::ConstantLike>())
      continue;
    SetVector<Value> read(op->getOperands().begin(), op->getOperands().end());
    getUsedValuesDefinedAbove(op->getRegions(), read);
    for (Value operand : op->getOperands())
      if (operand.getType().isIndex() && llvm::any_of(op->getResultTypes(), isTensor))
        sizes.insert(operand);
    for (Value result : op->getResults())
      sizes.remove(result);
    rewriter.eraseOp(op);
    llvm::for_each(read, add);
  }
}

/// Whether no tensor has this size, or an offset that is computed from it, any more.
static bool isOfNothing(Value size) {
  return llvm::all_of(size.getUsers(), [](Operation *user) {
    return isa<cf::AssertOp>(user) ||
           (isa<arith::ArithDialect>(user->getDialect()) &&
            llvm::all_of(user->getResults(), isOfNothing));
  });
}

void reencode::eraseAssertions(RewriterBase &rewriter, FunctionOpInterface function,
                               const SetVector<Value> &sizes) {
  llvm::DenseSet<Value> gone;
  for (Value size : sizes)
    if (isOfNothing(size))
      gone.insert(size);
  for (Operation &op : llvm::make_early_inc_range(function.getFunctionBody().front())) {
    if (llvm::none_of(op.getOperands(), [&](Value v) { return gone.contains(v); }))
      continue;
    gone.insert(op.result_begin(), op.result_end());
    if (isa<cf::AssertOp>(op))
      rewriter.eraseOp(&op);
  }
}

void reencode::eraseUnreadConstants(RewriterBase &rewriter, FunctionOpInterface function) {
  for (Operation &op : llvm::make_early_inc_range(function.getFunctionBody().front()))
    if (op.use_empty() && op.hasTrait<OpTrait::ConstantLike>())
      rewriter.eraseOp(&op);
}
