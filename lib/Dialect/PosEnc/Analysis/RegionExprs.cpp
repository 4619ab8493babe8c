//===- RegionExprs.cpp - Score regions as expressions ---------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A modifier is read through its own scalar form, so that an op from elsewhere
// has its structure found without a word about it here.
//
//===----------------------------------------------------------------------===//

#include "RegionExprs.h"

#include "RelativeConstant.h"

#include "posenc/Dialect/PosEnc/Analysis/ConvertScalar.h"
#include "posenc/Dialect/PosEnc/IR/RowProduct.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::scalar;

/// A constant of more elements is a tensor like any other.
static constexpr int64_t kMaxKnownElements = 1 << 16;

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

/// Distances stay below this. A region that casts an index to a narrow integer
/// says itself that its positions fit.
static int64_t distanceLimit(Region &region) {
  int64_t limit = kMaxExtent;
  region.walk([&](arith::IndexCastOp cast) {
    auto type = dyn_cast<IntegerType>(cast.getType());
    if (type && type.getWidth() >= 16 && type.getWidth() < 64)
      limit = std::min(limit, int64_t(1) << (type.getWidth() - 1));
  });
  return limit;
}

/// The static lengths of queries and keys, dynamic where they are not known.
static std::pair<int64_t, int64_t> getLengths(Operation *owner) {
  if (auto attention = dyn_cast<AttentionOp>(owner))
    return {attention.getQueryExtent(AttentionOp::Seq),
            attention.getKeyExtent(AttentionOp::Seq)};
  ArrayRef<int64_t> shape =
      cast<ShapedType>(cast<ScoreMapOp>(owner).getOutput().getType()).getShape();
  return {shape[2], shape[3]};
}

RegionExprs::RegionExprs(ExprContext &cx, Operation *owner, KnownLengths lengths) : cx(cx) {
  Region &region = isa<AttentionOp>(owner) ? cast<AttentionOp>(owner).getScore()
                                           : cast<ScoreMapOp>(owner).getScore();
  block = &region.front();
  limit = distanceLimit(region);
  int64_t reach = limit / 4;
  score = cx.floatVar(block->getArgument(0).getType());
  batch = cx.varInRange(0, reach - 1);
  head = cx.varInRange(0, reach - 1);
  auto index = [&](int64_t length) {
    bool known = lengths == KnownLengths::Yes && !ShapedType::isDynamic(length) && length > 0;
    return cx.varInRange(0, (known ? std::min(length, reach) : reach) - 1);
  };
  auto [queries, keys] = getLengths(owner);
  query = index(queries);
  key = index(keys);
  channel = cx.varInRange(0, kMaxExtent - 1);
  Expr vars[] = {score, batch, head, query, key};
  for (auto [arg, var] : llvm::zip_equal(block->getArguments(), vars))
    known[arg] = var;
  addPositions(owner);
}

void RegionExprs::addPositions(Operation *owner) {
  Value offsets[2];
  auto read = [&](auto op) {
    positionOperands[0] = op.getQPositions();
    positionOperands[1] = op.getKPositions();
    offsets[0] = op.getQOffset();
    offsets[1] = op.getKOffset();
  };
  if (auto attention = dyn_cast<AttentionOp>(owner))
    read(attention);
  else
    read(cast<ScoreMapOp>(owner));
  Expr *results[2] = {&queryOffset, &keyOffset};
  for (unsigned side : {0, 1}) {
    // Consecutive positions are an offset, however they come.
    if (Value operand = positionOperands[side])
      if (auto producer = operand.getDefiningOp<PositionsOp>())
        if (!isa<FloatType>(getElementTypeOrSelf(operand.getType())) &&
            !producer.getBottomRight()) {
          offsets[side] = producer.getOffset();
          positionOperands[side] = {};
        }
    APInt constant;
    if (!offsets[side])
      *results[side] = cx.intConst(0);
    else if (matchPattern(offsets[side], m_ConstantInt(&constant)) &&
             constant.abs().ult(limit / 4))
      *results[side] = cx.intConst(constant.getSExtValue());
    else
      *results[side] = cx.varInRange(-(limit / 4), limit / 4);
    hasPositionOperands |= bool(positionOperands[side]);
  }
  // Which pairs there are is known once the positions have been read.
  block->walk([&](Operation *op) {
    if (isa<QPosOp, KPosOp>(op))
      of(op->getResult(0));
  });
  if (positions.empty() && floatPositions.empty())
    position(/*isQuery=*/true, std::nullopt), position(/*isQuery=*/false, std::nullopt);
}

