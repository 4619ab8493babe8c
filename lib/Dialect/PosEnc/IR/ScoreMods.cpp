//===- ScoreMods.cpp - Ops of score regions -------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// What each modifier computes (buildScalar), checks and folds to.
//===----------------------------------------------------------------------===//

#include "RegionOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::regionops;

//===----------------------------------------------------------------------===//
// Shared pieces
//===----------------------------------------------------------------------===//

Value posenc::buildRead(OpBuilder &b, Location loc, Value source, ValueRange indices) {
  Value element;
  if (isa<TensorType>(source.getType()))
    element = tensor::ExtractOp::create(b, loc, source, indices);
  else
    element = memref::LoadOp::create(b, loc, source, indices);
  return convertScalarToDtype(b, loc, element, b.getF32Type(), /*isUnsignedCast=*/false);
}

Value regionops::buildExtent(OpBuilder &b, Location loc, Value source, int64_t dim) {
  auto type = cast<ShapedType>(source.getType());
  if (!type.isDynamicDim(dim))
    return arith::ConstantIndexOp::create(b, loc, type.getDimSize(dim));
  if (isa<TensorType>(type))
    return tensor::DimOp::create(b, loc, source, dim);
  return memref::DimOp::create(b, loc, source, dim);
}

Value regionops::buildWeightedSum(OpBuilder &b, Location loc, Value score, Value weight,
                                  Value g) {
  if (weight)
    g = arith::MulFOp::create(b, loc, weight, g);
  return arith::AddFOp::create(b, loc, score, g);
}

Value posenc::buildDistance(OpBuilder &b, Location loc, bool qMinusK, Value i, Value j) {
  Value lhs = qMinusK ? i : j, rhs = qMinusK ? j : i;
  if (isa<FloatType>(lhs.getType()))
    return arith::SubFOp::create(b, loc, lhs, rhs);
  return arith::SubIOp::create(b, loc, lhs, rhs);
}

static Value buildF32(OpBuilder &b, Location loc, float value) {
  return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
}

/// The effects of reading a memref operand; a tensor has none.
static void
addTableEffects(OpOperand &table,
                SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  addMemrefEffects(MutableArrayRef<OpOperand>(table), {}, effects);
}

//===----------------------------------------------------------------------===//
// q_pos, k_pos
//===----------------------------------------------------------------------===//

static LogicalResult verifyPos(Operation *op, bool query, std::optional<int64_t> axis,
                               Type type) {
  Value positions;
  Operation *parent = op->getParentOp();
  while (parent && !isa<AttentionOp, ScoreMapOp>(parent))
    parent = parent->getParentOp();
  if (auto attention = dyn_cast_or_null<AttentionOp>(parent)) {
    if (!attention.getScore().isAncestor(op->getParentRegion()))
      parent = nullptr;
    positions = query ? attention.getQPositions() : attention.getKPositions();
  } else if (auto map = dyn_cast_or_null<ScoreMapOp>(parent)) {
    positions = query ? map.getQPositions() : map.getKPositions();
  }
  if (!parent)
    return op->emitOpError()
           << "(P1) expected to stand in the score region of attention or score_map";
  auto shaped = positions ? dyn_cast<ShapedType>(positions.getType()) : ShapedType();
  bool ranked = shaped && shaped.hasRank() && shaped.getRank() == 3;
  if (ranked != axis.has_value())
    return op->emitOpError() << "(P2) expected an axis if and only if the positions have shape "
                                "[axes, B, T] but got "
                             << (axis ? "one" : "none");
  if (ranked && (*axis < 0 || (!shaped.isDynamicDim(0) && *axis >= shaped.getDimSize(0))))
    return op->emitOpError() << "(P2) expected an axis below "
                             << extentText(shaped.getDimSize(0)) << " but got " << *axis;
  Type wanted = shaped && isa<FloatType>(shaped.getElementType())
                    ? Type(Float32Type::get(op->getContext()))
                    : Type(IndexType::get(op->getContext()));
  if (type != wanted)
    return op->emitOpError() << "(P3) expected a position of type " << wanted << " but got "
                             << type;
  return success();
}

