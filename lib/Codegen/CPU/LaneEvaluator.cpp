//===- LaneEvaluator.cpp - Scalar code on the lanes of a vector -----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LaneEvaluator.h"

#include "VectorHelpers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mlir::posenc::cpu;

Value LaneEvaluator::evaluate(ScalarCode code, ArrayRef<LaneValue> arguments) {
  // The scalar code lives in an op of its own while it is translated.
  OpBuilder detached(builder.getContext());
  OwningOpRef<scf::ExecuteRegionOp> holder =
      scf::ExecuteRegionOp::create(detached, builder.getLoc(), TypeRange());
  Block &block = holder->getRegion().emplaceBlock();
  SmallVector<Value> scalars;
  for (const LaneValue &argument : arguments) {
    if (argument.kind == LaneValue::Uniform) {
      scalars.push_back(argument.scalar);
      continue;
    }
    Type type = argument.kind == LaneValue::Counting
                    ? argument.scalar.getType()
                    : cast<VectorType>(argument.vector.getType()).getElementType();
    scalars.push_back(block.addArgument(type, builder.getLoc()));
    values[scalars.back()] = argument;
  }
  OpBuilder inside = OpBuilder::atBlockEnd(&block);
  Value result = code(inside, scalars);
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (!isCarried(op)) {
      scf::ExecuteRegionOp rest = wrapFrom(op, result);
      visitLanes(*rest);
      return getVector(rest.getResult(0));
    }
    visit(op);
  }
  return getVector(result);
}

bool LaneEvaluator::isUniform(Operation &op) {
  SetVector<Value> used(op.operand_begin(), op.operand_end());
  getUsedValuesDefinedAbove(op.getRegions(), used);
  return llvm::all_of(used, [&](Value v) { return get(v).kind == LaneValue::Uniform; });
}

/// Whether vectors can hold what `op` gives on every lane: they hold scalars,
/// not complex numbers, vectors or views.
bool LaneEvaluator::isCarried(Operation &op) {
  return llvm::all_of(op.getResultTypes(), [](Type t) { return t.isIntOrIndexOrFloat(); }) ||
         isUniform(op);
}

/// The code from `first` to the end of its block as one op with the value of
/// `result`.
scf::ExecuteRegionOp LaneEvaluator::wrapFrom(Operation &first, Value result) {
  Block *block = first.getBlock();
  OpBuilder inside(&first);
  auto rest = scf::ExecuteRegionOp::create(inside, first.getLoc(), TypeRange(result.getType()));
  Block &body = rest.getRegion().emplaceBlock();
  body.getOperations().splice(body.end(), block->getOperations(), first.getIterator(),
                              block->end());
  inside.setInsertionPointToEnd(&body);
  scf::YieldOp::create(inside, first.getLoc(), result);
  return rest;
}

LaneValue LaneEvaluator::get(Value scalar) {
  auto known = values.find(scalar);
  return known == values.end() ? LaneValue::uniform(scalar) : known->second;
}

Value LaneEvaluator::getVector(Value scalar) {
  LaneValue value = get(scalar);
  if (value.kind == LaneValue::Varying)
    return value.vector;
  VectorType type = vectorOf(scalar.getType());
  Value vector = vector::BroadcastOp::create(builder, type, value.scalar);
  if (value.kind == LaneValue::Counting) {
    SmallVector<Attribute> steps;
    for (int64_t lane = 0; lane < width; ++lane)
      steps.push_back(builder.getIntegerAttr(scalar.getType(), lane));
    Value step = arith::ConstantOp::create(builder, DenseElementsAttr::get(type, steps));
    vector = arith::AddIOp::create(builder, vector, step);
  }
  return vector;
}

void LaneEvaluator::visit(Operation &op) {
  if (isUniform(op))
    return visitUniform(op);
  if (visitAligned(op) || visitCounting(op))
    return;
  if (auto load = dyn_cast<memref::LoadOp>(op); load && visitLoad(load))
    return;
  if (!visitElementwise(op))
    visitLanes(op);
}

