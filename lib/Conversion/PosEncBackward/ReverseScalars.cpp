//===- ReverseScalars.cpp - Reverse mode on scalar code -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReverseScalars.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::backward;

Type backward::getGradientType(Type type) {
  Type element = getElementTypeOrSelf(type);
  Type result = element.isF64() ? element : Float32Type::get(type.getContext());
  auto shaped = dyn_cast<ShapedType>(type);
  return shaped ? shaped.clone(result) : result;
}

bool backward::isFloatLike(Type type) {
  return isa<FloatType, ComplexType>(getElementTypeOrSelf(type));
}

SetVector<Value> backward::getRegionReads(Operation *op) {
  SetVector<Value> reads;
  for (Region &region : op->getRegions())
    region.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands()) {
        Operation *owner = operand.getDefiningOp();
        if (!owner)
          owner = cast<BlockArgument>(operand).getOwner()->getParentOp();
        bool argument = isa<BlockArgument>(operand) && owner == op;
        if (!argument && !(owner && op->isProperAncestor(owner)))
          reads.insert(operand);
      }
    });
  return reads;
}

Value backward::buildZero(OpBuilder &b, Location loc, Type type) {
  return arith::ConstantOp::create(b, loc, b.getFloatAttr(type, 0.0));
}

Value backward::buildFloatCast(OpBuilder &b, Location loc, Value value, Type type) {
  unsigned from = value.getType().getIntOrFloatBitWidth(), to = type.getIntOrFloatBitWidth();
  if (value.getType() == type)
    return value;
  if (from < to)
    return arith::ExtFOp::create(b, loc, type, value);
  if (from > to)
    return arith::TruncFOp::create(b, loc, type, value);
  // bf16 and f16 hold different values; both are exact in f32.
  Value wide = arith::ExtFOp::create(b, loc, b.getF32Type(), value);
  return arith::TruncFOp::create(b, loc, type, wide);
}

//===----------------------------------------------------------------------===//
// Activity
//===----------------------------------------------------------------------===//

void ReverseScalars::addLeaf(Value scalar, Value gradient) {
  active.insert(scalar);
  if (gradient)
    adjoints[scalar] = gradient;
}

void ReverseScalars::addTensor(Value tensor, Value accumulator) {
  active.insert(tensor);
  accumulators[tensor] = accumulator;
}

LogicalResult ReverseScalars::findActive(ArrayRef<Operation *> ops) {
  for (Operation *op : ops)
    if (failed(findActiveOf(op)))
      return failure();
  return success();
}

/// All ops of a block but its terminator.
static SmallVector<Operation *> getOps(Block &block) {
  return llvm::map_to_vector(block.without_terminator(), [](Operation &op) { return &op; });
}

LogicalResult ReverseScalars::findActiveInLoop(scf::ForOp loop) {
  // What an iteration carries may only become active by the one before.
  size_t known;
  do {
    known = active.size();
    for (auto [init, arg, yielded] :
         llvm::zip_equal(loop.getInitArgs(), loop.getRegionIterArgs(), loop.getYieldedValues()))
      if (isActive(init) || isActive(yielded))
        active.insert(arg);
    if (failed(findActive(getOps(*loop.getBody()))))
      return failure();
    for (auto [arg, yielded, result] :
         llvm::zip_equal(loop.getRegionIterArgs(), loop.getYieldedValues(), loop.getResults()))
      if (isActive(arg) || isActive(yielded))
        active.insert(result);
  } while (active.size() != known);
  return success();
}

LogicalResult ReverseScalars::findActiveInBranches(scf::IfOp branch) {
  for (Region &region : branch->getRegions()) {
    if (region.empty())
      continue;
    if (failed(findActive(getOps(region.front()))))
      return failure();
    for (auto [yielded, result] :
         llvm::zip_equal(region.front().getTerminator()->getOperands(), branch.getResults()))
      if (isActive(yielded))
        active.insert(result);
  }
  return success();
}

