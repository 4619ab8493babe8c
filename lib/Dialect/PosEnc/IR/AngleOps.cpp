//===- AngleOps.cpp - Positions, frequencies, angles ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionOps.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::regionops;

/// Whether two shapes of one rank may be equal.
static bool compatibleShapes(ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  return a.size() == b.size() &&
         llvm::all_of(llvm::zip(a, b), [](auto p) { return compatible(get<0>(p), get<1>(p)); });
}

/// The type of a tensor operand, null if it has no rank.
static RankedTensorType rankedType(Value value) {
  return dyn_cast<RankedTensorType>(value.getType());
}

//===----------------------------------------------------------------------===//
// mask_positions
//===----------------------------------------------------------------------===//

LogicalResult MaskPositionsOp::verify() {
  RankedTensorType mask = rankedType(getMask()), result = rankedType(getResult());
  if (!mask || mask.getRank() < 1 || mask.getRank() > 2)
    return emitOpError() << "(W1) expected a mask of rank 1 or 2 but got "
                         << getMask().getType();
  if (!result || !compatibleShapes(mask.getShape(), result.getShape()))
    return emitOpError() << "(W2) expected a result of the mask's shape but got " << getType()
                         << " for " << mask;
  return success();
}

LogicalResult MaskPositionsOp::reifyResultShapes(OpBuilder &builder,
                                                 ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(tensor::getMixedSizes(builder, getLoc(), getMask()));
  return success();
}

//===----------------------------------------------------------------------===//
// grid_positions
//===----------------------------------------------------------------------===//

LogicalResult GridPositionsOp::verify() {
  RankedTensorType type = rankedType(getResult());
  int64_t axes = getSizes().size();
  if (!type || type.getRank() != 2 || axes < 1 || type.getDimSize(0) != axes)
    return emitOpError() << "(X1) expected a result of shape [A, T] for " << axes
                         << " sizes, at least one, but got " << getType();
  if (getCentered() && (!type.getElementType().isF32() || getOffset()))
    return emitOpError() << "(X2) expected centered positions in f32 without an offset but got "
                         << type << (getOffset() ? " with one" : "");
  return success();
}

LogicalResult GridPositionsOp::reifyResultShapes(OpBuilder &builder,
                                                 ReifiedRankedShapedTypeDims &shapes) {
  auto type = cast<RankedTensorType>(getType());
  OpFoldResult tokens;
  if (!type.isDynamicDim(1)) {
    tokens = builder.getIndexAttr(type.getDimSize(1));
  } else {
    Value product = getSizes().front();
    for (Value size : getSizes().drop_front())
      product = arith::MulIOp::create(builder, getLoc(), product, size);
    tokens = product;
  }
  shapes.push_back({builder.getIndexAttr(type.getDimSize(0)), tokens});
  return success();
}

//===----------------------------------------------------------------------===//
// inv_freq
//===----------------------------------------------------------------------===//

LogicalResult InvFreqOp::verify() {
  RankedTensorType type = rankedType(getResult());
  int64_t pairs = getFreq().getNumPairs();
  bool single = type && type.getShape() == ArrayRef<int64_t>{pairs};
  bool twofold = type && type.getShape() == ArrayRef<int64_t>{2, pairs};
  if (!single && !twofold)
    return emitOpError() << "(V1) expected a result of shape [" << pairs << "] or [2, " << pairs
                         << "] but got " << getResult().getType();
  if (getLength() && !getFreq().dependsOnLength())
    return emitOpError() << "(V2) expected a length only for dynamic_ntk and longrope but got "
                            "one for "
                         << stringifyFreqKind(getFreq().getKind());
  bool dynamic = getFreq().getKind() == FreqKind::DynamicNTK;
  if (dynamic && twofold && getLength() && !getConstantLength())
    return emitOpError() << "(V3) expected a result of rank 1 where the length is not constant "
                            "but got "
                         << type;
  return success();
}

