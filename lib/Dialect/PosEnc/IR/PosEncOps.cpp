//===- PosEncOps.cpp - Ops on tensors and generated code ------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::regionops;

/// custom<F32>: a float literal without its type.
static ParseResult parseF32(OpAsmParser &parser, FloatAttr &value) {
  return parseScalar(parser, value);
}
static void printF32(OpAsmPrinter &printer, Operation *, FloatAttr value) {
  printScalar(printer, value);
}

/// custom<Keyword>: an enum attribute as a bare word. Its own format would print
/// a second space in front.
template <typename EnumAttr>
static ParseResult parseKeyword(OpAsmParser &parser, EnumAttr &attr) {
  using Enum = decltype(attr.getValue());
  SMLoc loc = parser.getCurrentLocation();
  StringRef word;
  bool given = succeeded(parser.parseOptionalKeyword(&word));
  if (std::optional<Enum> value = given ? symbolizeEnum<Enum>(word) : std::nullopt) {
    attr = EnumAttr::get(parser.getContext(), *value);
    return success();
  }
  InFlightDiagnostic diag = parser.emitError(loc) << "expected one of";
  // The cases count up from 0, and no word stands for what is none.
  for (int i = 0; !stringifyEnum(Enum(i)).empty(); ++i)
    diag << (i ? ", " : " ") << stringifyEnum(Enum(i));
  if (given)
    diag << " but got '" << word << "'";
  return diag;
}
template <typename EnumAttr>
static void printKeyword(OpAsmPrinter &printer, Operation *, EnumAttr attr) {
  printer << stringifyEnum(attr.getValue());
}

#define GET_OP_CLASSES
#include "posenc/Dialect/PosEnc/IR/PosEncOps.cpp.inc"

/// The extents of `op`'s only result, those of `like` in order.
static void reifyLike(OpBuilder &b, Location loc, Value like,
                      ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(tensor::getMixedSizes(b, loc, like));
}

//===----------------------------------------------------------------------===//
// positions
//===----------------------------------------------------------------------===//

LogicalResult PositionsOp::verify() {
  auto type = cast<ShapedType>(getType());
  if (!type.hasRank() || type.getRank() != 1)
    return emitOpError() << "(I1) expected a result of rank 1 but got " << type;
  if (type.isDynamicDim(0) != bool(getSize()))
    return emitOpError() << "(I2) expected a size if and only if the result is dynamic but got "
                         << (getSize() ? "one" : "none") << " for " << type;
  if (getOffset() && getBottomRight())
    return emitOpError() << "(I3) expected offset or bottom_right but got both";
  return success();
}

LogicalResult PositionsOp::reifyResultShapes(OpBuilder &builder,
                                             ReifiedRankedShapedTypeDims &shapes) {
  auto type = cast<RankedTensorType>(getType());
  OpFoldResult size = getSize() ? OpFoldResult(getSize())
                                : OpFoldResult(builder.getIndexAttr(type.getDimSize(0)));
  shapes.push_back({size});
  return success();
}

Value PositionsOp::buildOffset(OpBuilder &builder) {
  if (!getBottomRight())
    return getOffset();
  Value size = getSize();
  if (!size)
    size = arith::ConstantIndexOp::create(builder, getLoc(),
                                          cast<RankedTensorType>(getType()).getDimSize(0));
  return arith::SubIOp::create(builder, getLoc(), getBottomRight(), size);
}

//===----------------------------------------------------------------------===//
// lookup
//===----------------------------------------------------------------------===//

LogicalResult LookupOp::verify() {
  auto table = dyn_cast<RankedTensorType>(getTable().getType());
  auto positions = dyn_cast<RankedTensorType>(getPositions().getType());
  auto result = dyn_cast<RankedTensorType>(getType());
  if (!table || table.getRank() != 2)
    return emitOpError() << "(L1) expected a table of rank 2 but got " << getTable().getType();
  bool fits = positions && result && result.getRank() == positions.getRank() + 1 &&
              compatible(result.getShape().back(), table.getDimSize(1));
  if (fits)
    for (auto [a, b] : llvm::zip(result.getShape(), positions.getShape()))
      fits &= compatible(a, b);
  if (!fits)
    return emitOpError() << "(L2) expected a result of the positions' shape and "
                         << extentText(table.getDimSize(1)) << " columns but got " << getType()
                         << " for positions " << getPositions().getType();
  if (result.getElementType() != table.getElementType())
    return emitOpError() << "(L4) expected a result of element type " << table.getElementType()
                         << " but got " << result.getElementType();
  return success();
}

