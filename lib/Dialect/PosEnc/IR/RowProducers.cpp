//===- RowProducers.cpp - temperature, xpos_magnitude, polar --------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionOps.h"
#include "RowOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::regionops;
using namespace mlir::posenc::rowops;

/// Whether two types may have the same shape, but for the last `extra` extents of
/// the second one.
static bool sameLeading(Type a, Type b, int64_t extra) {
  auto x = dyn_cast<RankedTensorType>(a), y = dyn_cast<RankedTensorType>(b);
  return x && y && x.getRank() + extra == y.getRank() &&
         llvm::all_of(llvm::zip_first(x.getShape(), y.getShape()),
                      [](auto p) { return compatible(std::get<0>(p), std::get<1>(p)); });
}

//===----------------------------------------------------------------------===//
// temperature
//===----------------------------------------------------------------------===//

LogicalResult TemperatureOp::verify() {
  if (!sameLeading(getPositions().getType(), getType(), 0))
    return emitOpError() << "(TE1) expected a result of the positions' shape but got "
                         << getType() << " for " << getPositions().getType();
  float length = getLength().convertToFloat();
  float least = getKind() == TemperatureKind::LogN ? 1.0f : 0.0f;
  if (!getLength().isFinite() || !(length > least))
    return emitOpError() << "(TE2) expected a finite length above " << int(least) << " but got "
                         << length;
  if (!getAlpha())
    return success();
  if (getKind() == TemperatureKind::LogN)
    return emitOpError() << "(TE2) expected no alpha for logn but got "
                         << getAlpha()->convertToFloat();
  if (!getAlpha()->isFinite())
    return emitOpError() << "(TE2) expected a finite alpha but got "
                         << getAlpha()->convertToFloat();
  return success();
}

LogicalResult TemperatureOp::reifyResultShapes(OpBuilder &builder,
                                               ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(tensor::getMixedSizes(builder, getLoc(), getPositions()));
  return success();
}

//===----------------------------------------------------------------------===//
// xpos_magnitude
//===----------------------------------------------------------------------===//

LogicalResult XPosMagnitudeOp::verify() {
  auto type = dyn_cast<RankedTensorType>(getType());
  if (!sameLeading(getPositions().getType(), getType(), 1) ||
      type.isDynamicDim(type.getRank() - 1) || type.getShape().back() < 1)
    return emitOpError()
           << "(XM1) expected a result of the positions' shape and a static number "
              "of pairs but got "
           << getType() << " for " << getPositions().getType();
  auto positive = [](const APFloat &value) {
    return value.isFinite() && !value.isZero() && !value.isNegative();
  };
  if (!positive(getGamma()) || !positive(getScaleBase()))
    return emitOpError() << "(XM2) expected a finite, positive gamma and scale_base but got "
                         << getGamma().convertToFloat() << " and "
                         << getScaleBase().convertToFloat();
  return success();
}

LogicalResult XPosMagnitudeOp::reifyResultShapes(OpBuilder &builder,
                                                 ReifiedRankedShapedTypeDims &shapes) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, getLoc(), getPositions());
  sizes.push_back(builder.getIndexAttr(cast<RankedTensorType>(getType()).getShape().back()));
  shapes.push_back(sizes);
  return success();
}

//===----------------------------------------------------------------------===//
// polar
//===----------------------------------------------------------------------===//

/// Which dimension of x holds its channels.
static int64_t getChannelDim(PolarOp op) {
  int64_t rank = cast<RankedTensorType>(op.getX().getType()).getRank();
  return rank == 4 ? op.getDims().dimOf(AttentionOp::Channel) : rank - 1;
}

