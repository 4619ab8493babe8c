//===- AttentionOp.cpp - posenc.attention ---------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionOps.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::regionops;

static constexpr StringLiteral kRowRegions[] = {"q_rows", "k_rows", "v_rows", "o_rows"};
static constexpr RegionIds kScoreIds{"A8", "A9", "A10", "A12"};
static constexpr RegionIds kRowIds{"A8", "A9", "A11", "A12"};

void AttentionOp::build(OpBuilder &builder, OperationState &state, Value q, Value k, Value v,
                        Value output, Value lse, float scale) {
  state.addOperands({q, k, v, output});
  if (lse)
    state.addOperands(lse);
  Properties &props = state.getOrAddProperties<Properties>();
  props.setScale(builder.getF32FloatAttr(scale));
  props.operandSegmentSizes = {1, 1, 1, 0, 0, 0, 0, 0, 0, 1, lse ? 1 : 0};
  DimsAttr dims = DimsAttr::getDefault(builder.getContext());
  props.q_dims = props.k_dims = props.v_dims = props.o_dims = dims;
  for (int i = 0; i < 5; ++i)
    state.addRegion();
  for (Value init : {output, lse})
    if (init && isa<TensorType>(init.getType()))
      state.addTypes(init.getType());
}

MutableOperandRange AttentionOp::getDpsInitsMutable() {
  unsigned count = getLse() ? 2 : 1;
  return MutableOperandRange(*this, getOperation()->getNumOperands() - count, count);
}

int64_t AttentionOp::getExtent(Value tensor, DimsAttr dims, Logical which) {
  return cast<ShapedType>(tensor.getType()).getDimSize(dims.dimOf(which));
}

Block &AttentionOp::getOrCreateScoreBlock(OpBuilder &builder) {
  return getOrCreateBlock(getScore(), scoreRegionTypes(getContext()), builder, getLoc());
}
Block &AttentionOp::getOrCreateRowBlock(Region &region, OpBuilder &builder) {
  return getOrCreateBlock(region, rowRegionTypes(getContext()), builder, getLoc());
}

//===----------------------------------------------------------------------===//
// Assembly
//===----------------------------------------------------------------------===//

/// `keyword(%a, … : type, …)`
static ParseResult parseOperandGroup(OpAsmParser &parser, StringRef keyword,
                                     SmallVectorImpl<OpAsmParser::UnresolvedOperand> &operands,
                                     SmallVectorImpl<Type> &types) {
  SMLoc loc;
  if (parser.parseKeyword(keyword) || parser.parseLParen() || parser.getCurrentLocation(&loc) ||
      parser.parseOperandList(operands) || parser.parseColonTypeList(types) ||
      parser.parseRParen())
    return failure();
  if (operands.size() != types.size())
    return parser.emitError(loc) << "expected " << operands.size() << " types but got "
                                 << types.size();
  return success();
}

/// `dims(q = bthd, …)`
static ParseResult parseDims(OpAsmParser &parser, AttentionOp::Properties &props) {
  props.q_dims = props.k_dims = props.v_dims = props.o_dims =
      DimsAttr::getDefault(parser.getContext());
  if (failed(parser.parseOptionalKeyword("dims")))
    return success();
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, [&]() -> ParseResult {
    StringRef side, word;
    SMLoc sideLoc = parser.getCurrentLocation(), wordLoc;
    if (parser.parseKeyword(&side) || parser.parseEqual() ||
        parser.getCurrentLocation(&wordLoc) || parser.parseKeyword(&word))
      return failure();
    DimsAttr dims = DimsAttr::parseWord(parser.getContext(), word);
    if (!dims)
      return parser.emitError(wordLoc)
             << "expected a permutation of the letters b, h, t, d but got '" << word << "'";
    if (side == "q")
      props.q_dims = dims;
    else if (side == "k")
      props.k_dims = dims;
    else if (side == "v")
      props.v_dims = dims;
    else if (side == "o")
      props.o_dims = dims;
    else
      return parser.emitError(sideLoc) << "expected q, k, v or o but got '" << side << "'";
    return success();
  });
}

/// `sinks(%z : type)`
static ParseResult parseSinks(OpAsmParser &parser,
                              SmallVectorImpl<OpAsmParser::UnresolvedOperand> &operands,
                              SmallVectorImpl<Type> &types) {
  if (failed(parser.parseOptionalKeyword("sinks")))
    return success();
  return failure(parser.parseLParen() || parser.parseOperand(operands.emplace_back()) ||
                 parser.parseColonType(types.emplace_back()) || parser.parseRParen());
}