LogicalResult ReverseScalars::findActiveOf(Operation *op) {
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return findActiveInLoop(loop);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return findActiveInBranches(branch);
  SetVector<Value> reads = getRegionReads(op);
  reads.insert(op->operand_begin(), op->operand_end());
  if (llvm::none_of(reads, [&](Value read) { return isActive(read); }))
    return success();
  // The bits of a float, as an integer, would carry a dependence that nobody follows.
  if (isa<arith::BitcastOp>(op))
    return op->emitOpError("expected a value without a gradient but got one with");
  for (Value result : op->getResults())
    if (isFloatLike(result.getType()))
      active.insert(result);
  return success();
}

//===----------------------------------------------------------------------===//
// Adjoints
//===----------------------------------------------------------------------===//

void ReverseScalars::propagate(Location loc, Value value, function_ref<Value()> build) {
  if (isActive(value))
    seed(loc, value, build());
}

void ReverseScalars::seed(Location loc, Value scalar, Value gradient) {
  if (!isActive(scalar))
    return;
  gradient = buildFloatCast(builder, loc, gradient, getGradientType(scalar.getType()));
  Value &adjoint = adjoints[scalar];
  adjoint =
      adjoint ? arith::AddFOp::create(builder, loc, adjoint, gradient).getResult() : gradient;
}

Value ReverseScalars::getAdjointOrZero(Location loc, Value scalar) {
  if (Value adjoint = getAdjoint(scalar))
    return adjoint;
  return buildZero(builder, loc, getGradientType(scalar.getType()));
}

void ReverseScalars::accumulate(Location loc, Value tensor, ValueRange indices,
                                Value gradient) {
  auto found = accumulators.find(tensor);
  if (found == accumulators.end())
    return;
  Value &accumulator = found->second;
  Value sum = tensor::ExtractOp::create(builder, loc, accumulator, indices);
  gradient = buildFloatCast(builder, loc, gradient, sum.getType());
  sum = arith::AddFOp::create(builder, loc, sum, gradient);
  accumulator = tensor::InsertOp::create(builder, loc, sum, accumulator, indices);
}

LogicalResult ReverseScalars::reverse(ArrayRef<Operation *> ops) {
  for (Operation *op : llvm::reverse(ops))
    if (failed(reverseOp(op)))
      return failure();
  return success();
}

LogicalResult ReverseScalars::reverseOp(Operation *op) {
  if (llvm::none_of(op->getResults(), [&](Value result) { return getAdjoint(result); }))
    return success();
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return reverseFor(loop);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return reverseIf(branch);
  if (auto mod = dyn_cast<ScoreModOpInterface>(op))
    return reverseModifier(mod);
  if (auto extract = dyn_cast<tensor::ExtractOp>(op)) {
    if (accumulators.contains(extract.getTensor())) {
      accumulate(op->getLoc(), extract.getTensor(), extract.getIndices(),
                 getAdjoint(extract.getResult()));
      return success();
    }
    // A leaf: its adjoint is what the caller wants.
    if (!isActive(extract.getTensor()))
      return success();
  }
  bool scalar = op->getNumRegions() == 0 && llvm::all_of(op->getResultTypes(), [](Type type) {
                  return isa<FloatType>(type);
                });
  if (scalar && op->getNumResults() == 1 &&
      succeeded(applyScalarRule(*this, op, getAdjoint(op->getResult(0)))))
    return success();
  return op->emitOpError("has no derivative");
}

namespace {
/// What a modifier states, into a scope.
struct ScopeSink final : GradientSink {
  ScopeSink(ReverseScalars &scope, Location loc) : scope(scope), loc(loc) {}
  void add(Value value, Value gradient) override { scope.seed(loc, value, gradient); }
  void addElement(Value tensor, ValueRange indices, Value gradient) override {
    scope.accumulate(loc, tensor, indices, gradient);
  }

  ReverseScalars &scope;
  Location loc;
};
} // namespace

