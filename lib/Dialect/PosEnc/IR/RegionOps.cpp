//===- RegionOps.cpp - What attention and score_map share -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionOps.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::regionops;

//===----------------------------------------------------------------------===//
// Assembly
//===----------------------------------------------------------------------===//

/// `q = %a` and `k = %b` in this order, either left out; then closes.
static ParseResult parseSides(OpAsmParser &parser, MaybeOperand &q, MaybeOperand &k) {
  auto side = [&](StringRef name, MaybeOperand &operand) -> ParseResult {
    if (failed(parser.parseOptionalKeyword(name)))
      return success();
    operand.emplace();
    return failure(parser.parseEqual() || parser.parseOperand(*operand));
  };
  if (side("q", q))
    return failure();
  bool more = !q || succeeded(parser.parseOptionalComma());
  if (more && side("k", k))
    return failure();
  if (!q && !k)
    return parser.emitError(parser.getCurrentLocation()) << "expected 'q' or 'k'";
  return success();
}

ParseResult regionops::parsePositions(OpAsmParser &parser, ParsedPositions &p) {
  if (succeeded(parser.parseOptionalKeyword("positions"))) {
    SmallVector<Type> types;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseLParen() || parseSides(parser, p.qPositions, p.kPositions) ||
        parser.parseColonTypeList(types) || parser.parseRParen())
      return failure();
    if (types.size() != size_t(p.qPositions.has_value()) + p.kPositions.has_value())
      return parser.emitError(loc) << "expected one type for each of the positions";
    if (p.qPositions)
      p.qType = types.front();
    if (p.kPositions)
      p.kType = types.back();
  }
  if (succeeded(parser.parseOptionalKeyword("offsets")))
    return failure(parser.parseLParen() || parseSides(parser, p.qOffset, p.kOffset) ||
                   parser.parseRParen());
  return success();
}

ParseResult regionops::resolvePositions(OpAsmParser &parser, const ParsedPositions &p,
                                        OperationState &state) {
  Type index = parser.getBuilder().getIndexType();
  auto resolve = [&](const MaybeOperand &operand, Type type) -> ParseResult {
    return operand ? parser.resolveOperand(*operand, type, state.operands) : success();
  };
  return failure(resolve(p.qPositions, p.qType) || resolve(p.kPositions, p.kType) ||
                 resolve(p.qOffset, index) || resolve(p.kOffset, index));
}

static void printSides(OpAsmPrinter &printer, StringRef keyword, Value q, Value k, bool types) {
  if (!q && !k)
    return;
  printer << " " << keyword << "(";
  if (q)
    printer << "q = " << q << (k ? ", " : "");
  if (k)
    printer << "k = " << k;
  if (types) {
    SmallVector<Type> list;
    for (Value v : {q, k})
      if (v)
        list.push_back(v.getType());
    printer << " : ";
    llvm::interleaveComma(list, printer);
  }
  printer << ")";
}

void regionops::printPositions(OpAsmPrinter &printer, Value qPositions, Value kPositions,
                               Value qOffset, Value kOffset) {
  printSides(printer, "positions", qPositions, kPositions, /*types=*/true);
  printSides(printer, "offsets", qOffset, kOffset, /*types=*/false);
}

ParseResult regionops::parseRegionWithArgs(OpAsmParser &parser, Region &region,
                                           ArrayRef<Type> types) {
  SmallVector<OpAsmParser::Argument> args;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseArgumentList(args, OpAsmParser::Delimiter::Paren))
    return failure();
  if (args.size() != types.size())
    return parser.emitError(loc) << "expected " << types.size() << " region arguments but got "
                                 << args.size();
  for (auto [arg, type] : llvm::zip_equal(args, types))
    arg.type = type;
  return parser.parseRegion(region, args);
}

void regionops::printRegionWithArgs(OpAsmPrinter &printer, StringRef keyword, Region &region) {
  if (region.empty())
    return;
  printer.printNewline();
  printer << "    " << keyword << "(";
  llvm::interleaveComma(region.getArguments(), printer,
                        [&](Value v) { printer.printOperand(v); });
  printer << ") ";
  printer.printRegion(region, /*printEntryBlockArgs=*/false);
}

void regionops::nameRegionArgs(Region &region, OpAsmSetValueNameFn setNameFn) {
  static constexpr StringLiteral scoreNames[] = {"s", "b", "h", "m", "n"};
  static constexpr StringLiteral rowNames[] = {"row", "b", "h", "t"};
  ArrayRef<StringLiteral> names =
      region.getNumArguments() == 5 ? ArrayRef(scoreNames) : ArrayRef(rowNames);
  // An invalid region is printed too.
  for (auto [arg, name] : llvm::zip(region.getArguments(), names))
    setNameFn(arg, name);
}

void regionops::printScalar(OpAsmPrinter &printer, FloatAttr value) {
  printer.printAttributeWithoutType(value);
}