/// The position of one side; also enters it into the list of pairs.
Expr RegionExprs::position(bool isQuery, std::optional<int64_t> axis) {
  Value operand = positionOperands[isQuery ? 0 : 1];
  Expr result;
  bool isFloat = operand && isa<FloatType>(getElementTypeOrSelf(operand.getType()));
  if (!operand) {
    result = cx.add(isQuery ? query : key, isQuery ? queryOffset : keyOffset);
  } else {
    Expr &var = positionVars[{isQuery ? 0 : 1, axis.value_or(-1)}];
    if (!var)
      var = isFloat ? cx.floatVar(Float32Type::get(cx.getContext()))
                    : cx.varInRange(-(limit / 4), limit / 4);
    result = var;
  }
  // One side's positions may have axes where the other's are its index.
  SmallVector<PositionPair> &list = isFloat ? floatPositions : positions;
  auto found = llvm::find_if(list, [&](PositionPair &pair) { return pair.axis == axis; });
  PositionPair &pair = found != list.end() ? *found : list.emplace_back();
  pair.axis = axis;
  (isQuery ? pair.query : pair.key) = result;
  return result;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// Whether the value is defined in the block, at any depth.
static bool isIn(Value value, Block *block) {
  if (!block)
    return false;
  Block *parent = value.getParentBlock();
  while (parent && parent != block)
    parent = parent->getParentOp() ? parent->getParentOp()->getBlock() : nullptr;
  return parent == block;
}

Expr RegionExprs::ofYielded() { return of(getYielded()); }

Expr RegionExprs::of(Value value) {
  // Operands first, without recursion: a region may be long.
  SmallVector<Value> stack{value};
  while (!stack.empty()) {
    Value next = stack.back();
    if (known.contains(next)) {
      stack.pop_back();
      continue;
    }
    auto result = dyn_cast<OpResult>(next);
    bool inside = result && (isIn(next, block) || isIn(next, scratch));
    bool constant = result && result.getOwner()->hasTrait<OpTrait::ConstantLike>();
    if (!inside && !constant) {
      bool scalarValue = isScalarType(next.getType());
      known[next] = scalarValue ? cx.sym(next) : cx.undef(next.getType(), next);
      stack.pop_back();
      continue;
    }
    size_t before = stack.size();
    for (Value operand : result.getOwner()->getOperands())
      if (!known.contains(operand) && !isa<ShapedType>(operand.getType()))
        stack.push_back(operand);
    if (stack.size() != before)
      continue;
    known[next] = convertOrGiveUp(result);
    stack.pop_back();
  }
  return known.lookup(value);
}

/// What nothing is known of is a symbol where it depends on captured values
/// alone.
Expr RegionExprs::convertOrGiveUp(OpResult value) {
  Operation *op = value.getOwner();
  if (Expr converted = convert(op, value.getResultNumber()))
    return converted;
  bool uniform = op->getNumRegions() == 0 && isScalarType(value.getType()) &&
                 !isIn(value, scratch) && llvm::all_of(op->getOperands(), [&](Value operand) {
                   return isa<ShapedType>(operand.getType()) ? !isIn(operand, block)
                                                             : known.lookup(operand)->vars == 0;
                 });
  return uniform ? cx.sym(value) : cx.undef(value.getType(), value);
}

Expr RegionExprs::convert(Operation *op, unsigned result) {
  auto axisOf = [](std::optional<uint64_t> axis) -> std::optional<int64_t> {
    return axis ? std::optional<int64_t>(*axis) : std::nullopt;
  };
  if (auto pos = dyn_cast<QPosOp>(op))
    return position(/*isQuery=*/true, axisOf(pos.getAxis()));
  if (auto pos = dyn_cast<KPosOp>(op))
    return position(/*isQuery=*/false, axisOf(pos.getAxis()));
  auto mod = dyn_cast<ScoreModOpInterface>(op);
  if (mod && mod.getForm() == ScoreModForm::LowRank)
    return convertLowRank(mod);
  if (mod)
    return mod.getForm() == ScoreModForm::Scalar || mod.getForm() == ScoreModForm::Product
               ? convertModifier(mod)
               : nullptr;
  if (isa<StageOpInterface>(op))
    return convertStage(op);
  if (auto extract = dyn_cast<tensor::ExtractOp>(op))
    return readElement(extract.getTensor(), extract.getIndices());
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return readElement(load.getMemRef(), load.getIndices());
  if (op->getNumRegions() != 0)
    return convertBranch(op, result);
  if (op->getNumResults() != 1 ||
      !isa_and_present<arith::ArithDialect, math::MathDialect>(op->getDialect()))
    return nullptr;
  SmallVector<Expr> operands;
  for (Value operand : op->getOperands())
    operands.push_back(known.lookup(operand));
  return convertScalarOp(cx, op, operands);
}

Expr RegionExprs::convertBranch(Operation *op, unsigned result) {
  auto branch = dyn_cast<scf::IfOp>(op);
  if (!branch || branch.getElseRegion().empty())
    return convertOpaque(op, result);
  Expr condition = known.lookup(branch.getCondition());
  Expr ifTrue = of(branch.thenYield().getOperand(result));
  return cx.select(condition, ifTrue, of(branch.elseYield().getOperand(result)));
}

/// Any f32, and another one for each score. Its number tells it from others.
Expr RegionExprs::convertStage(Operation *op) {
  int64_t number = 0;
  for (auto other : block->getOps<StageOpInterface>()) {
    if (other == op)
      break;
    ++number;
  }
  Attribute identity = IntegerAttr::get(IndexType::get(cx.getContext()), number);
  return cx.op(kStageResult, op->getResult(0).getType(), {batch, head, query, key}, identity);
}

/// A loop is some function of what it reads.
Expr RegionExprs::convertOpaque(Operation *op, unsigned result) {
  if (!isScalarType(op->getResult(result).getType()))
    return nullptr;
  SmallVector<Expr> inputs;
  llvm::SmallDenseSet<Value> seen;
  bool known = true;
  op->walk([&](Operation *nested) {
    // What reads the region's position has no operand for it.
    known &= !isa<QPosOp, KPosOp>(nested);
    for (Value operand : nested->getOperands()) {
      Operation *around = operand.getParentBlock()->getParentOp();
      bool inside = around && op->isAncestor(around);
      if (inside || isa<ShapedType>(operand.getType()) || !seen.insert(operand).second)
        continue;
      inputs.push_back(of(operand));
    }
  });
  if (!known)
    return nullptr;
  // No two of them are one, even if they read the same.
  Attribute identity = IntegerAttr::get(IndexType::get(cx.getContext()), numOpaque++);
  return cx.op(op->getName().getStringRef(), op->getResult(result).getType(), inputs, identity);
}

/// The elements of a constant that is not large, whatever keeps them.
static DenseElementsAttr getElements(Value tensor) {
  ElementsAttr elements;
  if (!matchPattern(tensor, m_Constant(&elements)) ||
      elements.getNumElements() > kMaxKnownElements)
    return {};
  auto resource = dyn_cast<DenseResourceElementsAttr>(elements);
  if (!resource)
    return dyn_cast<DenseElementsAttr>(elements);
  AsmResourceBlob *blob = resource.getRawHandle().getBlob();
  bool splat = false;
  // Booleans are kept in another way there than here.
  if (!blob || resource.getElementType().isInteger(1) ||
      !DenseElementsAttr::isValidRawBuffer(resource.getType(), blob->getData(), splat))
    return {};
  return DenseElementsAttr::getFromRawBuffer(resource.getType(), blob->getData());
}

Expr RegionExprs::readElement(Value tensor, ValueRange indices) {
  if (Value original = tensors.lookup(tensor))
    tensor = original;
  SmallVector<Expr> at;
  for (Value index : indices)
    at.push_back(of(index));
  Type element = getElementTypeOrSelf(tensor.getType());
  if (!isScalarType(element))
    return nullptr;
  bool inScratch = isIn(tensor, scratch);
  if (DenseElementsAttr elements = getElements(tensor)) {
    if (Expr relative = readAsDifference(cx, elements, at, query, key))
      return relative;
    return cx.readConstant(inScratch ? Value() : tensor, elements, at);
  }
  // A slice that the region takes is another one for each score.
  return inScratch || isIn(tensor, block) ? nullptr : cx.read(tensor, at);
}

/// The score and a sum over the channel, whatever the rank.
Expr RegionExprs::convertLowRank(ScoreModOpInterface mod) {
  std::optional<ScoreFactors> factors = mod.getFactors();
  if (!factors)
    return convertModifier(mod);
  Type f32 = Float32Type::get(cx.getContext());
  auto read = [&](unsigned tensor, ArrayRef<unsigned> indices) {
    SmallVector<Expr> at;
    for (unsigned index : indices)
      at.push_back(known.lookup(mod->getOperand(index)));
    at.push_back(channel);
    Expr element = cx.read(mod->getOperand(tensor), at);
    return element->type == f32 ? element : cx.op("arith.extf", f32, {element});
  };
  Expr sum = cx.op(
      kContraction, f32,
      {read(factors->left, factors->leftIndices), read(factors->right, factors->rightIndices)});
  if (factors->weight)
    sum = cx.op("arith.mulf", f32, {known.lookup(mod->getOperand(*factors->weight)), sum});
  return cx.op("arith.addf", f32, {known.lookup(mod.getScoreMutable().get()), sum});
}

/// The scalar form, and, of a product with rows of a table, which row: the product
/// itself is some function of that and of what the other rows are read at.
static std::pair<Value, Value> buildScalarForm(OpBuilder &builder, ScoreModOpInterface mod,
                                               ValueRange operands) {
  Value chosen;
  std::optional<ScoreProduct> product = mod.getProduct();
  if (mod.getForm() != ScoreModForm::Product || !product)
    return {mod.buildScalar(builder, mod.getLoc(), operands), chosen};
  Value result = mod.buildFromProduct(builder, mod.getLoc(), operands, [&](Value row) -> Value {
    chosen = row;
    return buildRowProduct(builder, mod.getLoc(), *product, operands, row);
  });
  return {result, chosen};
}

/// What the modifier's own scalar form is, built aside and read like a region.
Expr RegionExprs::convertModifier(ScoreModOpInterface mod) {
  Block built;
  SmallVector<Value> arguments;
  for (Value operand : mod->getOperands()) {
    BlockArgument argument = built.addArgument(operand.getType(), mod.getLoc());
    arguments.push_back(argument);
    if (isa<ShapedType>(operand.getType()))
      tensors[argument] = operand;
    else
      known[argument] = known.lookup(operand);
  }
  OpBuilder builder(mod.getContext());
  builder.setInsertionPointToEnd(&built);
  auto [result, row] = buildScalarForm(builder, mod, arguments);
  scratch = &built;
  Expr expr = result ? of(result) : nullptr;
  if (row)
    productRows[mod] = of(row);
  // These values are about to go; others may come to lie where they were.
  for (Value argument : arguments) {
    known.erase(argument);
    tensors.erase(argument);
  }
  built.walk([&](Operation *op) {
    for (Value value : op->getResults())
      known.erase(value);
  });
  scratch = nullptr;
  return expr;
}