LogicalResult LookupOp::reifyResultShapes(OpBuilder &builder,
                                          ReifiedRankedShapedTypeDims &shapes) {
  reifyLike(builder, getLoc(), getPositions(), shapes);
  shapes.front().push_back(tensor::getMixedSize(builder, getLoc(), getTable(), 1));
  return success();
}

/// Clamped look-ups are pure; one that may fail must not disappear or move.
void LookupOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  if (getOob() == OutOfBounds::Assert)
    effects.emplace_back(MemoryEffects::Write::get());
}

//===----------------------------------------------------------------------===//
// rotate
//===----------------------------------------------------------------------===//

int64_t RotateOp::getNumPairs() {
  return cast<ShapedType>(getAngles().front().getType()).getShape().back();
}

/// (R1), (R2), (R5).
static LogicalResult verifyRotateForm(RotateOp op) {
  auto tensor = dyn_cast<RankedTensorType>(op.getX().getType());
  bool row = op.isRow() && op.getAt().size() == 2;
  bool whole = tensor && tensor.getRank() >= 2 && tensor.getRank() <= 4 && op.getAt().empty();
  if (!row && !whole)
    return op.emitOpError() << "(R1) expected a row with at(b, t), or a tensor of rank 2 to 4 "
                               "without, but got "
                            << op.getX().getType() << " with " << op.getAt().size()
                            << " indices";
  auto angles = op.getAngles();
  bool count = angles.size() == 1 || angles.size() == 2;
  if (!count || !llvm::all_equal(angles.getTypes()))
    return op.emitOpError() << "(R2) expected one operand (angles) or two (cos, sin) of one "
                               "type but got "
                            << angles.size();
  auto type = cast<ShapedType>(angles.front().getType());
  if (!type.hasRank() || type.getRank() < 2 || type.getRank() > 3)
    return op.emitOpError() << "(R2) expected angles of rank 2 or 3 but got " << type;
  if (!op.getDims().isIdentity() && (!tensor || tensor.getRank() != 4))
    return op.emitOpError() << "(R5) expected dims only on a tensor of rank 4 but got "
                            << op.getX().getType();
  return success();
}

LogicalResult RotateOp::verify() {
  if (failed(verifyRotateForm(*this)))
    return failure();
  if (getType() != getX().getType())
    return emitOpError() << "(R1) expected a result of type " << getX().getType() << " but got "
                         << getType();
  auto angles = cast<ShapedType>(getAngles().front().getType());
  int64_t pairs = getNumPairs(), channels = ShapedType::kDynamic;
  int64_t offset = getChannelOffset();
  if (!isRow()) {
    auto x = cast<RankedTensorType>(getX().getType());
    int64_t rank = x.getRank();
    // Rank 4 goes by dims; below that the order is [B,T,D] or [T,D].
    int64_t seq = rank == 4 ? getDims().dimOf(2) : rank - 2;
    channels = x.getDimSize(rank == 4 ? getDims().dimOf(3) : rank - 1);
    int64_t batch =
        rank == 4 ? x.getDimSize(getDims().dimOf(0)) : (rank == 3 ? x.getDimSize(0) : 1);
    if (!compatible(angles.getDimSize(angles.getRank() - 2), x.getDimSize(seq)) ||
        (angles.getRank() == 3 && !compatible(angles.getDimSize(0), batch)))
      return emitOpError() << "(R3) expected angles of shape [" << extentText(x.getDimSize(seq))
                           << ", P] or [" << extentText(batch) << ", "
                           << extentText(x.getDimSize(seq)) << ", P] but got " << angles;
  }
  bool known = !ShapedType::isDynamic(pairs) && !ShapedType::isDynamic(channels);
  // Spelt so that no sum overflows.
  if (offset < 0 || (known && (offset > channels || pairs > (channels - offset) / 2)))
    return emitOpError() << "(R4) expected channel_offset + 2P to be at most "
                         << extentText(channels) << " but got " << offset << " + 2 * "
                         << extentText(pairs);
  return success();
}

