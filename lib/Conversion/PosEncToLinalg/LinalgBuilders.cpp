//===- LinalgBuilders.cpp - Element-wise linalg.generic -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LinalgBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::reference;

static AffineMap getMap(MLIRContext *ctx, unsigned numLoops, ArrayRef<unsigned> loops) {
  SmallVector<AffineExpr> exprs;
  for (unsigned loop : loops)
    exprs.push_back(getAffineDimExpr(loop, ctx));
  return AffineMap::get(numLoops, /*symbolCount=*/0, exprs, ctx);
}

Value reference::buildGeneric(OpBuilder &builder, Location loc, unsigned numLoops,
                              ArrayRef<Operand> inputs, const Operand &init, ElementBody body) {
  MLIRContext *ctx = builder.getContext();
  SmallVector<Value> tensors;
  SmallVector<AffineMap> maps;
  for (const Operand &input : inputs) {
    tensors.push_back(input.tensor);
    maps.push_back(getMap(ctx, numLoops, input.loops));
  }
  maps.push_back(getMap(ctx, numLoops, init.loops));
  SmallVector<utils::IteratorType> iterators(numLoops, utils::IteratorType::reduction);
  for (unsigned loop : init.loops)
    iterators[loop] = utils::IteratorType::parallel;
  auto generic =
      linalg::GenericOp::create(builder, loc, init.tensor.getType(), tensors, init.tensor, maps,
                                iterators, [&](OpBuilder &b, Location l, ValueRange elements) {
                                  Value result = body(b, l, elements);
                                  linalg::YieldOp::create(b, l, result);
                                });
  return generic.getResult(0);
}

Value reference::buildForEach(OpBuilder &builder, Location loc, ArrayRef<Operand> inputs,
                              Value init, ElementBody body) {
  unsigned rank = cast<RankedTensorType>(init.getType()).getRank();
  Operand output{init, llvm::to_vector(llvm::seq<unsigned>(0, rank))};
  return buildGeneric(builder, loc, rank, inputs, output, body);
}

SmallVector<Value> reference::buildIndices(OpBuilder &builder, Location loc, unsigned count) {
  SmallVector<Value> indices;
  for (unsigned i = 0; i < count; ++i)
    indices.push_back(linalg::IndexOp::create(builder, loc, i));
  return indices;
}

Value reference::buildEmpty(OpBuilder &builder, Location loc, ArrayRef<OpFoldResult> sizes) {
  return tensor::EmptyOp::create(builder, loc, sizes, builder.getF32Type());
}

Value reference::buildFilled(OpBuilder &builder, Location loc, ArrayRef<OpFoldResult> sizes,
                             float value) {
  Value scalar = buildF32(builder, loc, value);
  Value empty = buildEmpty(builder, loc, sizes);
  return linalg::FillOp::create(builder, loc, scalar, empty).getResult(0);
}

Value reference::buildResultInit(OpBuilder &builder, ReifyRankedShapedTypeOpInterface op) {
  ReifiedRankedShapedTypeDims shapes;
  LogicalResult reified = op.reifyResultShapes(builder, shapes);
  assert(succeeded(reified) && "extents of ops on tensors always reify");
  (void)reified;
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  // The type may know an extent that the operands do not, and the reverse.
  SmallVector<Value> dynamicSizes;
  for (auto [dim, size] : llvm::enumerate(shapes.front()))
    if (type.isDynamicDim(dim))
      dynamicSizes.push_back(getValueOrCreateConstantIndexOp(builder, op->getLoc(), size));
  return tensor::EmptyOp::create(builder, op->getLoc(), type, dynamicSizes);
}

Value reference::buildF32(OpBuilder &builder, Location loc, float value) {
  return arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(value));
}

Value reference::buildConvert(OpBuilder &builder, Location loc, Value value, Type type) {
  return convertScalarToDtype(builder, loc, value, type, /*isUnsignedCast=*/false);
}

Value reference::buildRead(OpBuilder &builder, Location loc, Value tensor, DimsAttr dims,
                           ArrayRef<Value> logical) {
  SmallVector<Value> stored(logical.size());
  for (auto [which, index] : llvm::enumerate(logical))
    stored[dims.dimOf(which)] = index;
  Value element = tensor::ExtractOp::create(builder, loc, tensor, stored);
  return buildConvert(builder, loc, element, builder.getF32Type());
}

SmallVector<Value> reference::toLogical(DimsAttr dims, ArrayRef<Value> stored) {
  SmallVector<Value> logical;
  for (size_t which = 0; which < stored.size(); ++which)
    logical.push_back(stored[dims.dimOf(which)]);
  return logical;
}

OpFoldResult reference::buildExtent(OpBuilder &builder, Location loc, ArrayRef<Extent> equal) {
  for (const Extent &extent : equal) {
    auto type = cast<RankedTensorType>(extent.tensor.getType());
    if (!type.isDynamicDim(extent.dim))
      return builder.getIndexAttr(type.getDimSize(extent.dim));
  }
  return tensor::getMixedSize(builder, loc, equal.front().tensor, equal.front().dim);
}