void LaneEvaluator::visitUniform(Operation &op) {
  IRMapping mapping;
  SetVector<Value> used(op.operand_begin(), op.operand_end());
  getUsedValuesDefinedAbove(op.getRegions(), used);
  for (Value v : used)
    mapping.map(v, get(v).scalar);
  Operation *clone = uniform.clone(op, mapping);
  // What folds may be a constant that tells more below.
  SmallVector<Value> results;
  bool folds = succeeded(uniform.tryFold(clone, results)) && !results.empty();
  if (folds)
    clone->erase();
  else
    results.assign(clone->result_begin(), clone->result_end());
  for (auto [from, to] : llvm::zip_equal(op.getResults(), results))
    values[from] = LaneValue::uniform(to);
}

/// A constant that is a multiple of the width.
bool LaneEvaluator::isMultiple(Value scalar) {
  LaneValue value = get(scalar);
  if (value.kind != LaneValue::Uniform)
    return false;
  std::optional<int64_t> constant = getConstantIntValue(value.scalar);
  return constant && *constant % width == 0;
}

bool LaneEvaluator::visitAlignedCompare(arith::CmpIOp compare) {
  using P = arith::CmpIPredicate;
  P predicate = compare.getPredicate();
  LaneValue lanes = get(compare.getLhs());
  LaneValue right = get(compare.getRhs());
  std::optional<int64_t> bound;
  if (right.kind == LaneValue::Uniform)
    bound = getConstantIntValue(right.scalar);
  bool isLess = predicate == P::slt || predicate == P::ult;
  bool isMore = predicate == P::sge || predicate == P::uge;
  if (lanes.kind != LaneValue::Counting || !lanes.isAligned || !bound || *bound % width != 0 ||
      !(isLess || isMore))
    return false;
  bool always = lanes.limit && (isLess ? *bound >= *lanes.limit : *bound <= 0);
  Value result;
  if (always)
    result = arith::ConstantIntOp::create(builder, 1, 1);
  else
    result = arith::CmpIOp::create(builder, predicate, lanes.scalar, right.scalar);
  values[compare] = LaneValue::uniform(result);
  return true;
}

/// All lanes of an aligned value compare alike with a multiple of the width: the
/// halves of a row that is rotated are told apart once per vector.
bool LaneEvaluator::visitAligned(Operation &op) {
  auto operand = [&](unsigned i) { return get(op.getOperand(i)); };
  auto isAligned = [&](unsigned i) {
    return operand(i).kind == LaneValue::Counting && operand(i).isAligned;
  };
  if (auto compare = dyn_cast<arith::CmpIOp>(op))
    return visitAlignedCompare(compare);
  if (auto choice = dyn_cast<arith::SelectOp>(op)) {
    LaneValue a = operand(1), b = operand(2);
    if (operand(0).kind == LaneValue::Uniform && matchPattern(operand(0).scalar, m_One())) {
      values[choice] = a;
      return true;
    }
    if (operand(0).kind != LaneValue::Uniform || a.kind != LaneValue::Counting ||
        b.kind != LaneValue::Counting)
      return false;
    LaneValue result = LaneValue::counting(
        arith::SelectOp::create(builder, operand(0).scalar, a.scalar, b.scalar));
    result.isAligned = a.isAligned && b.isAligned;
    values[choice] = result;
    return true;
  }
  if (!isa<arith::RemUIOp>(op) || !isAligned(0) || !isMultiple(op.getOperand(1)))
    return false;
  values[op.getResult(0)] = LaneValue::alignedCounting(
      arith::RemUIOp::create(builder, operand(0).scalar, operand(1).scalar));
  return true;
}

