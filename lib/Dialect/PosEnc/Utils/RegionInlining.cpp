//===- RegionInlining.cpp - Evaluate posenc regions in a lowering ---------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Utils/RegionInlining.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mlir::posenc;

PositionSource PositionSource::get(AttentionOp op) {
  return {op.getQPositions(), op.getKPositions(), op.getQOffset(), op.getKOffset()};
}
PositionSource PositionSource::get(ScoreMapOp op) {
  return {op.getQPositions(), op.getKPositions(), op.getQOffset(), op.getKOffset()};
}
PositionSource PositionSource::remapped(const IRMapping &mapping) const {
  auto map = [&](Value v) { return v ? mapping.lookupOrDefault(v) : v; };
  return {map(qPositions), map(kPositions), map(qOffset), map(kOffset)};
}

Value posenc::buildPosition(OpBuilder &builder, Location loc, Value positions, Value offset,
                            std::optional<uint64_t> axis, Value b, Value index) {
  if (!positions) {
    if (!offset)
      return index;
    return arith::AddIOp::create(builder, loc, index, offset);
  }
  SmallVector<Value> at;
  if (axis)
    at.push_back(arith::ConstantIndexOp::create(builder, loc, *axis));
  if (cast<ShapedType>(positions.getType()).getRank() >= 2)
    at.push_back(b);
  at.push_back(index);
  Value element;
  if (isa<TensorType>(positions.getType()))
    element = tensor::ExtractOp::create(builder, loc, positions, at);
  else
    element = memref::LoadOp::create(builder, loc, positions, at);
  if (isa<FloatType, IndexType>(element.getType()))
    return element;
  return arith::IndexCastOp::create(builder, loc, builder.getIndexType(), element);
}

/// What a posenc op of a score region computes; null for any other op.
static Value buildScoreOp(OpBuilder &builder, Operation *op, ValueRange operands,
                          const ScorePoint &point, const PositionSource &positions,
                          bool keepModifiers) {
  if (auto mod = dyn_cast<ScoreModOpInterface>(op))
    return keepModifiers ? Value() : mod.buildScalar(builder, op->getLoc(), operands);
  if (auto pos = dyn_cast<QPosOp>(op))
    return buildPosition(builder, op->getLoc(), positions.qPositions, positions.qOffset,
                         pos.getAxis(), point.b, point.m);
  if (auto pos = dyn_cast<KPosOp>(op))
    return buildPosition(builder, op->getLoc(), positions.kPositions, positions.kOffset,
                         pos.getAxis(), point.b, point.n);
  return {};
}

/// Expands the posenc ops in the regions of `clone` (an scf.if, say).
static void expandNestedScoreOps(OpBuilder &builder, Operation *clone, const ScorePoint &point,
                                 const PositionSource &positions, bool keepModifiers) {
  SmallVector<Operation *> worklist;
  for (Region &region : clone->getRegions())
    region.walk<WalkOrder::PreOrder>([&](Operation *op) { worklist.push_back(op); });
  // A rewriter, so that a pattern driver that listens learns of the erasure.
  IRRewriter rewriter(builder);
  for (Operation *op : worklist) {
    rewriter.setInsertionPoint(op);
    if (Value scalar =
            buildScoreOp(rewriter, op, op->getOperands(), point, positions, keepModifiers))
      rewriter.replaceOp(op, scalar);
  }
}

/// One op of the region's top level, whose results go into `mapping`.
static void inlineScoreOp(OpBuilder &builder, Operation &op, const ScorePoint &point,
                          const PositionSource &positions, IRMapping &mapping,
                          bool keepModifiers) {
  SmallVector<Value> operands;
  for (Value operand : op.getOperands())
    operands.push_back(mapping.lookupOrDefault(operand));
  if (Value scalar = buildScoreOp(builder, &op, operands, point, positions, keepModifiers))
    mapping.map(op.getResult(0), scalar);
  else
    expandNestedScoreOps(builder, builder.clone(op, mapping), point, positions, keepModifiers);
}

Value posenc::inlineScoreRegion(OpBuilder &builder, Location loc, Region &region,
                                const ScorePoint &point, const PositionSource &positions,
                                const IRMapping &captures, bool keepModifiers) {
  if (region.empty())
    return point.score;
  Block &block = region.front();
  IRMapping mapping = captures;
  mapping.map(block.getArguments(),
              ValueRange{point.score, point.b, point.h, point.m, point.n});
  for (Operation &op : block.without_terminator())
    inlineScoreOp(builder, op, point, positions, mapping, keepModifiers);
  return mapping.lookupOrDefault(cast<YieldOp>(block.getTerminator()).getValue());
}

/// The ops of `block` that `wanted` is computed from, up to stages.
static llvm::SmallDenseSet<Operation *> getNeededOps(Block &block, Value wanted) {
  llvm::SmallDenseSet<Operation *> needed;
  SmallVector<Value> worklist{wanted};
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val().getDefiningOp();
    op = op ? block.findAncestorOpInBlock(*op) : nullptr;
    if (!op || !needed.insert(op).second || isa<StageOpInterface>(op))
      continue;
    op->walk([&](Operation *nested) { llvm::append_range(worklist, nested->getOperands()); });
  }
  return needed;
}

Value posenc::inlineScoreValue(OpBuilder &builder, Location loc, Region &region, Value wanted,
                               const ScorePoint &point, const PositionSource &positions,
                               StageReader readStage, bool keepModifiers) {
  Block &block = region.front();
  llvm::SmallDenseSet<Operation *> needed = getNeededOps(block, wanted);
  IRMapping mapping;
  mapping.map(block.getArguments(),
              ValueRange{point.score, point.b, point.h, point.m, point.n});
  for (Operation &op : block.without_terminator()) {
    if (!needed.contains(&op))
      continue;
    if (isa<StageOpInterface>(op))
      mapping.map(op.getResult(0), readStage(builder, op.getResult(0)));
    else
      inlineScoreOp(builder, op, point, positions, mapping, keepModifiers);
  }
  return mapping.lookupOrDefault(wanted);
}

/// Element `d` of the row `row` of a row region, from the last op backwards.
static Value buildRowElement(OpBuilder &builder, Location loc, Value row, Value d,
                             function_ref<Value(Value)> load, const IRMapping &mapping) {
  auto transform = row.getDefiningOp<RowTransformOpInterface>();
  if (!transform)
    return load(d);
  SmallVector<Value> operands;
  for (Value operand : transform->getOperands())
    operands.push_back(mapping.lookupOrDefault(operand));
  Value incoming = transform.getRowMutable().get();
  return transform.buildElement(
      builder, loc, operands,
      [&](Value other) {
        return buildRowElement(builder, loc, incoming, other, load, mapping);
      },
      d);
}

Value posenc::inlineRowElement(OpBuilder &builder, Location loc, Region &region, Value b,
                               Value h, Value t, Value d, function_ref<Value(Value)> load,
                               const IRMapping &captures) {
  if (region.empty())
    return load(d);
  Block &block = region.front();
  IRMapping mapping = captures;
  mapping.map(block.getArguments().drop_front(), ValueRange{b, h, t});
  for (Operation &op : block.without_terminator())
    if (!isa<RowTransformOpInterface>(op))
      builder.clone(op, mapping);
  Value yielded = cast<YieldOp>(block.getTerminator()).getValue();
  return buildRowElement(builder, loc, yielded, d, load, mapping);
}

SetVector<Value> posenc::getRegionCaptures(Operation *op) {
  SetVector<Value> values;
  getUsedValuesDefinedAbove(op->getRegions(), values);
  return values;
}
