//===- TransposeViews.cpp - Tensors that are transposes -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TransposeViews.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::posenc;

//===----------------------------------------------------------------------===//
// Transposes
//===----------------------------------------------------------------------===//

/// A generic that yields its only input, read and written in permuted order.
static std::optional<TransposedView> matchMapTranspose(linalg::GenericOp op) {
  AffineMap in = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  AffineMap out = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  auto yield = cast<linalg::YieldOp>(op.getBody()->getTerminator());
  if (!in.isPermutation() || !out.isPermutation() ||
      yield.getOperand(0) != op.getRegionInputArgs()[0])
    return std::nullopt;
  TransposedView view{op.getInputs()[0], {}};
  for (AffineExpr loop : out.getResults())
    view.perm.push_back(*in.getResultPosition(loop));
  return view;
}

/// Whether both extents are the same static number, or the extent of `init`
/// was read from `source`.
static bool sameExtent(Value init, int64_t initDim, Value source, int64_t sourceDim) {
  auto type = cast<RankedTensorType>(init.getType());
  int64_t extent = type.getDimSize(initDim);
  if (!type.isDynamicDim(initDim))
    return extent == cast<RankedTensorType>(source.getType()).getDimSize(sourceDim);
  auto empty = init.getDefiningOp<tensor::EmptyOp>();
  Value size = empty ? empty.getDynamicSize(initDim) : Value();
  auto dim = size ? size.getDefiningOp<tensor::DimOp>() : tensor::DimOp();
  return dim && dim.getSource() == source && dim.getConstantIndex() == sourceDim;
}

/// A generic without inputs that yields tensor.extract of a permutation of its
/// linalg.index values.
static std::optional<TransposedView> matchExtractTranspose(linalg::GenericOp op) {
  auto yield = cast<linalg::YieldOp>(op.getBody()->getTerminator());
  auto extract = yield.getOperand(0).getDefiningOp<tensor::ExtractOp>();
  AffineMap out = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (!extract || !out.isPermutation() || extract.getIndices().size() != out.getNumResults() ||
      op->isAncestor(extract.getTensor().getParentBlock()->getParentOp()))
    return std::nullopt;
  // loopOf[j]: the loop that runs over dimension j of the source.
  SmallVector<int64_t> loopOf;
  for (Value index : extract.getIndices()) {
    auto loop = index.getDefiningOp<linalg::IndexOp>();
    if (!loop || llvm::is_contained(loopOf, int64_t(loop.getDim())))
      return std::nullopt;
    loopOf.push_back(loop.getDim());
  }
  TransposedView view{extract.getTensor(), {}};
  for (auto [dim, loop] : llvm::enumerate(out.getResults())) {
    int64_t position = cast<AffineDimExpr>(loop).getPosition();
    int64_t sourceDim = llvm::find(loopOf, position) - loopOf.begin();
    // It may read a part only.
    if (!sameExtent(op.getDpsInits()[0], dim, view.source, sourceDim))
      return std::nullopt;
    view.perm.push_back(sourceDim);
  }
  return view;
}

std::optional<TransposedView> posenc::matchTranspose(Operation *op) {
  if (auto transpose = dyn_cast_or_null<linalg::TransposeOp>(op)) {
    if (!transpose.hasPureTensorSemantics())
      return std::nullopt;
    return TransposedView{transpose.getInput(),
                          SmallVector<int64_t>(transpose.getPermutation())};
  }
  auto generic = dyn_cast_or_null<linalg::GenericOp>(op);
  if (!generic || !generic.hasPureTensorSemantics() || generic.getNumDpsInits() != 1 ||
      generic.getNumParallelLoops() != generic.getNumLoops() ||
      !isMemoryEffectFree(generic)) // an assertion in the body must stay
    return std::nullopt;
  std::optional<TransposedView> view;
  if (generic.getNumDpsInputs() == 1)
    view = matchMapTranspose(generic);
  else if (generic.getNumDpsInputs() == 0)
    view = matchExtractTranspose(generic);
  if (view && getElementTypeOrSelf(view->source) != getElementTypeOrSelf(generic.getResult(0)))
    return std::nullopt;
  return view;
}

//===----------------------------------------------------------------------===//
// Transposes behind other views
//===----------------------------------------------------------------------===//

/// `values[i]` belongs to dimension i of the view; gives them in the order of
/// the source.
template <typename T>
static SmallVector<T> toSourceOrder(ArrayRef<T> values, ArrayRef<int64_t> perm) {
  SmallVector<T> result(values.size());
  for (auto [value, dim] : llvm::zip_equal(values, perm))
    result[dim] = value;
  return result;
}

/// Ranks of `dims` among themselves: {4, 0, 2} -> {2, 0, 1}.
static SmallVector<int64_t> compress(ArrayRef<int64_t> dims) {
  SmallVector<int64_t> ranks;
  for (int64_t dim : dims)
    ranks.push_back(llvm::count_if(dims, [&](int64_t d) { return d < dim; }));
  return ranks;
}

static TransposedView peelCast(OpBuilder &b, tensor::CastOp op, const TransposedView &inner) {
  auto type = cast<RankedTensorType>(op.getType());
  SmallVector<int64_t> shape = toSourceOrder(type.getShape(), inner.perm);
  auto newType = RankedTensorType::get(shape, type.getElementType());
  return {tensor::CastOp::create(b, op.getLoc(), newType, inner.source), inner.perm};
}

