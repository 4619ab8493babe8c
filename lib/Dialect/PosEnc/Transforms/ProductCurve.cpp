//===- ProductCurve.cpp - Products of rows with all rows of a table -------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProductCurve.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::posenc;

/// The arguments of a score region, by number.
enum Argument : unsigned { kScore = 0, kBatch = 1, kHead = 2, kQuery = 3, kKey = 4 };

ProductCurve::ProductCurve(ScoreModOpInterface mod) : mod(mod), product(mod.getProduct()) {
  owner = mod->getParentOp();
  while (owner && !isa<AttentionOp, ScoreMapOp>(owner))
    owner = owner->getParentOp();
  if (auto attention = dyn_cast_or_null<AttentionOp>(owner)) {
    if (attention.getScore().isAncestor(mod->getParentRegion()))
      block = &attention.getScore().front();
  } else if (auto map = dyn_cast_or_null<ScoreMapOp>(owner)) {
    block = &map.getScore().front();
  }
  if (!product)
    return;
  auto operand = [&](unsigned tensor, OperandSpan indices) {
    return Operand{mod->getOperand(tensor),
                   mod->getOperands().slice(indices.first, indices.count)};
  };
  rows.emplace(operand(product->rowsOperand, product->rowsIndices));
  table.emplace(operand(product->tableOperand, product->tableIndices));
  if (product->biasOperand)
    bias.emplace(operand(*product->biasOperand, product->biasIndices));
}

//===----------------------------------------------------------------------===//
// Whether
//===----------------------------------------------------------------------===//

bool ProductCurve::isTensorOutside(Value value) const {
  return isa<RankedTensorType>(value.getType()) &&
         !owner->isAncestor(value.getParentBlock()->getParentOp());
}

/// The region's arguments that `index` is computed from. False if it is computed
/// from something else than these and values from outside, or by an op that may
/// not run for each of them.
bool ProductCurve::collectArguments(Value index, Arguments &arguments) const {
  if (auto argument = dyn_cast<BlockArgument>(index);
      argument && argument.getOwner() == block) {
    unsigned number = argument.getArgNumber();
    if (!llvm::is_contained(arguments, number))
      arguments.push_back(number);
    return number != kScore;
  }
  if (!owner->isAncestor(index.getParentBlock()->getParentOp()))
    return true;
  Operation *op = index.getDefiningOp();
  bool always = op && op->getNumRegions() == 0 && !isa<QPosOp, KPosOp>(op) &&
                (isPure(op) || (op->getBlock() == block && isMemoryEffectFree(op)));
  return always && llvm::all_of(op->getOperands(), [&](Value operand) {
           return collectArguments(operand, arguments);
         });
}

bool ProductCurve::collectArguments(const Operand &operand, Arguments &arguments) const {
  bool found = llvm::all_of(operand.indices,
                            [&](Value index) { return collectArguments(index, arguments); });
  llvm::sort(arguments);
  return found;
}

std::string ProductCurve::whyNot(int64_t maxRatio) {
  if (!block || !product)
    return "the op does not say which rows it multiplies";
  // There are rows for what a branch is not taken for, too, and its indices may be
  // outside of their tensors.
  if (mod->getBlock() != block)
    return "it stands in a region of another op, which need not run";
  if (!isTensorOutside(rows->tensor) || !isTensorOutside(table->tensor) ||
      (bias && !isTensorOutside(bias->tensor)))
    return "it reads what is no tensor from outside the region";
  if (!collectArguments(*rows, rowArguments) || !collectArguments(*table, tableArguments) ||
      (bias && !collectArguments(*bias, rowArguments)))
    return "an index is computed from more than batch, head, query and key";
  allArguments = rowArguments;
  for (unsigned argument : tableArguments)
    if (!llvm::is_contained(allArguments, argument))
      allArguments.push_back(argument);
  llvm::sort(allArguments);
  bool atQuery = llvm::is_contained(allArguments, kQuery);
  bool atKey = llvm::is_contained(allArguments, kKey);
  if (atQuery && atKey)
    return "it reads rows at the query and at the key";
  // Elements per score: the table's rows over the extents that the curve has not.
  int64_t numRows = cast<ShapedType>(table->tensor.getType()).getDimSize(0);
  int64_t shared = 1;
  for (unsigned argument : {unsigned(kQuery), unsigned(kKey)})
    if (!llvm::is_contained(allArguments, argument)) {
      std::optional<int64_t> extent = getStaticExtent(argument);
      if (!extent)
        return "";
      shared *= *extent;
    }
  bool large = !ShapedType::isDynamic(numRows) && shared * maxRatio < numRows;
  return large ? "the table has " + std::to_string(numRows) + " rows for " +
                     std::to_string(shared) + " scores of each row"
               : "";
}