std::optional<int64_t> InvFreqOp::getConstantLength() {
  APInt length;
  if (!getLength() || !matchPattern(getLength(), m_ConstantInt(&length)))
    return std::nullopt;
  return length.getSExtValue();
}

DenseElementsAttr InvFreqOp::getConstant(std::optional<int64_t> length) {
  auto type = cast<RankedTensorType>(getResult().getType());
  if (type.getRank() == 1)
    return DenseElementsAttr::get(type, ArrayRef<float>(getFreq().getLibraryValues(length)));
  SmallVector<double> exact = getFreq().getExactValues(length);
  SmallVector<float> parts;
  for (double value : exact)
    parts.push_back(float(value));
  for (double value : exact)
    parts.push_back(float(value - double(float(value))));
  return DenseElementsAttr::get(type, ArrayRef<float>(parts));
}

LogicalResult InvFreqOp::fold(FoldAdaptor, SmallVectorImpl<OpFoldResult> &results) {
  std::optional<int64_t> length = getConstantLength();
  if (getLength() && !length)
    return failure();
  results.push_back(getConstant(length));
  if (getMagnitude())
    results.push_back(
        FloatAttr::get(getMagnitude().getType(), double(float(getFreq().getMagnitude()))));
  return success();
}

LogicalResult InvFreqOp::reifyResultShapes(OpBuilder &builder,
                                           ReifiedRankedShapedTypeDims &shapes) {
  shapes.emplace_back();
  for (int64_t extent : cast<RankedTensorType>(getResult().getType()).getShape())
    shapes.back().push_back(builder.getIndexAttr(extent));
  return success();
}

//===----------------------------------------------------------------------===//
// angles
//===----------------------------------------------------------------------===//

/// (G4).
static LogicalResult verifyAxes(AnglesOp op, int64_t count, int64_t pairs) {
  AxesAttr axes = *op.getAxes();
  if (ShapedType::isDynamic(count) || axes.getNumPairs() != pairs)
    return op.emitOpError() << "(G4) expected axes for each of " << extentText(pairs)
                            << " pairs and a static number of axes but got axes for "
                            << axes.getNumPairs() << " of positions with " << extentText(count);
  for (int64_t axis : axes.getAxisOfPairs())
    if (axis >= count)
      return op.emitOpError() << "(G4) expected axes below " << count << " but got " << axis;
  return success();
}

/// (G2), (G3): the frequencies' and the phase's own extents.
static LogicalResult verifyFrequencies(AnglesOp op) {
  RankedTensorType freq = rankedType(op.getInvFreq());
  int64_t rank = op.getPerHead() ? 2 : 1;
  bool single = freq && freq.getRank() == rank;
  bool twofold = freq && freq.getRank() == rank + 1 && compatible(freq.getDimSize(0), 2);
  StringRef shape = op.getPerHead() ? "H, P]" : "P]";
  if (!single && !(twofold && op.getPrecise())) {
    InFlightDiagnostic diag = op.emitOpError()
                              << "(G2) expected frequencies of shape [" << shape;
    if (op.getPrecise())
      diag << " or [2, " << shape;
    return diag << " but got " << op.getInvFreq().getType();
  }
  if (!op.getPhase())
    return success();
  RankedTensorType phase = rankedType(op.getPhase());
  bool fits = phase && phase.getRank() >= 1 && phase.getRank() <= rank;
  if (!fits || !compatibleShapes(phase.getShape(), freq.getShape().take_back(phase.getRank())))
    return op.emitOpError() << "(G3) expected a phase of shape ["
                            << extentText(freq.getShape().back()) << "]"
                            << (op.getPerHead() ? ", for each head or for all," : "")
                            << " but got " << op.getPhase().getType();
  return success();
}

