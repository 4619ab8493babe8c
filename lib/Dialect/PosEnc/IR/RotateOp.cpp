//===- RotateOp.cpp - Rotations of pairs of channels ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionOps.h"
#include "RowOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::regionops;
using namespace mlir::posenc::rowops;

//===----------------------------------------------------------------------===//
// Verifier
//===----------------------------------------------------------------------===//

/// The last extent of the angles.
static int64_t getTableExtent(RotateOp op) {
  return cast<ShapedType>(op.getAngles().front().getType()).getShape().back();
}

int64_t RotateOp::getNumPairs() {
  int64_t extent = getTableExtent(*this);
  return ShapedType::isDynamic(extent) || !getPerChannel() ? extent : extent / 2;
}

int64_t RotateOp::getNumChannels() {
  if (isRow())
    return ShapedType::kDynamic;
  return RowExtents::get(cast<RankedTensorType>(getX().getType()), getDims()).channels;
}

/// (R2), (R9).
static LogicalResult verifyAngles(RotateOp op) {
  auto angles = op.getAngles();
  bool count = angles.size() == 1 || angles.size() == 2;
  if (!count || !llvm::all_equal(angles.getTypes()))
    return op.emitOpError() << "(R2) expected one operand (angles) or two (cos, sin) of one "
                               "type but got "
                            << angles.size();
  auto type = cast<ShapedType>(angles.front().getType());
  int64_t most = getNumIndices(op.getAt(), op.isRow(), op.getPerHead()) + 1;
  if (!type.hasRank() || type.getRank() < 2 || type.getRank() > most)
    return op.emitOpError() << "(R2) expected angles of rank 2"
                            << (most > 2 ? " to " + std::to_string(most) : "") << " but got "
                            << type;
  if (!op.getPerChannel())
    return success();
  int64_t extent = type.getShape().back();
  if (angles.size() != 2 || (!ShapedType::isDynamic(extent) && extent % 2 != 0))
    return op.emitOpError() << "(R9) expected cos and sin of an even number of channels with "
                               "per_channel but got "
                            << angles.size() << " of " << extentText(extent);
  return success();
}

/// (R7).
static LogicalResult verifyMagnitude(RotateOp op, const RowExtents &rows) {
  auto type = op.getMagnitude() ? dyn_cast<ShapedType>(op.getMagnitude().getType()) : nullptr;
  if (!type)
    return success();
  int64_t most = getNumIndices(op.getAt(), op.isRow(), op.getPerHead()) + 1;
  bool fits = type.hasRank() && type.getRank() >= 1 && type.getRank() <= most &&
              compatible(type.getShape().back(), op.getNumPairs());
  if (!fits || (!op.isRow() && !tableFits(type.getShape().drop_back(), rows, op.getPerHead())))
    return op.emitOpError() << "(R7) expected an f32 or a table of "
                            << extentText(op.getNumPairs())
                            << " pairs with extents as those of the angles but got " << type;
  return success();
}

/// (R8), (R10).
static LogicalResult verifyLayouts(RotateOp op) {
  bool blocks = op.getLayout() == RotateLayout::BlockHalf ||
                op.getResultLayout() == RotateLayout::BlockHalf;
  if (blocks != op.getNumBlocks().has_value())
    return op.emitOpError() << "(R8) expected a number of blocks if and only if a layout is "
                               "block_half but got "
                            << (blocks ? "none" : "one");
  int64_t count = op.getNumBlocks().value_or(1), pairs = op.getNumPairs();
  if (count < 1 || (!ShapedType::isDynamic(pairs) && pairs % count != 0))
    return op.emitOpError() << "(R8) expected a number of blocks that divides "
                            << extentText(pairs) << " but got " << count;
  if (op.getRounded() && !op.getRounded()->isBF16() && !op.getRounded()->isF16())
    return op.emitOpError() << "(R10) expected rounding to bf16 or f16 but got "
                            << *op.getRounded();
  return success();
}