static ParseResult parseRegions(OpAsmParser &parser, OperationState &state) {
  MLIRContext *ctx = parser.getContext();
  for (StringRef name : kRowRegions) {
    Region *region = state.addRegion();
    if (succeeded(parser.parseOptionalKeyword(name)) &&
        parseRegionWithArgs(parser, *region, rowRegionTypes(ctx)))
      return failure();
  }
  Region *score = state.addRegion();
  if (succeeded(parser.parseOptionalKeyword("score")))
    return parseRegionWithArgs(parser, *score, scoreRegionTypes(ctx));
  return success();
}

ParseResult AttentionOp::parse(OpAsmParser &parser, OperationState &state) {
  SmallVector<OpAsmParser::UnresolvedOperand> ins, outs, sinks, valueRel;
  SmallVector<Type> inTypes, outTypes, sinkTypes, valueRelTypes;
  ParsedPositions positions;
  FloatAttr scale;
  SMLoc loc = parser.getCurrentLocation();
  Properties &props = state.getOrAddProperties<Properties>();
  if (parser.parseKeyword("scale") || parser.parseLParen() || parseScalar(parser, scale) ||
      parser.parseRParen() || parseOperandGroup(parser, "ins", ins, inTypes) ||
      parseOperandGroup(parser, "outs", outs, outTypes) || parseDims(parser, props) ||
      parsePositions(parser, positions) || parseSinks(parser, sinks, sinkTypes) ||
      parseValueRel(parser, valueRel, valueRelTypes, props.value_bucket) ||
      parser.parseOptionalAttrDictWithKeyword(state.attributes))
    return failure();
  if (ins.size() != 3)
    return parser.emitError(loc) << "expected ins(q, k, v) but got " << ins.size()
                                 << " operands";
  if (outs.empty() || outs.size() > 2)
    return parser.emitError(loc) << "expected outs(o) or outs(o, lse) but got " << outs.size()
                                 << " operands";
  props.scale = scale;
  auto present = [](const MaybeOperand &o) { return o ? 1 : 0; };
  props.operandSegmentSizes = {1,
                               1,
                               1,
                               present(positions.qPositions),
                               present(positions.kPositions),
                               present(positions.qOffset),
                               present(positions.kOffset),
                               int(sinks.size()),
                               int(valueRel.size()),
                               1,
                               int(outs.size()) - 1};
  if (parser.resolveOperands(ins, inTypes, loc, state.operands) ||
      resolvePositions(parser, positions, state) ||
      parser.resolveOperands(sinks, sinkTypes, loc, state.operands) ||
      parser.resolveOperands(valueRel, valueRelTypes, loc, state.operands) ||
      parser.resolveOperands(outs, outTypes, loc, state.operands))
    return failure();
  for (Type type : outTypes)
    if (isa<TensorType>(type))
      state.addTypes(type);
  return parseRegions(parser, state);
}

void AttentionOp::getAsmBlockArgumentNames(Region &region, OpAsmSetValueNameFn setNameFn) {
  nameRegionArgs(region, setNameFn);
}

void AttentionOp::print(OpAsmPrinter &printer) {
  auto group = [&](StringRef keyword, ValueRange operands) {
    printer << " " << keyword << "(" << operands << " : " << operands.getTypes() << ")";
  };
  printer << " scale(";
  printScalar(printer, getScaleAttr());
  printer << ")";
  group("ins", {getQ(), getK(), getV()});
  SmallVector<Value> outs{getOutput()};
  if (getLse())
    outs.push_back(getLse());
  group("outs", outs);

  SmallVector<std::pair<StringRef, DimsAttr>> dims;
  for (auto [side, attr] : {std::pair<StringRef, DimsAttr>{"q", getQDims()},
                            {"k", getKDims()},
                            {"v", getVDims()},
                            {"o", getODims()}})
    if (!attr.isIdentity())
      dims.push_back({side, attr});
  if (!dims.empty()) {
    printer << " dims(";
    llvm::interleaveComma(dims, printer, [&](auto &entry) {
      printer << entry.first << " = " << entry.second.getWord();
    });
    printer << ")";
  }
  printPositions(printer, getQPositions(), getKPositions(), getQOffset(), getKOffset());
  if (getSinks())
    group("sinks", getSinks());
  printValueRel(printer, getValueRel(), getValueBucketAttr());
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getAttrs(),
      {"scale", "value_bucket", "q_dims", "k_dims", "v_dims", "o_dims", "operandSegmentSizes"});
  for (auto [name, region] : llvm::zip_equal(kRowRegions, (*this)->getRegions().drop_back()))
    printRegionWithArgs(printer, name, region);
  printRegionWithArgs(printer, "score", getScore());
}

