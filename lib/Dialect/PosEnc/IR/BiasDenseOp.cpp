//===- BiasDenseOp.cpp - An element of a tensor as a bias -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::regionops;

bool BiasDenseOp::isAdditive() { return !getMultiply(); }

Value BiasDenseOp::buildScalar(OpBuilder &b, Location loc, ValueRange operands) {
  Adaptor in(operands, *this);
  Value element = buildRead(b, loc, in.getBias(), in.getAt());
  if (!getMultiply())
    return buildWeightedSum(b, loc, in.getScore(), in.getWeight(), element);
  if (in.getWeight())
    element = arith::MulFOp::create(b, loc, in.getWeight(), element);
  return arith::MulFOp::create(b, loc, in.getScore(), element);
}

LogicalResult BiasDenseOp::verify() {
  auto type = cast<ShapedType>(getBias().getType());
  int64_t indices = getAt().size();
  if (!type.hasRank() || type.getRank() != indices)
    return emitOpError() << "(O1) expected a tensor of rank " << indices << " for " << indices
                         << " indices but got " << getBias().getType();
  return success();
}

OpFoldResult BiasDenseOp::fold(FoldAdaptor adaptor) {
  bool nothing = isZeroSplat(adaptor.getBias()) && !getMultiply() && !getWeight();
  return nothing ? OpFoldResult(getScore()) : OpFoldResult();
}

void BiasDenseOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  addMemrefEffects(MutableArrayRef<OpOperand>(getBiasMutable()), {}, effects);
}