ParseResult regionops::parseScalar(OpAsmParser &parser, FloatAttr &value) {
  // In f32 semantics: a hexadecimal literal gives the bits of an f32.
  APFloat number(APFloat::IEEEsingle());
  if (parser.parseFloat(APFloat::IEEEsingle(), number))
    return failure();
  value = FloatAttr::get(parser.getBuilder().getF32Type(), number);
  return success();
}

//===----------------------------------------------------------------------===//
// Regions
//===----------------------------------------------------------------------===//

SmallVector<Type> regionops::scoreRegionTypes(MLIRContext *ctx) {
  Type index = IndexType::get(ctx);
  return {Float32Type::get(ctx), index, index, index, index};
}
SmallVector<Type> regionops::rowRegionTypes(MLIRContext *ctx) {
  Type index = IndexType::get(ctx);
  return {RowType::get(ctx), index, index, index};
}

Block &regionops::getOrCreateBlock(Region &region, ArrayRef<Type> types, OpBuilder &builder,
                                   Location loc) {
  if (!region.empty())
    return region.front();
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<Location> locs(types.size(), loc);
  return *builder.createBlock(&region, region.begin(), types, locs);
}

//===----------------------------------------------------------------------===//
// Verification
//===----------------------------------------------------------------------===//

bool regionops::compatible(int64_t a, int64_t b) {
  return ShapedType::isDynamic(a) || ShapedType::isDynamic(b) || a == b;
}

std::string regionops::extentText(int64_t extent) {
  return ShapedType::isDynamic(extent) ? "?" : std::to_string(extent);
}

LogicalResult regionops::verifyPositions(Operation *op, StringRef side, Value positions,
                                         Value offset, int64_t batch, int64_t extent,
                                         const RegionIds &ids) {
  if (positions && offset)
    return op->emitOpError() << "(" << ids.exclusive << ") expected positions or an offset for "
                             << side << " but got both";
  if (!positions)
    return success();
  auto type = cast<ShapedType>(positions.getType());
  bool ranked = type.hasRank() && type.getRank() >= 1 && type.getRank() <= 3;
  if (!ranked || !compatible(type.getShape().back(), extent) ||
      (type.getRank() >= 2 && !compatible(type.getDimSize(type.getRank() - 2), batch)))
    return op->emitOpError() << "(" << ids.shape << ") expected positions of " << side
                             << " of shape [" << extentText(extent) << "], ["
                             << extentText(batch) << ", " << extentText(extent)
                             << "] or [axes, " << extentText(batch) << ", "
                             << extentText(extent) << "] but got " << positions.getType();
  return success();
}

LogicalResult regionops::verifyRegion(Operation *op, StringRef name, Region &region,
                                      ArrayRef<Type> types, Type yielded,
                                      const RegionIds &ids) {
  if (region.empty())
    return success();
  auto yield = region.hasOneBlock() && !region.front().empty()
                   ? dyn_cast<YieldOp>(region.front().back())
                   : YieldOp();
  if (!yield || !llvm::equal(region.getArgumentTypes(), types) ||
      yield.getValue().getType() != yielded) {
    InFlightDiagnostic diag = op->emitOpError() << "(" << ids.signature << ") expected region '"
                                                << name << "' to be one block that takes (";
    llvm::interleaveComma(types, diag);
    diag << ") and yields " << yielded << " but got (";
    llvm::interleaveComma(region.getArgumentTypes(), diag);
    diag << ")";
    if (yield)
      diag << " and " << yield.getValue().getType();
    return diag;
  }
  for (Operation &nested : region.front()) {
    std::optional<SmallVector<MemoryEffects::EffectInstance>> effects =
        getEffectsRecursively(&nested);
    bool readsOnly = effects && llvm::all_of(*effects, [](auto &effect) {
                       return isa<MemoryEffects::Read>(effect.getEffect());
                     });
    if (!readsOnly) {
      InFlightDiagnostic diag = op->emitOpError()
                                << "(" << ids.effects << ") expected ops in region '" << name
                                << "' to have no effects but reads but got '"
                                << nested.getName() << "'";
      diag.attachNote(nested.getLoc()) << "the op";
      return diag;
    }
  }
  return success();
}

void regionops::addMemrefEffects(
    MutableArrayRef<OpOperand> inputs, MutableArrayRef<OpOperand> outputs,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  auto add = [&](MutableArrayRef<OpOperand> operands, MemoryEffects::Effect *effect) {
    for (OpOperand &operand : operands)
      if (isa<BaseMemRefType>(operand.get().getType()))
        effects.emplace_back(effect, &operand, /*stage=*/0, /*effectOnFullRegion=*/true,
                             SideEffects::DefaultResource::get());
  };
  add(inputs, MemoryEffects::Read::get());
  add(outputs, MemoryEffects::Write::get());
}