/// Sums with a uniform value and widenings keep counting: the index of a load
/// stays recognisable as contiguous.
bool LaneEvaluator::visitCounting(Operation &op) {
  auto is = [&](unsigned i, LaneValue::Kind kind) {
    return get(op.getOperand(i)).kind == kind;
  };
  Value first;
  // Only constants are known to be multiples.
  bool isAligned = llvm::all_of(op.getOperands(), [&](Value v) {
    return get(v).kind == LaneValue::Counting ? get(v).isAligned : isMultiple(v);
  });
  auto scalar = [&](unsigned i) { return get(op.getOperand(i)).scalar; };
  auto isZero = [&](unsigned i) {
    return is(i, LaneValue::Uniform) && isConstantIntValue(scalar(i), 0);
  };
  if (isa<arith::AddIOp, arith::SubIOp>(op) && is(0, LaneValue::Counting) && isZero(1)) {
    values[op.getResult(0)] = LaneValue(get(op.getOperand(0)));
    return true;
  }
  if (isa<arith::AddIOp>(op)) {
    if (!(is(0, LaneValue::Counting) && is(1, LaneValue::Uniform)) &&
        !(is(0, LaneValue::Uniform) && is(1, LaneValue::Counting)))
      return false;
    first = arith::AddIOp::create(builder, scalar(0), scalar(1));
  } else if (isa<arith::SubIOp>(op)) {
    if (!is(0, LaneValue::Counting) || !is(1, LaneValue::Uniform))
      return false;
    first = arith::SubIOp::create(builder, scalar(0), scalar(1));
  } else if (isa<arith::IndexCastOp>(op)) {
    // A narrow integer may wrap between lanes, which widening would lose.
    Type from = op.getOperand(0).getType(), to = op.getResult(0).getType();
    if (!is(0, LaneValue::Counting) || !(from.isIndex() || from.isInteger(64)) ||
        !to.isIntOrIndex())
      return false;
    first = arith::IndexCastOp::create(builder, to, scalar(0));
  } else {
    return false;
  }
  values[op.getResult(0)] =
      isAligned ? LaneValue::alignedCounting(first) : LaneValue::counting(first);
  return true;
}

//===----------------------------------------------------------------------===//
// Loads
//===----------------------------------------------------------------------===//

/// A zero of any scalar type, splatted.
static Value buildZero(ImplicitLocOpBuilder &builder, Type type) {
  return arith::ConstantOp::create(builder, builder.getZeroAttr(type));
}

bool LaneEvaluator::visitLoad(memref::LoadOp load) {
  Type element = load.getType();
  // Booleans are bytes in memory but bits in a vector.
  if (!element.isIntOrIndexOrFloat() || element.isInteger(1) ||
      get(load.getMemRef()).kind != LaneValue::Uniform)
    return false;
  Value vector = buildContiguousLoad(load);
  if (!vector)
    vector = buildGather(load);
  if (!vector)
    return false;
  values[load.getResult()] = LaneValue::varying(vector);
  return true;
}

/// x[…, first + lane] with stride 1; null if it is anything else.
Value LaneEvaluator::buildContiguousLoad(memref::LoadOp load) {
  auto indices = load.getIndices();
  SmallVector<int64_t> strides;
  int64_t offset;
  if (indices.empty() || get(indices.back()).kind != LaneValue::Counting ||
      failed(load.getMemRefType().getStridesAndOffset(strides, offset)) || strides.back() != 1)
    return {};
  for (Value index : indices.drop_back())
    if (get(index).kind != LaneValue::Uniform)
      return {};
  SmallVector<Value> at;
  for (Value index : indices)
    at.push_back(get(index).scalar);
  VectorType type = vectorOf(load.getType());
  return vector::MaskedLoadOp::create(builder, type, get(load.getMemRef()).scalar, at, mask,
                                      buildZero(builder, type));
}

