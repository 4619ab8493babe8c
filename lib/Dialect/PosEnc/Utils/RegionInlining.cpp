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

/// Replaces a posenc op of a score region by scalar code in its place.
static void expandScoreOp(OpBuilder &builder, Operation *op, const ScorePoint &point,
                          const PositionSource &positions) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(op);
  Value scalar;
  if (auto mod = dyn_cast<ScoreModOpInterface>(op))
    scalar = mod.buildScalar(builder, op->getLoc(), op->getOperands());
  else if (auto pos = dyn_cast<QPosOp>(op))
    scalar = buildPosition(builder, op->getLoc(), positions.qPositions, positions.qOffset,
                           pos.getAxis(), point.b, point.m);
  else if (auto pos = dyn_cast<KPosOp>(op))
    scalar = buildPosition(builder, op->getLoc(), positions.kPositions, positions.kOffset,
                           pos.getAxis(), point.b, point.n);
  else
    return;
  op->getResult(0).replaceAllUsesWith(scalar);
  op->erase();
}

Value posenc::inlineScoreRegion(OpBuilder &builder, Location loc, Region &region,
                                const ScorePoint &point, const PositionSource &positions,
                                const IRMapping &captures) {
  if (region.empty())
    return point.score;
  Block &block = region.front();
  IRMapping mapping = captures;
  mapping.map(block.getArguments(),
              ValueRange{point.score, point.b, point.h, point.m, point.n});
  // The yielded value passes through a cast that survives the expansion of the
  // op that defines it.
  SmallVector<Operation *> clones;
  for (Operation &op : block.without_terminator())
    clones.push_back(builder.clone(op, mapping));
  Value yielded = cast<YieldOp>(block.getTerminator()).getValue();
  Value result = mapping.lookupOrDefault(yielded);
  auto holder = UnrealizedConversionCastOp::create(builder, loc, result.getType(), result);

  SmallVector<Operation *> worklist;
  for (Operation *clone : clones)
    clone->walk<WalkOrder::PreOrder>([&](Operation *op) { worklist.push_back(op); });
  for (Operation *op : worklist)
    expandScoreOp(builder, op, point, positions);
  result = holder.getOperand(0);
  holder.erase();
  return result;
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
