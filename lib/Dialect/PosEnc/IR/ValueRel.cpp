//===- ValueRel.cpp - What attention adds to its values -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionOps.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::regionops;

ParseResult regionops::parseValueRel(OpAsmParser &parser,
                                     SmallVectorImpl<OpAsmParser::UnresolvedOperand> &operands,
                                     SmallVectorImpl<Type> &types, BucketAttr &bucket) {
  if (failed(parser.parseOptionalKeyword("value_rel")))
    return success();
  return failure(parser.parseLParen() || parser.parseOperand(operands.emplace_back()) ||
                 parser.parseColonType(types.emplace_back()) || parser.parseRParen() ||
                 parser.parseKeyword("bucket") ||
                 parser.parseCustomAttributeWithFallback(bucket));
}

void regionops::printValueRel(OpAsmPrinter &printer, Value table, BucketAttr bucket) {
  // An invalid op is printed too.
  if (!table || !bucket)
    return;
  printer << " value_rel(" << table << " : " << table.getType() << ") bucket ";
  printer.printStrippedAttrOrType(bucket);
}

/// (A16): the table's shape and element type.
static LogicalResult verifyTable(AttentionOp op) {
  auto type = cast<ShapedType>(op.getValueRel().getType());
  int64_t channels = op.getValueExtent(AttentionOp::Channel);
  int64_t heads = op.getQueryExtent(AttentionOp::Head);
  bool ranked = type.hasRank() && (type.getRank() == 2 || type.getRank() == 3);
  if (!ranked || !compatible(type.getShape().back(), channels) ||
      (type.getRank() == 3 && !compatible(type.getDimSize(1), heads)))
    return op.emitOpError() << "(A16) expected a table of value_rel of shape [R, "
                            << extentText(channels) << "] or [R, " << extentText(heads) << ", "
                            << extentText(channels) << "] but got " << type;
  if (!type.getElementType().isF32() && type.getElementType() != op.getElementType())
    return op.emitOpError() << "(A16) expected a table of value_rel of element type f32 or "
                            << op.getElementType() << " but got " << type.getElementType();
  return success();
}

LogicalResult regionops::verifyValueRel(AttentionOp op) {
  if (bool(op.getValueRel()) != op.getValueBucket().has_value())
    return op.emitOpError()
           << "(A17) expected a bucket if and only if there is value_rel but got "
           << (op.getValueRel() ? "none" : "one");
  if (!op.getValueRel())
    return success();
  if (failed(verifyTable(op)))
    return failure();
  int64_t extent = cast<ShapedType>(op.getValueRel().getType()).getDimSize(0);
  int64_t rows = op.getValueBucket()->getNumRows();
  bool fits = op.getValueBucket()->allowsMoreRows() ? extent >= rows : extent == rows;
  if (!ShapedType::isDynamic(extent) && !fits)
    return op.emitOpError() << "(A17) expected a table of value_rel of " << rows
                            << " rows but got " << extent;
  for (Value positions : {op.getQPositions(), op.getKPositions()}) {
    auto type = positions ? cast<ShapedType>(positions.getType()) : ShapedType();
    bool plain = !type || (!isa<FloatType>(type.getElementType()) && type.hasRank() &&
                           type.getRank() <= 2);
    if (!plain)
      return op.emitOpError() << "(A18) expected integer positions without axes with "
                                 "value_rel but got "
                              << type;
  }
  return success();
}