//===----------------------------------------------------------------------===//
// Extents
//===----------------------------------------------------------------------===//

/// A tensor dimension whose extent is the argument's.
std::pair<Value, int64_t> ProductCurve::getDimension(unsigned argument) const {
  if (auto map = dyn_cast<ScoreMapOp>(owner))
    return {map.getOutput(), argument - kBatch};
  auto attention = cast<AttentionOp>(owner);
  if (argument == kKey)
    return {attention.getK(), attention.getKDims().dimOf(AttentionOp::Seq)};
  constexpr AttentionOp::Logical logical[] = {AttentionOp::Batch, AttentionOp::Head,
                                              AttentionOp::Seq};
  return {attention.getQ(), attention.getQDims().dimOf(logical[argument - kBatch])};
}

std::optional<int64_t> ProductCurve::getStaticExtent(unsigned argument) const {
  auto [tensor, dim] = getDimension(argument);
  int64_t extent = cast<ShapedType>(tensor.getType()).getDimSize(dim);
  return ShapedType::isDynamic(extent) ? std::nullopt : std::optional<int64_t>(extent);
}

SmallVector<OpFoldResult> ProductCurve::getExtents(OpBuilder &b,
                                                   ArrayRef<unsigned> arguments) const {
  SmallVector<OpFoldResult> extents;
  for (unsigned argument : arguments) {
    auto [tensor, dim] = getDimension(argument);
    extents.push_back(tensor::getMixedSize(b, mod->getLoc(), tensor, dim));
  }
  return extents;
}