/// (PL2), (PL3).
static LogicalResult verifyPolarTables(PolarOp op, const RowExtents &rows) {
  auto angles = dyn_cast<RankedTensorType>(op.getAngles().getType());
  int64_t most = op.getPerHead() ? 4 : 3;
  bool fits = angles && angles.getRank() >= 2 && angles.getRank() <= most &&
              tableFits(angles.getShape().drop_back(), rows, op.getPerHead());
  int64_t pairs = fits ? angles.getShape().back() : ShapedType::kDynamic;
  bool known = !ShapedType::isDynamic(pairs) && !ShapedType::isDynamic(rows.channels);
  if (!fits || (known && pairs > rows.channels))
    return op.emitOpError() << "(PL2) expected angles of rank 2 to " << most
                            << " with the extents of " << op.getX().getType()
                            << ", at most one per channel, but got "
                            << op.getAngles().getType();
  if (!op.getPhase())
    return success();
  auto phase = dyn_cast<RankedTensorType>(op.getPhase().getType());
  bool heads = cast<RankedTensorType>(op.getX().getType()).getRank() == 4;
  if (!phase || phase.getRank() < 1 || phase.getRank() > (heads ? 2 : 1) ||
      !compatible(phase.getShape().back(), pairs) ||
      (phase.getRank() == 2 && !compatible(phase.getDimSize(0), rows.heads)))
    return op.emitOpError() << "(PL3) expected a phase of shape [" << extentText(pairs) << "]"
                            << (heads ? " or one for each head" : "") << " but got "
                            << op.getPhase().getType();
  return success();
}

LogicalResult PolarOp::verify() {
  auto x = dyn_cast<RankedTensorType>(getX().getType());
  if (!x || x.getRank() < 2 || x.getRank() > 4)
    return emitOpError() << "(PL1) expected a tensor of rank 2 to 4 but got "
                         << getX().getType();
  if (x.getRank() != 4 && (getPerHead() || !getDims().isIdentity()))
    return emitOpError()
           << "(PL6) expected dims and per_head only on a tensor of rank 4 but got " << x;
  RowExtents rows = RowExtents::get(x, getDims());
  if (failed(verifyPolarTables(*this, rows)))
    return failure();
  int64_t pairs = cast<RankedTensorType>(getAngles().getType()).getShape().back();
  bool known = !ShapedType::isDynamic(pairs) && !ShapedType::isDynamic(rows.channels);
  SmallVector<int64_t> shape(x.getShape());
  int64_t channel = getChannelDim(*this);
  shape[channel] = known ? rows.channels + pairs : ShapedType::kDynamic;
  auto result = dyn_cast<RankedTensorType>(getType());
  bool fits = result && result.getElementType() == x.getElementType() &&
              result.getRank() == x.getRank() && (known || result.isDynamicDim(channel)) &&
              llvm::all_of(llvm::zip_equal(shape, result.getShape()),
                           [](auto p) { return compatible(std::get<0>(p), std::get<1>(p)); });
  if (!fits)
    return emitOpError() << "(PL4) expected a result of type "
                         << RankedTensorType::get(shape, x.getElementType()) << " but got "
                         << getType();
  if (getLayout() == SinCosLayout::Blocks)
    return emitOpError() << "(PL5) expected the layout concat or interleaved but got "
                         << stringifySinCosLayout(getLayout());
  return success();
}

LogicalResult PolarOp::reifyResultShapes(OpBuilder &builder,
                                         ReifiedRankedShapedTypeDims &shapes) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, getLoc(), getX());
  int64_t channel = getChannelDim(*this);
  auto type = cast<RankedTensorType>(getType());
  if (!type.isDynamicDim(channel)) {
    sizes[channel] = builder.getIndexAttr(type.getDimSize(channel));
  } else {
    int64_t last = cast<RankedTensorType>(getAngles().getType()).getRank() - 1;
    OpFoldResult pairs = tensor::getMixedSize(builder, getLoc(), getAngles(), last);
    Value sum = arith::AddIOp::create(
        builder, getLoc(), getValueOrCreateConstantIndexOp(builder, getLoc(), sizes[channel]),
        getValueOrCreateConstantIndexOp(builder, getLoc(), pairs));
    sizes[channel] = sum;
  }
  shapes.push_back(sizes);
  return success();
}
