//===- EmitAttention.cpp - The op that replaces the softmax ---------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit.h"
#include "Rotation.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;

/// The output of order `dims`, empty.
static Value buildInit(ExprContext &cx, PullBack &pull, OpBuilder &builder, Location loc,
                       const Attention &attention, DimsAttr dims, Type element) {
  const Axis axes[] = {attention.batch, attention.head, attention.query,
                       attention.valueChannel};
  Emitter emitter(cx, pull, builder, loc);
  SmallVector<OpFoldResult> sizes(4);
  for (int64_t logical = 0; logical < 4; ++logical)
    sizes[dims.dimOf(logical)] = emitter.fold(axes[logical].extent);
  return tensor::EmptyOp::create(builder, loc, sizes, element);
}

/// Queries or keys, rotated by an op of their own where they are.
static StoredView buildRows(ExprContext &cx, PullBack &pull, OpBuilder &builder, Location loc,
                            const OperandView &view) {
  if (std::optional<Rotation> rotation = findRotation(cx, view))
    return buildRotation(cx, pull, builder, loc, *rotation);
  return buildOperand(cx, pull, builder, loc, view);
}

/// `tensor` times a constant.
static Value buildScaled(OpBuilder &builder, Location loc, Value tensor, double factor) {
  if (factor == 1.0)
    return tensor;
  auto type = cast<RankedTensorType>(tensor.getType());
  AffineMap map = builder.getMultiDimIdentityMap(type.getRank());
  SmallVector<utils::IteratorType> loops(type.getRank(), utils::IteratorType::parallel);
  Value init = tensor::EmptyOp::create(
      builder, loc, tensor::getMixedSizes(builder, loc, tensor), type.getElementType());
  return linalg::GenericOp::create(
             builder, loc, type, tensor, init, ArrayRef<AffineMap>{map, map}, loops,
             [&](OpBuilder &b, Location l, ValueRange arguments) {
               Value constant = arith::ConstantOp::create(
                   b, l, b.getFloatAttr(type.getElementType(), factor));
               Value product = arith::MulFOp::create(b, l, arguments[0], constant);
               linalg::YieldOp::create(b, l, product);
             })
      .getResult(0);
}

AttentionOp mlir::posenc::raise::emitAttention(
    ExprContext &cx, PullBack &pull, const Attention &attention, const EmitOptions &options) {
  linalg::LinalgOp contraction = attention.contraction;
  Location loc = contraction->getLoc();
  OpBuilder builder(contraction);
  StoredView q = buildRows(cx, pull, builder, loc, attention.q);
  StoredView k = buildRows(cx, pull, builder, loc, attention.k);
  StoredView v = buildOperand(cx, pull, builder, loc, attention.v);
  v.tensor = buildScaled(builder, loc, v.tensor, attention.valueScale);
  StoredView result = findResult(cx, pull, attention);
  SmallVector<ReassociationIndices> groups;
  if (!result.tensor)
    result = collapsedResult(cx, pull, attention, groups);
  bool direct = result.tensor != nullptr;
  DimsAttr dims = direct ? result.dims : DimsAttr::getDefault(builder.getContext());
  Type element = cast<RankedTensorType>(q.tensor.getType()).getElementType();
  Value init = buildInit(cx, pull, builder, loc, attention, dims, element);
  auto op = AttentionOp::create(builder, loc, q.tensor, k.tensor, v.tensor, init, Value(),
                                float(attention.scale));
  op.setQDimsAttr(q.dims);
  op.setKDimsAttr(k.dims);
  op.setVDimsAttr(v.dims);
  op.setODimsAttr(dims);
  OpBuilder outside(op);
  if (attention.sink)
    op.getSinksMutable().assign(buildSinks(cx, pull, outside, loc, attention));
  emitScore(cx, pull, op, outside, attention, options);
  if (!options.accept(op)) {
    op->erase();
    return nullptr;
  }
  builder.setInsertionPointAfter(op);
  Value output = op->getResult(0);
  if (!direct) {
    Value whole = buildContractionResult(cx, pull, builder, attention, output);
    contraction->getResult(0).replaceAllUsesWith(whole);
    return op;
  }
  if (!groups.empty() && groups.size() < 4)
    output = tensor::CollapseShapeOp::create(builder, loc, output, groups);
  if (output.getType() != result.tensor.getType())
    output = tensor::CastOp::create(builder, loc, result.tensor.getType(), output);
  result.tensor.replaceAllUsesWith(output);
  return op;
}