LogicalResult AnglesOp::verify() {
  RankedTensorType positions = rankedType(getPositions()), freq = rankedType(getInvFreq());
  RankedTensorType result = rankedType(getResult());
  int64_t extra = getAxes() ? 1 : 0;
  if (!positions || positions.getRank() < 1 + extra || positions.getRank() > 2 + extra)
    return emitOpError() << "(G1) expected positions of rank " << 1 + extra << " or "
                         << 2 + extra << " but got " << getPositions().getType();
  if (failed(verifyFrequencies(*this)))
    return failure();
  int64_t pairs = freq.getShape().back();
  if (getAxes() && failed(verifyAxes(*this, positions.getDimSize(0), pairs)))
    return failure();
  SmallVector<int64_t> shape(positions.getShape().drop_front(extra));
  if (getPerHead())
    shape.insert(shape.end() - 1, *(freq.getShape().end() - 2));
  shape.push_back(pairs);
  if (!result || !compatibleShapes(shape, result.getShape()))
    return emitOpError() << "(G5) expected a result of the positions' shape and "
                         << extentText(pairs) << " pairs"
                         << (getPerHead() ? " for each head" : "") << " but got " << getType()
                         << " for " << positions;
  return success();
}

LogicalResult AnglesOp::reifyResultShapes(OpBuilder &builder,
                                          ReifiedRankedShapedTypeDims &shapes) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, getLoc(), getPositions());
  if (getAxes())
    sizes.erase(sizes.begin());
  int64_t last = cast<RankedTensorType>(getInvFreq().getType()).getRank() - 1;
  if (getPerHead())
    sizes.insert(sizes.end() - 1,
                 tensor::getMixedSize(builder, getLoc(), getInvFreq(), last - 1));
  sizes.push_back(tensor::getMixedSize(builder, getLoc(), getInvFreq(), last));
  shapes.push_back(sizes);
  return success();
}

//===----------------------------------------------------------------------===//
// sincos
//===----------------------------------------------------------------------===//

LogicalResult SinCosOp::verify() {
  RankedTensorType angles = rankedType(getAngles()), result = rankedType(getResult());
  if (!angles || !result || angles.getRank() < 1 ||
      !compatibleShapes(angles.getShape().drop_back(), result.getShape().drop_back()))
    return emitOpError() << "(U1) expected a result of the angles' shape but for the last "
                            "extent but got "
                         << getType() << " for " << getAngles().getType();
  int64_t pairs = angles.getShape().back(), channels = result.getShape().back();
  bool fixed = !ShapedType::isDynamic(pairs), room = ShapedType::isDynamic(channels);
  // The last of an odd number of concatenated channels has no partner.
  int64_t whole =
      getLayout() == SinCosLayout::Concat ? channels / 2 + channels % 2 : channels / 2;
  room |= fixed && pairs <= whole;
  if (pairs == 0 || !room)
    return emitOpError() << "(U2) expected at least one pair and 2 * " << extentText(pairs)
                         << " channels but got " << extentText(channels);
  bool blocks = getLayout() == SinCosLayout::Blocks;
  if (blocks != getNumBlocks().has_value())
    return emitOpError() << "(U3) expected a number of blocks if and only if the layout is "
                            "blocks but got "
                         << (blocks ? "none" : "one");
  int64_t count = getNumBlocks().value_or(1);
  if (count < 1 || (!ShapedType::isDynamic(pairs) && pairs % count != 0))
    return emitOpError() << "(U3) expected a number of blocks that divides "
                         << extentText(pairs) << " but got " << count;
  return success();
}

LogicalResult SinCosOp::reifyResultShapes(OpBuilder &builder,
                                          ReifiedRankedShapedTypeDims &shapes) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, getLoc(), getAngles());
  auto type = cast<RankedTensorType>(getType());
  if (!type.isDynamicDim(type.getRank() - 1)) {
    sizes.back() = builder.getIndexAttr(type.getShape().back());
  } else {
    Value pairs = getValueOrCreateConstantIndexOp(builder, getLoc(), sizes.back());
    Value two = arith::ConstantIndexOp::create(builder, getLoc(), 2);
    sizes.back() = arith::MulIOp::create(builder, getLoc(), pairs, two).getResult();
  }
  shapes.push_back(sizes);
  return success();
}