//===----------------------------------------------------------------------===//
// Verification
//===----------------------------------------------------------------------===//

/// (A1), (A2) and (A6): what the other checks build on.
static LogicalResult verifyOperandTypes(AttentionOp op) {
  for (auto [name, value] : {std::pair<StringRef, Value>{"q", op.getQ()},
                             {"k", op.getK()},
                             {"v", op.getV()},
                             {"o", op.getOutput()},
                             {"lse", op.getLse()},
                             {"sinks", op.getSinks()},
                             {"value_rel", op.getValueRel()}}) {
    if (!value)
      continue;
    auto type = cast<ShapedType>(value.getType());
    if (isa<TensorType>(type) != op.hasPureTensor())
      return op.emitOpError() << "(A6) expected all of q, k, v and outs to be tensors, or all "
                                 "memrefs, but got "
                              << name << " of type " << type;
    if (name == "sinks" || name == "value_rel") // (A14) to (A16)
      continue;
    int64_t rank = name == "lse" ? 3 : 4;
    if (!type.hasRank() || type.getRank() != rank)
      return op.emitOpError() << "(A1) expected " << name << " of rank " << rank << " but got "
                              << type;
    Type element = name == "lse" ? Float32Type::get(op.getContext()) : op.getElementType();
    if (type.getElementType() != element)
      return op.emitOpError() << "(A2) expected " << name << " of element type " << element
                              << " but got " << type.getElementType();
  }
  return success();
}

/// (A3): every pair of extents that must agree.
static LogicalResult verifyExtents(AttentionOp op) {
  using L = AttentionOp::Logical;
  struct Side {
    StringRef name;
    Value tensor;
    DimsAttr dims;
  };
  Side q{"q", op.getQ(), op.getQDims()}, k{"k", op.getK(), op.getKDims()},
      v{"v", op.getV(), op.getVDims()}, o{"o", op.getOutput(), op.getODims()};
  struct Rule {
    StringRef what;
    L dim;
    const Side &a, &b;
  };
  const Rule rules[] = {{"batch", L::Batch, q, k},      {"batch", L::Batch, q, v},
                        {"batch", L::Batch, q, o},      {"heads", L::Head, k, v},
                        {"length", L::Seq, k, v},       {"heads", L::Head, q, o},
                        {"length", L::Seq, q, o},       {"head size", L::Channel, q, k},
                        {"head size", L::Channel, v, o}};
  for (const Rule &rule : rules) {
    int64_t a = AttentionOp::getExtent(rule.a.tensor, rule.a.dims, rule.dim);
    int64_t b = AttentionOp::getExtent(rule.b.tensor, rule.b.dims, rule.dim);
    if (!compatible(a, b))
      return op.emitOpError() << "(A3) expected " << rule.a.name << " and " << rule.b.name
                              << " to agree in " << rule.what << " but got " << a << " and "
                              << b;
  }
  return success();
}

/// (A14) and (A15).
static LogicalResult verifySinks(AttentionOp op) {
  if (!op.getSinks())
    return success();
  auto type = cast<ShapedType>(op.getSinks().getType());
  int64_t heads = op.getQueryExtent(AttentionOp::Head);
  if (!type.hasRank() || type.getRank() != 1 || !compatible(type.getDimSize(0), heads))
    return op.emitOpError() << "(A14) expected sinks of shape [" << extentText(heads)
                            << "] but got " << type;
  if (!type.getElementType().isF32() && type.getElementType() != op.getElementType())
    return op.emitOpError() << "(A15) expected sinks of element type f32 or "
                            << op.getElementType() << " but got " << type.getElementType();
  return success();
}

