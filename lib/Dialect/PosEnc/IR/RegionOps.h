//===- RegionOps.h - What attention and score_map share ---------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Private to lib/Dialect/PosEnc/IR: parsing, printing and checking of score
// regions and of the positions and offsets that both ops take.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_DIALECT_POSENC_IR_REGIONOPS_H
#define POSENC_LIB_DIALECT_POSENC_IR_REGIONOPS_H

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"
#include "posenc/Dialect/PosEnc/IR/ScoreModBuilders.h"

namespace mlir::posenc::regionops {

using MaybeOperand = std::optional<OpAsmParser::UnresolvedOperand>;

/// The four optional operands that say where positions come from.
struct ParsedPositions {
  MaybeOperand qPositions, kPositions, qOffset, kOffset;
  Type qType, kType;
};

/// Parses `positions(q = %a, k = %b : type, type)` and
/// `offsets(q = %a, k = %b)`, both optional.
ParseResult parsePositions(OpAsmParser &parser, ParsedPositions &parsed);
ParseResult resolvePositions(OpAsmParser &parser, const ParsedPositions &parsed,
                             OperationState &state);
void printPositions(OpAsmPrinter &printer, Value qPositions, Value kPositions, Value qOffset,
                    Value kOffset);

/// `value_rel(%t : type) bucket <…>` of attention, optional.
ParseResult parseValueRel(OpAsmParser &parser,
                          SmallVectorImpl<OpAsmParser::UnresolvedOperand> &operands,
                          SmallVectorImpl<Type> &types, BucketAttr &bucket);
void printValueRel(OpAsmPrinter &printer, Value table, BucketAttr bucket);
LogicalResult verifyValueRel(AttentionOp op);

/// Parses `(%a, %b, …) { … }` with arguments of the given types.
ParseResult parseRegionWithArgs(OpAsmParser &parser, Region &region, ArrayRef<Type> types);
void printRegionWithArgs(OpAsmPrinter &printer, StringRef keyword, Region &region);

/// The arguments of score regions are called %s, %b, %h, %m, %n, those of row
/// regions %row, %b, %h, %t.
void nameRegionArgs(Region &region, OpAsmSetValueNameFn setNameFn);

SmallVector<Type> scoreRegionTypes(MLIRContext *ctx);
SmallVector<Type> rowRegionTypes(MLIRContext *ctx);

/// Which ids the messages of the two ops carry.
struct RegionIds {
  StringRef shape, exclusive, signature, effects;
};

/// `positions` of extents [T], [B,T] or [axes,B,T]; `extent` and `batch` may be
/// dynamic.
LogicalResult verifyPositions(Operation *op, StringRef side, Value positions, Value offset,
                              int64_t batch, int64_t extent, const RegionIds &ids);
LogicalResult verifyRegion(Operation *op, StringRef name, Region &region, ArrayRef<Type> types,
                           Type yielded, const RegionIds &ids);

/// True unless both extents are static and differ.
bool compatible(int64_t a, int64_t b);
/// An extent for a message.
std::string extentText(int64_t extent);
/// Reads of `inputs`, writes of `outputs`: only memrefs have effects.
void addMemrefEffects(
    MutableArrayRef<OpOperand> inputs, MutableArrayRef<OpOperand> outputs,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects);
/// The region's only block, created with `types` as arguments if need be.
Block &getOrCreateBlock(Region &region, ArrayRef<Type> types, OpBuilder &builder, Location loc);
/// Canonicalization: static extents behind a tensor.cast move into attention
/// and score_map.
void addCastFolding(RewritePatternSet &patterns);
/// A float constant whose elements are all zero.
bool isZeroSplat(Attribute attr);
using posenc::buildDistance;
using posenc::buildRead;
/// An extent of a tensor or a memref, as an index.
Value buildExtent(OpBuilder &b, Location loc, Value source, int64_t dim);
/// s + w · g, or s + g without a weight.
Value buildWeightedSum(OpBuilder &b, Location loc, Value score, Value weight, Value g);
/// `value` as a float literal that reads back to the same bits.
void printScalar(OpAsmPrinter &printer, FloatAttr value);
ParseResult parseScalar(OpAsmParser &parser, FloatAttr &value);

} // namespace mlir::posenc::regionops

#endif // POSENC_LIB_DIALECT_POSENC_IR_REGIONOPS_H
