//===- DecayGateOp.cpp - Sums of the logarithms of gates ------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionOps.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::regionops;

int64_t DecayGateOp::getSequenceAxis() {
  return getAxis() ? int64_t(*getAxis()) : cast<ShapedType>(getType()).getRank() - 1;
}

LogicalResult DecayGateOp::verify() {
  auto gates = dyn_cast<RankedTensorType>(getGates().getType());
  bool hasAxis =
      gates && gates.getRank() > 0 &&
      (!getAxis() || (int64_t(*getAxis()) >= 0 && int64_t(*getAxis()) < gates.getRank()));
  if (!hasAxis) {
    InFlightDiagnostic diag = emitOpError() << "(D1) expected gates with a dimension ";
    if (getAxis())
      diag << int64_t(*getAxis()) << " ";
    return diag << "to sum over but got " << getGates().getType();
  }
  auto result = dyn_cast<RankedTensorType>(getType());
  bool same = result && result.getRank() == gates.getRank() &&
              llvm::all_of(llvm::zip(result.getShape(), gates.getShape()), [](auto pair) {
                return compatible(std::get<0>(pair), std::get<1>(pair));
              });
  if (!same)
    return emitOpError() << "(D2) expected a result of the shape of " << gates << " but got "
                         << getType();
  if (!getStart())
    return success();
  auto start = dyn_cast<RankedTensorType>(getStart().getType());
  bool fits = start && start.getRank() == 1 && gates.getRank() >= 2 && getSequenceAxis() != 0 &&
              compatible(start.getDimSize(0), gates.getDimSize(0));
  if (!fits)
    return emitOpError() << "(D3) expected a start for each element of the first dimension of "
                         << gates << ", which is not summed over, but got "
                         << getStart().getType() << " and axis " << getSequenceAxis();
  return success();
}

LogicalResult DecayGateOp::reifyResultShapes(OpBuilder &builder,
                                             ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(tensor::getMixedSizes(builder, getLoc(), getGates()));
  return success();
}

/// On tensors: none.
void DecayGateOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &) {}
