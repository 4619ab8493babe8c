//===- ExpandBuckets.cpp - Buckets to tables over clipped distances -------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Transforms/Passes.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

#include "llvm/ADT/APFloat.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCEXPANDBUCKETS
#include "posenc/Dialect/PosEnc/Transforms/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;

/// A larger constant stays code: the module should not grow by it.
static constexpr int64_t kMaxFoldedElements = 1 << 16;

/// The op whose score region `op` stands in, if any.
static Operation *getRegionOwner(Operation *op) {
  Operation *owner = op->getParentOp();
  while (owner && !isa<AttentionOp, ScoreMapOp>(owner))
    owner = owner->getParentOp();
  return owner;
}

/// The expanded table as a constant; null if `table` is none or is large.
static Value foldTable(OpBuilder &b, Location loc, Value table, BucketAttr bucket,
                       RankedTensorType type) {
  DenseElementsAttr elements;
  if (!matchPattern(table, m_Constant(&elements)) || !type.hasStaticShape() ||
      type.getNumElements() > kMaxFoldedElements)
    return {};
  int64_t heads = type.getRank() == 2 ? type.getDimSize(1) : 1;
  SmallVector<APFloat> values;
  auto source = elements.getValues<APFloat>();
  auto none = APFloat::getZero(cast<FloatType>(type.getElementType()).getFloatSemantics());
  for (std::optional<int64_t> row : bucket.getActiveRows())
    for (int64_t head = 0; head < heads; ++head)
      values.push_back(row ? source[*row * heads + head] : none);
  return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(type, values));
}

/// The expanded table as code.
static Value buildTable(OpBuilder &b, Location loc, Value table, BucketAttr bucket,
                        RankedTensorType type) {
  SmallVector<Value> dynamic;
  int64_t rank = type.getRank();
  if (rank == 2 && type.isDynamicDim(1))
    dynamic.push_back(tensor::DimOp::create(b, loc, table, 1));
  Value init = tensor::EmptyOp::create(b, loc, type, dynamic);
  Value first = arith::ConstantIndexOp::create(b, loc, bucket.getActiveRange().first);
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, loc, type, ValueRange{}, init, b.getMultiDimIdentityMap(rank), iterators,
      [&](OpBuilder &b, Location loc, ValueRange) {
        Value row = linalg::IndexOp::create(b, loc, 0);
        Value distance = arith::AddIOp::create(b, loc, row, first);
        auto [source, exists] = bucket.buildDistanceRow(b, loc, distance);
        SmallVector<Value> at{source};
        if (rank == 2)
          at.push_back(linalg::IndexOp::create(b, loc, 1));
        Value element = tensor::ExtractOp::create(b, loc, table, at);
        if (exists) {
          Value none = arith::ConstantOp::create(b, loc, b.getZeroAttr(type.getElementType()));
          element = arith::SelectOp::create(b, loc, exists, element, none);
        }
        linalg::YieldOp::create(b, loc, element);
      });
  return generic.getResult(0);
}

namespace {
struct ExpandBuckets final : posenc::impl::PosEncExpandBucketsBase<ExpandBuckets> {
  using Base::Base;

  /// Expanded tables; one per block of use if the table's rows are dynamic.
  DenseMap<std::tuple<Value, BucketAttr, Block *>, Value> expanded;

  void runOnOperation() override {
    expanded.clear();
    getOperation()->walk([&](BiasTableOp op) { expand(op); });
  }

  void expand(BiasTableOp op) {
    Operation *owner = getRegionOwner(op);
    BucketAttr bucket = op.getBucket();
    auto type = dyn_cast<RankedTensorType>(op.getTable().getType());
    if (!owner || !type || bucket.getKind() == BucketKind::Clip || !bucket.isDistance() ||
        owner->isAncestor(op.getTable().getParentBlock()->getParentOp()))
      return;
    auto [first, last] = bucket.getActiveRange();
    // Each bound alone first: their difference may overflow.
    if (first < -maxRows || last > maxRows || last - first + 1 > maxRows)
      return;
    Value table = getOrBuild(op.getTable(), bucket, type, last - first + 1, owner);
    op.getTableMutable().assign(table);
    op.setBucketAttr(BucketAttr::getClip(&getContext(), bucket.getSign(), -first, last));
  }

  Value getOrBuild(Value table, BucketAttr bucket, RankedTensorType type, int64_t rows,
                   Operation *owner) {
    // A table of too few rows breaks (T2) only where attention runs: code that
    // reads it must not move to where it would always run.
    bool movable = !type.isDynamicDim(0);
    Value &result = expanded[{table, bucket, movable ? nullptr : owner->getBlock()}];
    if (result)
      return result;
    OpBuilder b(owner);
    if (movable)
      b.setInsertionPointAfterValue(table);
    SmallVector<int64_t> shape(type.getShape());
    shape[0] = rows;
    auto newType = RankedTensorType::get(shape, type.getElementType());
    result = foldTable(b, table.getLoc(), table, bucket, newType);
    if (!result)
      result = buildTable(b, table.getLoc(), table, bucket, newType);
    return result;
  }
};
} // namespace