/// That of the first operand which knows it statically.
OpFoldResult ProductCurve::getNumChannels(OpBuilder &b) const {
  for (const std::optional<Operand> &operand : {rows, table, bias}) {
    if (!operand)
      continue;
    int64_t extent = cast<ShapedType>(operand->tensor.getType()).getShape().back();
    if (!ShapedType::isDynamic(extent))
      return b.getIndexAttr(extent);
  }
  int64_t last = cast<ShapedType>(rows->tensor.getType()).getRank() - 1;
  return tensor::getMixedSize(b, mod->getLoc(), rows->tensor, last);
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

/// A value of the region, for the arguments that `mapping` knows.
Value ProductCurve::rebuild(OpBuilder &b, Value value, IRMapping &mapping) const {
  if (Value built = mapping.lookupOrNull(value))
    return built;
  Operation *op = value.getDefiningOp();
  if (!op || !owner->isAncestor(op))
    return value;
  for (Value operand : op->getOperands())
    rebuild(b, operand, mapping);
  b.clone(*op, mapping);
  return mapping.lookup(value);
}

/// In a generic over `arguments`, d and, for the table, its row: the operand's
/// element as an f32.
Value ProductCurve::readElement(OpBuilder &b, Location loc, const Operand &operand,
                                ArrayRef<unsigned> arguments, bool isTable) const {
  IRMapping mapping;
  for (auto [loop, argument] : llvm::enumerate(arguments))
    mapping.map(block->getArgument(argument),
                linalg::IndexOp::create(b, loc, loop).getResult());
  SmallVector<Value> at;
  if (isTable)
    at.push_back(linalg::IndexOp::create(b, loc, arguments.size() + 1));
  for (Value index : operand.indices)
    at.push_back(rebuild(b, index, mapping));
  at.push_back(linalg::IndexOp::create(b, loc, arguments.size()));
  Value element = tensor::ExtractOp::create(b, loc, operand.tensor, at);
  return convertScalarToDtype(b, loc, element, b.getF32Type(), /*isUnsignedCast=*/false);
}

/// A new f32 tensor of these extents, element by element.
static Value buildForEach(OpBuilder &b, Location loc, ArrayRef<OpFoldResult> extents,
                          function_ref<Value(OpBuilder &, Location)> element) {
  Value init = tensor::EmptyOp::create(b, loc, extents, b.getF32Type());
  int64_t rank = extents.size();
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(b, loc, init.getType(), ValueRange{}, init,
                                           b.getMultiDimIdentityMap(rank), iterators,
                                           [&](OpBuilder &b, Location loc, ValueRange) {
                                             linalg::YieldOp::create(b, loc, element(b, loc));
                                           });
  return generic.getResult(0);
}

/// x + u over the arguments and d.
Value ProductCurve::buildRows(OpBuilder &b, Location loc) const {
  SmallVector<OpFoldResult> extents = getExtents(b, rowArguments);
  extents.push_back(getNumChannels(b));
  return buildForEach(b, loc, extents, [&](OpBuilder &b, Location loc) {
    Value x = readElement(b, loc, *rows, rowArguments, /*isTable=*/false);
    if (!bias)
      return x;
    Value u = readElement(b, loc, *bias, rowArguments, /*isTable=*/false);
    return arith::AddFOp::create(b, loc, x, u).getResult();
  });
}

/// t over the arguments, d and the row: the row is last there and in the curve, so
/// that the product's innermost loop is contiguous.
Value ProductCurve::buildTable(OpBuilder &b, Location loc) const {
  SmallVector<OpFoldResult> extents = getExtents(b, tableArguments);
  extents.push_back(getNumChannels(b));
  extents.push_back(tensor::getMixedSize(b, loc, table->tensor, 0));
  return buildForEach(b, loc, extents, [&](OpBuilder &b, Location loc) {
    return readElement(b, loc, *table, tableArguments, /*isTable=*/true);
  });
}

Value ProductCurve::build(OpBuilder &b) const {
  Location loc = mod->getLoc();
  Value x = buildRows(b, loc), t = buildTable(b, loc);
  SmallVector<OpFoldResult> extents = getExtents(b, allArguments);
  extents.push_back(tensor::getMixedSize(b, loc, table->tensor, 0));
  Value empty = tensor::EmptyOp::create(b, loc, extents, b.getF32Type());
  Value zero = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0.0f));
  Value init = linalg::FillOp::create(b, loc, zero, empty).getResult(0);
  // Loops: the arguments, d, the row.
  unsigned count = allArguments.size();
  auto mapOf = [&](ArrayRef<unsigned> arguments, bool channel, bool row) {
    SmallVector<AffineExpr> exprs;
    for (unsigned argument : arguments)
      exprs.push_back(
          b.getAffineDimExpr(llvm::find(allArguments, argument) - allArguments.begin()));
    if (channel)
      exprs.push_back(b.getAffineDimExpr(count));
    if (row)
      exprs.push_back(b.getAffineDimExpr(count + 1));
    return AffineMap::get(count + 2, 0, exprs, b.getContext());
  };
  AffineMap maps[] = {mapOf(rowArguments, true, false), mapOf(tableArguments, true, true),
                      mapOf(allArguments, false, true)};
  SmallVector<utils::IteratorType> iterators(count + 2, utils::IteratorType::parallel);
  iterators[count] = utils::IteratorType::reduction;
  auto generic =
      linalg::GenericOp::create(b, loc, init.getType(), ValueRange{x, t}, init, maps, iterators,
                                [](OpBuilder &b, Location loc, ValueRange in) {
                                  Value term = arith::MulFOp::create(b, loc, in[0], in[1]);
                                  Value sum = arith::AddFOp::create(b, loc, in[2], term);
                                  linalg::YieldOp::create(b, loc, sum);
                                });
  return generic.getResult(0);
}

SmallVector<Value> ProductCurve::getIndices(Value row) const {
  SmallVector<Value> indices;
  for (unsigned argument : allArguments)
    indices.push_back(block->getArgument(argument));
  indices.push_back(row);
  return indices;
}