LogicalResult ReverseScalars::reverseModifier(ScoreModOpInterface mod) {
  Location loc = mod.getLoc();
  Value old = mod->getResult(0), gradient = getAdjoint(old);
  ScopeSink sink(*this, loc);
  if (mod.buildDerivative(builder, loc, mod->getOperands(), old, gradient, sink))
    return success();
  OpBuilder before(mod);
  Operation *previous = mod->getPrevNode();
  Value result = mod.buildScalar(before, loc, mod->getOperands());
  SmallVector<Operation *> built;
  Operation *op = previous ? previous->getNextNode() : &mod->getBlock()->front();
  for (; op != mod; op = op->getNextNode())
    built.push_back(op);
  // The modifier itself stays, unread: its result is a key.
  old.replaceAllUsesWith(result);
  if (failed(findActive(built)))
    return failure();
  seed(loc, result, gradient);
  return reverse(built);
}

//===----------------------------------------------------------------------===//
// Loops and branches
//===----------------------------------------------------------------------===//

SmallVector<Value> ReverseScalars::getOuterScalars(Operation *op) {
  SmallVector<Value> outer;
  for (Value read : getRegionReads(op))
    if (isActive(read) && isa<FloatType>(read.getType()))
      outer.push_back(read);
  return outer;
}

/// The adjoints of `outer`, then all accumulators: what passes through a loop.
SmallVector<Value> ReverseScalars::getState(Location loc, ArrayRef<Value> outer) {
  SmallVector<Value> state;
  for (Value scalar : outer)
    state.push_back(getAdjointOrZero(loc, scalar));
  for (auto &[tensor, accumulator] : accumulators)
    state.push_back(accumulator);
  return state;
}

void ReverseScalars::setState(ArrayRef<Value> outer, ValueRange state) {
  for (auto [scalar, adjoint] : llvm::zip(outer, state))
    adjoints[scalar] = adjoint;
  for (auto [entry, value] : llvm::zip_equal(accumulators, state.drop_front(outer.size())))
    entry.second = value;
}

/// `mapping` maps the block's arguments, `seeds` are the adjoints of what it
/// yields (null for none). Returns the adjoints of `leaves` (what the arguments
/// are mapped to), then the state.
FailureOr<SmallVector<Value>>
ReverseScalars::reverseBlock(OpBuilder &b, Block &block, IRMapping &mapping,
                             ArrayRef<Value> leaves, ArrayRef<Value> outer,
                             ArrayRef<Value> seeds, ValueRange state) {
  Location loc = block.getParentOp()->getLoc();
  ReverseScalars scope(b);
  for (auto &[tensor, accumulator] : accumulators)
    scope.addTensor(tensor, accumulator);
  for (Value scalar : outer)
    scope.addLeaf(scalar);
  scope.setState(outer, state);
  for (Value leaf : leaves)
    scope.addLeaf(leaf);
  SmallVector<Operation *> ops;
  for (Operation &op : block.without_terminator())
    ops.push_back(b.clone(op, mapping));
  if (failed(scope.findActive(ops)))
    return failure();
  for (auto [yielded, gradient] : llvm::zip_equal(block.getTerminator()->getOperands(), seeds))
    if (gradient)
      scope.seed(loc, mapping.lookupOrDefault(yielded), gradient);
  if (failed(scope.reverse(ops)))
    return failure();
  SmallVector<Value> results;
  for (Value leaf : leaves)
    results.push_back(scope.getAdjointOrZero(loc, leaf));
  llvm::append_range(results, scope.getState(loc, outer));
  return results;
}

/// max(ceil((ub − lb) / step), 0).
static Value buildTripCount(OpBuilder &b, scf::ForOp loop) {
  Location loc = loop.getLoc();
  Value length = arith::SubIOp::create(b, loc, loop.getUpperBound(), loop.getLowerBound());
  Value count = arith::CeilDivSIOp::create(b, loc, length, loop.getStep());
  Value zero = arith::ConstantOp::create(b, loc, b.getIntegerAttr(count.getType(), 0));
  return arith::MaxSIOp::create(b, loc, count, zero);
}

