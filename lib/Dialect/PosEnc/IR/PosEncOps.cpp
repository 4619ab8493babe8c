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

/// custom<PolarLayout>: what polar shares with sincos. The third layout is refused
/// by the verifier; a message names the two that there are.
static ParseResult parsePolarLayout(OpAsmParser &parser, SinCosLayoutAttr &attr) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef word;
  bool given = succeeded(parser.parseOptionalKeyword(&word));
  if (std::optional<SinCosLayout> layout = symbolizeSinCosLayout(word); given && layout) {
    attr = SinCosLayoutAttr::get(parser.getContext(), *layout);
    return success();
  }
  InFlightDiagnostic diag = parser.emitError(loc) << "expected concat or interleaved";
  if (given)
    diag << " but got '" << word << "'";
  return diag;
}
static void printPolarLayout(OpAsmPrinter &printer, Operation *op, SinCosLayoutAttr attr) {
  printKeyword(printer, op, attr);
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