static TransposedView peelSlice(OpBuilder &b, tensor::ExtractSliceOp op,
                                const TransposedView &inner) {
  llvm::SmallBitVector dropped = op.getDroppedDims();
  SmallVector<int64_t> kept;
  for (auto [dim, sourceDim] : llvm::enumerate(inner.perm))
    if (!dropped.test(dim))
      kept.push_back(sourceDim);
  TransposedView view{{}, compress(kept)};
  SmallVector<int64_t> shape = toSourceOrder(op.getType().getShape(), view.perm);
  auto type = RankedTensorType::get(shape, op.getType().getElementType());
  auto permuted = [&](SmallVector<OpFoldResult> values) {
    return toSourceOrder<OpFoldResult>(values, inner.perm);
  };
  view.source = tensor::ExtractSliceOp::create(
      b, op.getLoc(), type, inner.source, permuted(op.getMixedOffsets()),
      permuted(op.getMixedSizes()), permuted(op.getMixedStrides()));
  return view;
}

static TransposedView peelExpand(OpBuilder &b, tensor::ExpandShapeOp op,
                                 const TransposedView &inner) {
  // The groups in the source's order, renumbered, and which result dimensions
  // they now hold.
  SmallVector<ReassociationIndices> groups =
      toSourceOrder<ReassociationIndices>(op.getReassociationIndices(), inner.perm);
  TransposedView view{{}, SmallVector<int64_t>(op.getResultType().getRank())};
  int64_t next = 0;
  for (ReassociationIndices &group : groups)
    for (int64_t &dim : group) {
      view.perm[dim] = next;
      dim = next++;
    }
  SmallVector<int64_t> shape = toSourceOrder(op.getResultType().getShape(), view.perm);
  SmallVector<OpFoldResult> sizes =
      getMixedValues(op.getStaticOutputShape(), op.getOutputShape(), b);
  auto type = RankedTensorType::get(shape, op.getResultType().getElementType());
  view.source = tensor::ExpandShapeOp::create(b, op.getLoc(), type, inner.source, groups,
                                              toSourceOrder<OpFoldResult>(sizes, view.perm));
  return view;
}

std::optional<SmallVector<int64_t>> posenc::getKeptDims(tensor::CollapseShapeOp op) {
  SmallVector<int64_t> kept;
  for (const ReassociationIndices &group : op.getReassociationIndices()) {
    int64_t keep = group.front();
    int64_t others = 0;
    for (int64_t dim : group)
      if (op.getSrcType().getDimSize(dim) != 1) {
        keep = dim;
        ++others;
      }
    if (others > 1)
      return std::nullopt;
    kept.push_back(keep);
  }
  if (kept.empty())
    return std::nullopt;
  return kept;
}

SmallVector<ReassociationIndices> posenc::dropDimsReassociation(int64_t rank,
                                                                ArrayRef<int64_t> kept) {
  SmallVector<ReassociationIndices> groups(kept.size());
  size_t group = 0;
  for (int64_t dim = 0; dim < rank; ++dim) {
    // A dropped dimension goes with the next kept one, or the last.
    if (group + 1 < kept.size() && dim > kept[group])
      ++group;
    groups[group].push_back(dim);
  }
  return groups;
}

static FailureOr<TransposedView> peelCollapse(OpBuilder &b, tensor::CollapseShapeOp op,
                                              const TransposedView &inner) {
  std::optional<SmallVector<int64_t>> kept = getKeptDims(op);
  if (!kept)
    return failure();
  SmallVector<int64_t> sourceDims;
  for (int64_t dim : *kept)
    sourceDims.push_back(inner.perm[dim]);
  TransposedView view{{}, compress(sourceDims)};
  llvm::sort(sourceDims);
  SmallVector<int64_t> shape = toSourceOrder(op.getResultType().getShape(), view.perm);
  auto type = RankedTensorType::get(shape, op.getResultType().getElementType());
  view.source = tensor::CollapseShapeOp::create(
      b, op.getLoc(), type, inner.source, dropDimsReassociation(inner.perm.size(), sourceDims));
  return view;
}

/// The operand of an op that a transpose may be pulled through.
static Value getViewSource(Operation *op) {
  if (!op || op->getNumResults() != 1 || !isa<RankedTensorType>(op->getResult(0).getType()))
    return {};
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op))
    return getKeptDims(collapse) ? collapse.getSrc() : Value();
  if (isa<tensor::CastOp, tensor::ExtractSliceOp, tensor::ExpandShapeOp>(op))
    return op->getOperand(0);
  return {};
}

FailureOr<TransposedView> posenc::peelTranspose(OpBuilder &b, Value value) {
  // Nothing is built unless a transpose stands at the end of the chain.
  SmallVector<Operation *> chain;
  Operation *op = value.getDefiningOp();
  while (Value source = getViewSource(op)) {
    chain.push_back(op);
    op = source.getDefiningOp();
  }
  std::optional<TransposedView> found = matchTranspose(op);
  if (!found)
    return failure();
  FailureOr<TransposedView> view = *found;
  OpBuilder::InsertionGuard guard(b);
  for (Operation *through : llvm::reverse(chain)) {
    b.setInsertionPoint(through);
    if (auto castOp = dyn_cast<tensor::CastOp>(through))
      view = peelCast(b, castOp, *view);
    else if (auto slice = dyn_cast<tensor::ExtractSliceOp>(through))
      view = peelSlice(b, slice, *view);
    else if (auto expand = dyn_cast<tensor::ExpandShapeOp>(through))
      view = peelExpand(b, expand, *view);
    else
      view = peelCollapse(b, cast<tensor::CollapseShapeOp>(through), *view);
    if (failed(view))
      return failure();
  }
  return view;
}