static std::optional<int64_t> axisOf(IntegerAttr attr) {
  return attr ? std::optional<int64_t>(attr.getInt()) : std::nullopt;
}
LogicalResult QPosOp::verify() {
  return verifyPos(*this, /*query=*/true, axisOf(getAxisAttr()), getType());
}
LogicalResult KPosOp::verify() {
  return verifyPos(*this, /*query=*/false, axisOf(getAxisAttr()), getType());
}

//===----------------------------------------------------------------------===//
// bias_table
//===----------------------------------------------------------------------===//

bool BiasTableOp::isAdditive() { return true; }

Value BiasTableOp::buildScalar(OpBuilder &b, Location loc, ValueRange operands) {
  Adaptor in(operands, *this);
  BucketAttr::Row row = getBucket().buildRow(b, loc, in.getQPosition(), in.getKPosition());
  SmallVector<Value> indices{row.row};
  if (in.getHead())
    indices.push_back(in.getHead());
  Value bias = buildRead(b, loc, in.getTable(), indices);
  if (row.exists)
    bias = arith::SelectOp::create(b, loc, row.exists, bias, buildF32(b, loc, 0.0f));
  return buildWeightedSum(b, loc, in.getScore(), in.getWeight(), bias);
}

LogicalResult BiasTableOp::verify() {
  auto type = cast<ShapedType>(getTable().getType());
  int64_t rank = getHead() ? 2 : 1;
  if (!type.hasRank() || type.getRank() != rank)
    return emitOpError() << "(T1) expected a table of rank " << rank
                         << (getHead() ? " with a head" : " without a head") << " but got "
                         << type;
  int64_t rows = getBucket().getNumRows();
  bool fits =
      getBucket().allowsMoreRows() ? type.getDimSize(0) >= rows : type.getDimSize(0) == rows;
  if (!type.isDynamicDim(0) && !fits)
    return emitOpError() << "(T2) expected a table of " << rows << " rows but got "
                         << type.getDimSize(0);
  return success();
}

void BiasTableOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  addTableEffects(getTableMutable(), effects);
}

//===----------------------------------------------------------------------===//
// mask
//===----------------------------------------------------------------------===//

// s + mask(0) is s + 0 or s − inf: the masked form of every finite score.
bool MaskOp::isAdditive() { return true; }

Value MaskOp::buildScalar(OpBuilder &b, Location loc, ValueRange operands) {
  Adaptor in(operands, *this);
  Value visible =
      getMask().buildVisible(b, loc, in.getQPosition(), in.getKPosition(), in.getLength());
  Value hidden = buildF32(b, loc, -std::numeric_limits<float>::infinity());
  return arith::SelectOp::create(b, loc, visible, in.getScore(), hidden);
}

LogicalResult MaskOp::verify() {
  bool prefix = getMask().getKind() == MaskKind::Prefix;
  if (prefix != static_cast<bool>(getLength()))
    return emitOpError() << "(M4) expected a length if and only if the mask is prefix but got "
                         << (prefix ? "none" : "one");
  return success();
}

//===----------------------------------------------------------------------===//
// softcap
//===----------------------------------------------------------------------===//

bool SoftcapOp::isAdditive() { return false; }

Value SoftcapOp::buildScalar(OpBuilder &b, Location loc, ValueRange operands) {
  Adaptor in(operands, *this);
  Value cap = arith::ConstantOp::create(b, loc, getCapAttr());
  Value ratio = arith::DivFOp::create(b, loc, in.getScore(), cap);
  Value bounded = math::TanhOp::create(b, loc, ratio);
  return arith::MulFOp::create(b, loc, cap, bounded);
}

bool SoftcapOp::buildDerivative(OpBuilder &b, Location loc, ValueRange operands, Value result,
                                Value gradient, GradientSink &sink) {
  Adaptor in(operands, *this);
  Value cap = arith::ConstantOp::create(b, loc, getCapAttr());
  Value ratio = arith::DivFOp::create(b, loc, result, cap);
  Value square = arith::MulFOp::create(b, loc, ratio, ratio);
  Value slope = arith::SubFOp::create(b, loc, buildF32(b, loc, 1.0f), square);
  sink.add(in.getScore(), arith::MulFOp::create(b, loc, gradient, slope));
  return true;
}

LogicalResult SoftcapOp::verify() {
  const APFloat &cap = getCap();
  if (!cap.isFinite() || cap.isZero() || cap.isNegative())
    return emitOpError() << "(C1) expected a finite positive cap but got " << getCapAttr();
  return success();
}