/// What the iteration `iv` of `loop` gets as arguments. Computed anew for every
/// iteration: nothing has to be stored, and where the derivative does not read
/// them (sums), the loop is dead.
static SmallVector<Value> buildCarried(OpBuilder &b, scf::ForOp loop, Value iv) {
  if (loop.getInitArgs().empty())
    return {};
  auto again = scf::ForOp::create(
      b, loop.getLoc(), loop.getLowerBound(), iv, loop.getStep(), loop.getInitArgs(),
      [&](OpBuilder &inner, Location loc, Value number, ValueRange carried) {
        IRMapping mapping;
        mapping.map(loop.getInductionVar(), number);
        mapping.map(loop.getRegionIterArgs(), carried);
        for (Operation &op : *loop.getBody())
          inner.clone(op, mapping);
      });
  return llvm::to_vector_of<Value>(again.getResults());
}

LogicalResult ReverseScalars::reverseFor(scf::ForOp loop) {
  Location loc = loop.getLoc();
  SmallVector<unsigned> carried;
  SmallVector<Value> inits;
  for (auto [number, arg] : llvm::enumerate(loop.getRegionIterArgs())) {
    if (!isActive(arg))
      continue;
    if (!isa<FloatType>(arg.getType()))
      return loop.emitOpError() << "expected scalars but got " << arg.getType()
                                << ", whose derivative is not known";
    carried.push_back(number);
    inits.push_back(getAdjointOrZero(loc, loop.getResult(number)));
  }
  SmallVector<Value> outer = getOuterScalars(loop);
  llvm::append_range(inits, getState(loc, outer));

  Value count = buildTripCount(builder, loop);
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getIntegerAttr(count.getType(), 0));
  Value one =
      arith::ConstantOp::create(builder, loc, builder.getIntegerAttr(count.getType(), 1));
  LogicalResult result = success();
  auto body = [&](OpBuilder &b, Location, Value number, ValueRange state) {
    Value last = arith::SubIOp::create(b, loc, count, one);
    Value reversed = arith::SubIOp::create(b, loc, last, number);
    Value distance = arith::MulIOp::create(b, loc, reversed, loop.getStep());
    Value iv = arith::AddIOp::create(b, loc, loop.getLowerBound(), distance);
    SmallVector<Value> args = buildCarried(b, loop, iv);
    IRMapping mapping;
    mapping.map(loop.getInductionVar(), iv);
    mapping.map(loop.getRegionIterArgs(), args);
    SmallVector<Value> leaves, seeds(args.size());
    for (auto [position, which] : llvm::enumerate(carried)) {
      leaves.push_back(args[which]);
      seeds[which] = state[position];
    }
    auto next = reverseBlock(b, *loop.getBody(), mapping, leaves, outer, seeds,
                             state.drop_front(carried.size()));
    result = failed(next) ? failure() : success();
    scf::YieldOp::create(b, loc, failed(next) ? SmallVector<Value>(state) : *next);
  };
  auto reversed = scf::ForOp::create(builder, loc, zero, count, one, inits, body);
  if (failed(result))
    return failure();
  setState(outer, reversed.getResults().drop_front(carried.size()));
  for (auto [position, which] : llvm::enumerate(carried))
    seed(loc, loop.getInitArgs()[which], reversed.getResult(position));
  return success();
}

LogicalResult ReverseScalars::reverseIf(scf::IfOp branch) {
  Location loc = branch.getLoc();
  SmallVector<Value> outer = getOuterScalars(branch);
  SmallVector<Value> state = getState(loc, outer);
  SmallVector<Value> seeds;
  for (Value result : branch.getResults())
    seeds.push_back(getAdjoint(result));
  LogicalResult result = success();
  auto reverseInto = [&](Region &region) {
    return [&](OpBuilder &b, Location) {
      IRMapping mapping;
      auto next = reverseBlock(b, region.front(), mapping, {}, outer, seeds, state);
      if (failed(next))
        result = failure();
      scf::YieldOp::create(b, loc, failed(next) ? state : *next);
    };
  };
  auto reversed = scf::IfOp::create(builder, loc, branch.getCondition(),
                                    reverseInto(branch.getThenRegion()),
                                    reverseInto(branch.getElseRegion()));
  if (failed(result))
    return failure();
  setState(outer, reversed.getResults());
  return success();
}
