//===- ScoreMapOp.cpp - posenc.score_map ----------------------------------===//
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

static constexpr RegionIds kIds{"S2", "S3", "S4", "S5"};

void ScoreMapOp::build(OpBuilder &, OperationState &state, Value output) {
  state.addOperands(output);
  state.getOrAddProperties<Properties>().operandSegmentSizes = {0, 0, 0, 0, 1};
  state.addRegion();
  if (isa<TensorType>(output.getType()))
    state.addTypes(output.getType());
}

Block &ScoreMapOp::getOrCreateScoreBlock(OpBuilder &builder) {
  return getOrCreateBlock(getScore(), scoreRegionTypes(getContext()), builder, getLoc());
}

ParseResult ScoreMapOp::parse(OpAsmParser &parser, OperationState &state) {
  OpAsmParser::UnresolvedOperand output;
  Type type;
  ParsedPositions positions;
  if (parser.parseKeyword("outs") || parser.parseLParen() || parser.parseOperand(output) ||
      parser.parseColonType(type) || parser.parseRParen() ||
      parsePositions(parser, positions) ||
      parser.parseOptionalAttrDictWithKeyword(state.attributes))
    return failure();
  auto present = [](const MaybeOperand &o) { return o ? 1 : 0; };
  state.getOrAddProperties<Properties>().operandSegmentSizes = {
      present(positions.qPositions), present(positions.kPositions), present(positions.qOffset),
      present(positions.kOffset), 1};
  if (resolvePositions(parser, positions, state) ||
      parser.resolveOperand(output, type, state.operands))
    return failure();
  if (isa<TensorType>(type))
    state.addTypes(type);
  return failure(
      parser.parseKeyword("score") ||
      parseRegionWithArgs(parser, *state.addRegion(), scoreRegionTypes(parser.getContext())));
}

void ScoreMapOp::getAsmBlockArgumentNames(Region &region, OpAsmSetValueNameFn setNameFn) {
  nameRegionArgs(region, setNameFn);
}

void ScoreMapOp::print(OpAsmPrinter &printer) {
  printer << " outs(" << getOutput() << " : " << getOutput().getType() << ")";
  printPositions(printer, getQPositions(), getKPositions(), getQOffset(), getKOffset());
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(), {"operandSegmentSizes"});
  printRegionWithArgs(printer, "score", getScore());
}

LogicalResult ScoreMapOp::verify() {
  auto type = cast<ShapedType>(getOutput().getType());
  if (!type.hasRank() || type.getRank() != 4)
    return emitOpError() << "(S1) expected an output of rank 4 but got " << type;
  SmallVector<Type> results;
  if (isa<TensorType>(type))
    results.push_back(type);
  if (!llvm::equal(getResultTypes(), results))
    return emitOpError() << "(S6) expected the type of the tensor in outs, " << type
                         << ", as the result";
  if (failed(verifyPositions(*this, "q", getQPositions(), getQOffset(), type.getDimSize(0),
                             type.getDimSize(2), kIds)))
    return failure();
  return verifyPositions(*this, "k", getKPositions(), getKOffset(), type.getDimSize(0),
                         type.getDimSize(3), kIds);
}

LogicalResult ScoreMapOp::verifyRegions() {
  if (getScore().empty())
    return emitOpError() << "(S4) expected a score region but got none";
  return verifyRegion(*this, "score", getScore(), scoreRegionTypes(getContext()),
                      Float32Type::get(getContext()), kIds);
}

LogicalResult ScoreMapOp::reifyResultShapes(OpBuilder &builder,
                                            ReifiedRankedShapedTypeDims &shapes) {
  if (!isa<TensorType>(getOutput().getType()))
    return failure();
  shapes.push_back(tensor::getMixedSizes(builder, getLoc(), getOutput()));
  return success();
}

void ScoreMapOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  MutableArrayRef<OpOperand> operands = getOperation()->getOpOperands();
  addMemrefEffects(operands.drop_back(), operands.take_back(), effects);
}