LogicalResult RotateOp::verify() {
  if (failed(verifyRowForm(*this, getX(), getAt(), getDims(), getPerHead(),
                           {"(R1)", "(R5)", "(R6)"})) ||
      failed(verifyAngles(*this)) || failed(verifyLayouts(*this)))
    return failure();
  RowExtents rows;
  if (!isRow())
    rows = RowExtents::get(cast<RankedTensorType>(getX().getType()), getDims());
  auto angles = cast<ShapedType>(getAngles().front().getType());
  if (!isRow() && !tableFits(angles.getShape().drop_back(), rows, getPerHead()))
    return emitOpError() << "(R3) expected angles of shape [" << extentText(rows.tokens)
                         << ", P] or [" << extentText(getPerHead() ? rows.heads : rows.batch)
                         << ", " << extentText(rows.tokens) << ", P] but got " << angles;
  if (failed(verifyMagnitude(*this, rows)))
    return failure();
  int64_t pairs = getNumPairs(), offset = getChannelOffset();
  bool known = !ShapedType::isDynamic(pairs) && !ShapedType::isDynamic(rows.channels);
  // Spelt so that no sum overflows.
  if (offset < 0 || (known && (offset > rows.channels || pairs > (rows.channels - offset) / 2)))
    return emitOpError() << "(R4) expected channel_offset + 2P to be at most "
                         << extentText(rows.channels) << " but got " << offset << " + 2 * "
                         << extentText(pairs);
  if (getTrailing() && (isRow() || offset != 0))
    return emitOpError() << "(R4) expected trailing channels of a tensor, without "
                            "channel_offset, but got "
                         << getX().getType() << " and offset " << offset;
  return success();
}

LogicalResult RotateOp::reifyResultShapes(OpBuilder &builder,
                                          ReifiedRankedShapedTypeDims &shapes) {
  if (isRow())
    return failure();
  shapes.push_back(tensor::getMixedSizes(builder, getLoc(), getX()));
  return success();
}

void RotateOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  unsigned tables = getAngles().size() + (getMagnitude() ? 1 : 0);
  addMemrefEffects(getOperation()->getOpOperands().take_back(tables), {}, effects);
}

//===----------------------------------------------------------------------===//
// Row transform
//===----------------------------------------------------------------------===//

OpOperand &RotateOp::getRowMutable() { return getXMutable(); }
bool RotateOp::isRow() { return isa<RowType>(getX().getType()); }
bool RotateOp::isLinear() { return true; }

SmallVector<Value> RotateOp::getTableIndices(Value b, Value h, Value t) {
  return selectIndices(b, h, t, getPerHead());
}

bool RotateOp::hasRowForm(DimsAttr dims) {
  // A row does not know its own length.
  bool known =
      !ShapedType::isDynamic(getNumPairs()) && !ShapedType::isDynamic(getNumChannels());
  return isRowTensor(getX(), getDims(), dims) && (!getTrailing() || known);
}

Value RotateOp::buildRowForm(OpBuilder &builder, Value row, Value b, Value h, Value t) {
  int64_t first =
      getTrailing() ? getNumChannels() - 2 * getNumPairs() : int64_t(getChannelOffset());
  return RotateOp::create(builder, getLoc(), row.getType(), row, getTableIndices(b, h, t),
                          getAngles(), getMagnitude(), getLayoutAttr(), getNumBlocksAttr(),
                          getOutLayoutAttr(), builder.getI64IntegerAttr(first), UnitAttr(),
                          getInverseAttr(), getPerChannelAttr(), UnitAttr(), getRoundedAttr(),
                          DimsAttr::getDefault(getContext()));
}

bool RotateOp::isSamePlane(RotateOp other) {
  auto plain = [](RotateOp op) {
    return op.getAngles().size() == 1 && !op.getMagnitude() && !op.getRounded() &&
           !op.getOutLayout();
  };
  return plain(*this) && plain(other) && getLayout() == other.getLayout() &&
         getNumBlocks() == other.getNumBlocks() && getTrailing() == other.getTrailing() &&
         getChannelOffset() == other.getChannelOffset() && getDims() == other.getDims() &&
         getPerHead() == other.getPerHead() && getAt() == other.getAt() &&
         getAngles().front().getType() == other.getAngles().front().getType();
}