LogicalResult RotateOp::reifyResultShapes(OpBuilder &builder,
                                          ReifiedRankedShapedTypeDims &shapes) {
  if (isRow())
    return failure();
  reifyLike(builder, getLoc(), getX(), shapes);
  return success();
}

void RotateOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  unsigned count = getAngles().size();
  addMemrefEffects(getOperation()->getOpOperands().take_back(count), {}, effects);
}

OpOperand &RotateOp::getRowMutable() { return getXMutable(); }

Value RotateOp::buildElement(OpBuilder &b, Location loc, ValueRange operands,
                             function_ref<Value(Value)> load, Value d) {
  Adaptor in(operands, *this);
  return buildElementAt(b, loc, in.getAngles(), in.getAt()[0], in.getAt()[1], load, d);
}

Value RotateOp::buildElementAt(OpBuilder &b, Location loc, ValueRange angles, Value batch,
                               Value t, function_ref<Value(Value)> load, Value d) {
  auto index = [&](int64_t v) -> Value { return arith::ConstantIndexOp::create(b, loc, v); };
  Value table = angles.front();
  auto shape = cast<ShapedType>(table.getType());
  int64_t last = shape.getRank() - 1;
  Value pairs, zero = index(0), one = index(1), two = index(2);
  if (!shape.isDynamicDim(last))
    pairs = index(shape.getDimSize(last));
  else if (isa<TensorType>(shape))
    pairs = tensor::DimOp::create(b, loc, table, last);
  else
    pairs = memref::DimOp::create(b, loc, table, last);

  // c: channel within the rotated range; it may lie outside it.
  Value c = arith::SubIOp::create(b, loc, d, index(getChannelOffset()));
  Value width = arith::MulIOp::create(b, loc, pairs, two);
  Value inside = arith::AndIOp::create(
      b, loc, arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, c, zero),
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, c, width));
  c = arith::SelectOp::create(b, loc, inside, c, zero);
  Value pair, isSecond;
  if (getLayout() == RotateLayout::Half) {
    isSecond = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, c, pairs);
    Value wrapped = arith::SubIOp::create(b, loc, c, pairs);
    pair = arith::SelectOp::create(b, loc, isSecond, wrapped, c);
  } else {
    pair = arith::ShRUIOp::create(b, loc, c, one);
    isSecond = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne,
                                     arith::AndIOp::create(b, loc, c, one), zero);
  }
  Value stride = getLayout() == RotateLayout::Half ? pairs : one;
  Value down = arith::SubIOp::create(b, loc, d, stride);
  Value up = arith::AddIOp::create(b, loc, d, stride);
  Value partner = arith::SelectOp::create(b, loc, isSecond, down, up);
  partner = arith::SelectOp::create(b, loc, inside, partner, d);

  SmallVector<Value> at;
  if (shape.getRank() == 3)
    at.push_back(batch);
  llvm::append_values(at, t, pair);
  auto read = [&](Value source) -> Value {
    if (isa<TensorType>(source.getType()))
      return tensor::ExtractOp::create(b, loc, source, at);
    return memref::LoadOp::create(b, loc, source, at);
  };
  Value cos = read(table), sin;
  if (angles.size() == 2) {
    sin = read(angles[1]);
  } else {
    sin = math::SinOp::create(b, loc, cos);
    cos = math::CosOp::create(b, loc, cos);
  }
  // y_a = x_a cos − x_b sin, y_b = x_b cos + x_a sin.
  Value own = load(d), other = load(partner);
  Value negated = arith::NegFOp::create(b, loc, sin);
  Value signedSin = arith::SelectOp::create(b, loc, isSecond, sin, negated);
  Value rotated = arith::AddFOp::create(b, loc, arith::MulFOp::create(b, loc, own, cos),
                                        arith::MulFOp::create(b, loc, other, signedSin));
  return arith::SelectOp::create(b, loc, inside, rotated, own);
}