/// x at indices of which any vary, through a flat view of x.
Value LaneEvaluator::buildGather(memref::LoadOp load) {
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(load.getMemRefType().getStridesAndOffset(strides, offset)))
    return {};
  FlatView view = buildFlatView(uniform, get(load.getMemRef()).scalar);
  Value position;
  for (auto [index, stride] : llvm::zip_equal(load.getIndices(), view.strides)) {
    Value wide = vector::BroadcastOp::create(builder, vectorOf(builder.getIndexType()), stride);
    Value part = arith::MulIOp::create(builder, getVector(index), wide);
    position = position ? arith::AddIOp::create(builder, position, part).getResult() : part;
  }
  Value zero = arith::ConstantIndexOp::create(builder, 0);
  VectorType type = vectorOf(load.getType());
  return vector::GatherOp::create(builder, type, view.memref, zero, position, mask,
                                  buildZero(builder, type));
}

//===----------------------------------------------------------------------===//
// Everything else
//===----------------------------------------------------------------------===//

/// Element-wise ops take vectors as they take scalars.
bool LaneEvaluator::visitElementwise(Operation &op) {
  auto isPlain = [](Type t) { return t.isIntOrIndexOrFloat(); };
  if (!OpTrait::hasElementwiseMappableTraits(&op) || !isMemoryEffectFree(&op) ||
      !llvm::all_of(op.getOperandTypes(), isPlain) ||
      !llvm::all_of(op.getResultTypes(), isPlain))
    return false;
  OperationState state(builder.getLoc(), op.getName());
  for (Value operand : op.getOperands())
    state.operands.push_back(getVector(operand));
  // A lane that is off may divide by zero, which traps.
  if (isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp, arith::CeilDivSIOp,
          arith::CeilDivUIOp, arith::FloorDivSIOp>(op)) {
    VectorType type = vectorOf(op.getResult(0).getType());
    Value one = arith::ConstantOp::create(
        builder, DenseElementsAttr::get(type, builder.getOneAttr(type.getElementType())));
    state.operands[1] = arith::SelectOp::create(builder, mask, state.operands[1], one);
  }
  for (Type type : op.getResultTypes())
    state.types.push_back(vectorOf(type));
  state.addAttributes(op.getAttrs());
  Operation *wide = builder.create(state);
  for (auto [from, to] : llvm::zip_equal(op.getResults(), wide->getResults()))
    values[from] = LaneValue::varying(to);
  return true;
}

/// Any other op runs once per lane that is on.
void LaneEvaluator::visitLanes(Operation &op) {
  SetVector<Value> used(op.operand_begin(), op.operand_end());
  getUsedValuesDefinedAbove(op.getRegions(), used);
  DenseMap<Value, Value> vectors;
  for (Value v : used)
    if (get(v).kind != LaneValue::Uniform)
      vectors[v] = getVector(v);
  SmallVector<Value> results;
  for (Type type : op.getResultTypes())
    results.push_back(buildZero(builder, vectorOf(type)));
  for (int64_t lane = 0; lane < width; ++lane) {
    Value on = vector::ExtractOp::create(builder, mask, lane);
    auto branch = scf::IfOp::create(builder, TypeRange(results), on, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.thenBlock());
    IRMapping mapping;
    for (Value v : used) {
      auto vector = vectors.find(v);
      mapping.map(v, vector == vectors.end()
                         ? get(v).scalar
                         : vector::ExtractOp::create(builder, vector->second, lane));
    }
    Operation *clone = builder.clone(op, mapping);
    SmallVector<Value> inserted;
    for (auto [result, vector] : llvm::zip_equal(clone->getResults(), results))
      inserted.push_back(vector::InsertOp::create(builder, result, vector, lane));
    scf::YieldOp::create(builder, inserted);
    builder.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(builder, results);
    results.assign(branch.getResults().begin(), branch.getResults().end());
  }
  for (auto [from, to] : llvm::zip_equal(op.getResults(), results))
    values[from] = LaneValue::varying(to);
}