namespace {
/// Where a rotation's pairs stand; all values count from the first channel that
/// rotates.
class PairLayout {
public:
  PairLayout(OpBuilder &b, Location loc, RotateOp op, Value pairs)
      : b(b), loc(loc), op(op), pairs(pairs) {}

  /// The distance of a pair's two channels.
  Value width(RotateLayout layout) const {
    if (layout == RotateLayout::Half)
      return pairs;
    if (layout == RotateLayout::Interleaved)
      return index(1);
    // No pairs at all: every channel is outside, and nothing divides by 0.
    Value w = arith::DivUIOp::create(b, loc, pairs, index(*op.getNumBlocks()));
    return arith::MaxUIOp::create(b, loc, w, index(1));
  }

  /// The pair of a channel, and whether the channel is its second.
  std::pair<Value, Value> find(RotateLayout layout, Value c) const {
    if (layout == RotateLayout::Half) {
      Value second = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, c, pairs);
      Value wrapped = arith::SubIOp::create(b, loc, c, pairs);
      return {arith::SelectOp::create(b, loc, second, wrapped, c), second};
    }
    if (layout == RotateLayout::Interleaved)
      return {arith::ShRUIOp::create(b, loc, c, index(1)), isOdd(c)};
    Value w = width(layout);
    Value half = arith::DivUIOp::create(b, loc, c, w);
    Value block = arith::ShRUIOp::create(b, loc, half, index(1));
    Value rest = arith::RemUIOp::create(b, loc, c, w);
    return {add(arith::MulIOp::create(b, loc, block, w), rest), isOdd(half)};
  }

  /// The first channel of a pair.
  Value first(RotateLayout layout, Value pair) const {
    if (layout == RotateLayout::Half)
      return pair;
    if (layout == RotateLayout::Interleaved)
      return arith::MulIOp::create(b, loc, pair, index(2));
    Value w = width(layout);
    Value block = arith::DivUIOp::create(b, loc, pair, w);
    return add(pair, arith::MulIOp::create(b, loc, block, w));
  }

  Value index(int64_t v) const { return arith::ConstantIndexOp::create(b, loc, v); }

private:
  Value add(Value x, Value y) const { return arith::AddIOp::create(b, loc, x, y); }
  Value isOdd(Value x) const {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne,
                                 arith::AndIOp::create(b, loc, x, index(1)), index(0));
  }

  OpBuilder &b;
  Location loc;
  mutable RotateOp op;
  Value pairs;
};

/// The channels that one channel of the result is made of.
struct Source {
  Value pair, second, own, partner;
};
} // namespace

Value RotateOp::buildFirstChannel(OpBuilder &b, Location loc, Value pairs) {
  if (!getTrailing())
    return arith::ConstantIndexOp::create(b, loc, getChannelOffset());
  int64_t rank = cast<RankedTensorType>(getX().getType()).getRank();
  int64_t last = rank == 4 ? getDims().dimOf(AttentionOp::Channel) : rank - 1;
  Value width = arith::AddIOp::create(b, loc, pairs, pairs);
  return arith::SubIOp::create(b, loc, buildExtent(b, loc, getX(), last), width);
}

/// Where channel d = first + c comes from. `inside` says that it rotates; if not,
/// it comes from itself.
static Source buildSource(OpBuilder &b, Location loc, RotateOp op, const PairLayout &layout,
                          Value d, Value c, Value inside) {
  RotateLayout from = op.getLayout(), to = op.getResultLayout();
  auto [pair, second] = layout.find(to, c);
  Value stride = layout.width(from), own = d;
  if (from != to) {
    Value a = layout.first(from, pair);
    Value shift = arith::SubIOp::create(b, loc, d, c);
    a = arith::AddIOp::create(b, loc, a, shift);
    Value other = arith::AddIOp::create(b, loc, a, stride);
    own = arith::SelectOp::create(b, loc, second, other, a);
    own = arith::SelectOp::create(b, loc, inside, own, d);
  }
  Value down = arith::SubIOp::create(b, loc, own, stride);
  Value up = arith::AddIOp::create(b, loc, own, stride);
  Value partner = arith::SelectOp::create(b, loc, second, down, up);
  partner = arith::SelectOp::create(b, loc, inside, partner, d);
  return {pair, second, own, partner};
}