/// (A4), (A5), (A7), (A13).
static LogicalResult verifyRest(AttentionOp op) {
  using L = AttentionOp::Logical;
  int64_t hq = op.getQueryExtent(L::Head), hk = op.getKeyExtent(L::Head);
  if (!ShapedType::isDynamic(hq) && !ShapedType::isDynamic(hk) && (hk == 0 || hq % hk != 0))
    return op.emitOpError() << "(A4) expected the number of query heads to be a multiple of "
                               "the number of key heads but got "
                            << hq << " and " << hk;
  if (!op.getScale().isFinite())
    return op.emitOpError() << "(A5) expected a finite scale but got " << op.getScaleAttr();
  if (op.getLse()) {
    auto type = cast<ShapedType>(op.getLse().getType());
    int64_t wanted[] = {op.getQueryExtent(L::Batch), hq, op.getQueryExtent(L::Seq)};
    for (auto [got, want] : llvm::zip_equal(type.getShape(), wanted))
      if (!compatible(got, want))
        return op.emitOpError() << "(A7) expected lse of shape [" << extentText(wanted[0])
                                << ", " << extentText(wanted[1]) << ", "
                                << extentText(wanted[2]) << "] but got " << type;
  }
  SmallVector<Type> results;
  for (OpOperand &init : op.getDpsInitsMutable())
    if (isa<TensorType>(init.get().getType()))
      results.push_back(init.get().getType());
  if (!llvm::equal(op->getResultTypes(), results)) {
    InFlightDiagnostic diag = op.emitOpError() << "(A13) expected results of types (";
    llvm::interleaveComma(results, diag);
    diag << ") but got (";
    llvm::interleaveComma(op->getResultTypes(), diag);
    return diag << ")";
  }
  return success();
}

LogicalResult AttentionOp::verify() {
  using L = Logical;
  if (failed(verifyOperandTypes(*this)) || failed(verifyExtents(*this)) ||
      failed(verifyRest(*this)) || failed(verifySinks(*this)) ||
      failed(verifyValueRel(*this)) ||
      failed(verifyPositions(*this, "q", getQPositions(), getQOffset(),
                             getQueryExtent(L::Batch), getQueryExtent(L::Seq), kScoreIds)))
    return failure();
  return verifyPositions(*this, "k", getKPositions(), getKOffset(), getQueryExtent(L::Batch),
                         getKeyExtent(L::Seq), kScoreIds);
}

/// (A19): a row is no value of its own, but what a kernel has while it loads, channel by
/// channel. Nothing can choose between two.
static LogicalResult verifyRows(AttentionOp op, StringRef name, Region &region) {
  auto hasRow = [](TypeRange types) { return llvm::any_of(types, llvm::IsaPred<RowType>); };
  WalkResult result = region.walk([&](Operation *nested) {
    bool transforms =
        isa<RowTransformOpInterface, YieldOp>(nested) && nested->getParentRegion() == &region;
    if (transforms || !(hasRow(nested->getOperandTypes()) || hasRow(nested->getResultTypes())))
      return WalkResult::advance();
    InFlightDiagnostic diag = op.emitOpError()
                              << "(A19) expected rows in region '" << name
                              << "' to pass through row transforms at its top level alone "
                                 "but got '"
                              << nested->getName() << "'";
    diag.attachNote(nested->getLoc()) << "the op";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

LogicalResult AttentionOp::verifyRegions() {
  MLIRContext *ctx = getContext();
  for (auto [name, region] : llvm::zip_equal(kRowRegions, (*this)->getRegions().drop_back()))
    if (failed(verifyRegion(*this, name, region, rowRegionTypes(ctx), RowType::get(ctx),
                            kRowIds)) ||
        failed(verifyRows(*this, name, region)))
      return failure();
  return verifyRegion(*this, "score", getScore(), scoreRegionTypes(ctx), Float32Type::get(ctx),
                      kScoreIds);
}

//===----------------------------------------------------------------------===//
// Interfaces
//===----------------------------------------------------------------------===//

LogicalResult AttentionOp::reifyResultShapes(OpBuilder &builder,
                                             ReifiedRankedShapedTypeDims &shapes) {
  if (!hasPureTensor())
    return failure();
  for (OpOperand &init : getDpsInitsMutable())
    shapes.push_back(tensor::getMixedSizes(builder, getLoc(), init.get()));
  return success();
}

void AttentionOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  MutableArrayRef<OpOperand> operands = getOperation()->getOpOperands();
  unsigned outs = getLse() ? 2 : 1;
  addMemrefEffects(operands.drop_back(outs), operands.take_back(outs), effects);
}