/// μ cos φ and μ sin φ of a pair, or of channel `c`.
static std::pair<Value, Value> buildCosSin(OpBuilder &b, Location loc, RotateOp op,
                                           RotateOp::Adaptor in, ValueRange at, Value pair,
                                           Value c) {
  ValueRange tables = in.getAngles();
  Value last = op.getPerChannel() ? c : pair;
  Value cos = buildTableRead(b, loc, tables[0], at, last), sin;
  if (tables.size() == 2) {
    sin = buildTableRead(b, loc, tables[1], at, last);
  } else {
    sin = math::SinOp::create(b, loc, cos);
    cos = math::CosOp::create(b, loc, cos);
  }
  auto finish = [&](Value value, Value magnitude) -> Value {
    if (magnitude)
      value = arith::MulFOp::create(b, loc, value, magnitude);
    if (!op.getRounded())
      return value;
    Value narrow = arith::TruncFOp::create(b, loc, *op.getRounded(), value);
    return arith::ExtFOp::create(b, loc, b.getF32Type(), narrow);
  };
  Value magnitude = in.getMagnitude();
  if (magnitude && isa<ShapedType>(magnitude.getType()))
    magnitude = buildTableRead(b, loc, magnitude, at, pair);
  return {finish(cos, magnitude), finish(sin, magnitude)};
}

Value RotateOp::buildElement(OpBuilder &b, Location loc, ValueRange operands,
                             function_ref<Value(Value)> load, Value d) {
  Adaptor in(operands, *this);
  return buildElementAt(b, loc, operands, in.getAt(), load, d);
}

Value RotateOp::buildElementAt(OpBuilder &b, Location loc, ValueRange operands, ValueRange at,
                               function_ref<Value(Value)> load, Value d) {
  Adaptor in(operands, *this);
  Value table = in.getAngles().front();
  int64_t last = cast<ShapedType>(table.getType()).getRank() - 1;
  Value two = arith::ConstantIndexOp::create(b, loc, 2);
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value pairs = buildExtent(b, loc, table, last);
  if (getPerChannel())
    pairs = arith::DivUIOp::create(b, loc, pairs, two);
  // c: channel within the rotated range; it may lie outside it.
  Value c = arith::SubIOp::create(b, loc, d, buildFirstChannel(b, loc, pairs));
  Value width = arith::MulIOp::create(b, loc, pairs, two);
  Value inside = arith::AndIOp::create(
      b, loc, arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, c, zero),
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, c, width));
  PairLayout layout(b, loc, *this, pairs);
  c = arith::SelectOp::create(b, loc, inside, c, zero);
  Source from = buildSource(b, loc, *this, layout, d, c, inside);
  auto [cos, sin] = buildCosSin(b, loc, *this, in, at, from.pair, c);
  // y_a = x_a cos − x_b sin, y_b = x_b cos + x_a sin.
  Value own = load(from.own), other = load(from.partner);
  Value negated = arith::NegFOp::create(b, loc, sin);
  Value ofFirst = getInverse() ? sin : negated, ofSecond = getInverse() ? negated : sin;
  Value signedSin = arith::SelectOp::create(b, loc, from.second, ofSecond, ofFirst);
  Value rotated = arith::AddFOp::create(b, loc, arith::MulFOp::create(b, loc, own, cos),
                                        arith::MulFOp::create(b, loc, other, signedSin));
  return arith::SelectOp::create(b, loc, inside, rotated, own);
}
