//===- ReverseGeneric.cpp - Reverse mode on linalg.generic ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// The body is copied and reversed, in the same loops. Where an element of a source
// is named by some of the loops, the others become a reduction: a gather. Any other
// source is scattered to, by sequential loops in the op's order. Both give the same
// bits every time, on any number of threads.
//
// An element whose result has the gradient 0 contributes nothing, whatever its
// derivative is: the distance of a hidden key may well have an infinite one.
//===----------------------------------------------------------------------===//

#include "ReverseTensors.h"

#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::backward;

/// Whether any of the gradients of one element is not 0 (or NaN).
static Value buildAnyGradient(OpBuilder &b, Location loc, ArrayRef<Value> gradients) {
  Value any;
  for (Value gradient : gradients) {
    Value zero = buildZero(b, loc, gradient.getType());
    Value is = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNE, gradient, zero);
    any = any ? arith::OrIOp::create(b, loc, any, is).getResult() : is;
  }
  return any;
}

/// Copies the body's ops; indices of the loops become `ivs` where they are given.
static SmallVector<Operation *> cloneBody(OpBuilder &b, linalg::GenericOp op,
                                          IRMapping &mapping, ValueRange ivs) {
  SmallVector<Operation *> ops;
  for (Operation &inner : op.getBody()->without_terminator()) {
    auto index = dyn_cast<linalg::IndexOp>(inner);
    if (index && !ivs.empty()) {
      mapping.map(index.getResult(), ivs[index.getDim()]);
      continue;
    }
    Operation *copy = b.clone(inner, mapping);
    if (!ivs.empty())
      copy->walk([&](linalg::IndexOp nested) {
        nested.getResult().replaceAllUsesWith(ivs[nested.getDim()]);
        nested.erase();
      });
    ops.push_back(copy);
  }
  return ops;
}

/// Seeds the adjoints of what the copied body yields.
static void seedResults(ReverseScalars &scope, const GenericGradient &generic,
                        const IRMapping &mapping, ArrayRef<Value> elements) {
  const Value *element = elements.begin();
  linalg::GenericOp op = generic.op;
  ValueRange yielded = op.getBody()->getTerminator()->getOperands();
  for (auto [value, gradient] : llvm::zip_equal(yielded, generic.gradients))
    if (gradient)
      scope.seed(op.getLoc(), mapping.lookupOrDefault(value), *element++);
}

/// Whether the copy has to read the init's element: a sum's is not there yet,
/// and its derivative does not depend on it.
static bool readsInit(linalg::GenericOp op, OpOperand &init) {
  return op.getNumReductionLoops() == 0 && !op.getMatchingBlockArgument(&init).use_empty();
}

//===----------------------------------------------------------------------===//
// Gather
//===----------------------------------------------------------------------===//

namespace {
/// Inputs of the reversed generic: those of the op, then the gradients.
struct GatherInputs {
  GatherInputs(const GenericGradient &generic) {
    linalg::GenericOp op = generic.op;
    for (OpOperand &operand : op->getOpOperands()) {
      if (op.isDpsInit(&operand) && !readsInit(op, operand))
        continue;
      args.push_back(op.getMatchingBlockArgument(&operand));
      values.push_back(operand.get());
      maps.push_back(op.getMatchingIndexingMap(&operand));
    }
    for (auto [gradient, init] : llvm::zip_equal(generic.gradients, op.getDpsInitsMutable())) {
      if (!gradient)
        continue;
      values.push_back(gradient);
      maps.push_back(op.getMatchingIndexingMap(&init));
    }
  }

  /// The op's block arguments that the first inputs stand for.
  SmallVector<BlockArgument> args;
  SmallVector<Value> values;
  SmallVector<AffineMap> maps;
};
} // namespace

/// The sum of the adjoints of `leaves` (values of the op's body) for one
/// element.
static FailureOr<Value> buildGathered(OpBuilder &b, const GenericGradient &generic,
                                      const GatherInputs &inputs, ArrayRef<Value> leaves,
                                      ValueRange elements, Type type) {
  linalg::GenericOp op = generic.op;
  Location loc = op.getLoc();
  IRMapping mapping;
  for (auto [arg, element] : llvm::zip(inputs.args, elements))
    mapping.map(arg, element);
  for (BlockArgument init : op.getRegionOutputArgs())
    if (!mapping.contains(init) && isFloatLike(init.getType()))
      mapping.map(init, buildZero(b, loc, init.getType()));
  SmallVector<Operation *> ops = cloneBody(b, op, mapping, {});
  ReverseScalars scope(b);
  for (Value leaf : leaves)
    scope.addLeaf(mapping.lookup(leaf));
  if (failed(scope.findActive(ops)))
    return failure();
  SmallVector<Value> gradients(elements.drop_front(inputs.args.size()).drop_back());
  seedResults(scope, generic, mapping, gradients);
  if (failed(scope.reverse(ops)))
    return failure();
  Value zero = buildZero(b, loc, type), sum;
  for (Value leaf : leaves) {
    Value adjoint = scope.getAdjoint(mapping.lookup(leaf));
    if (!adjoint)
      continue;
    adjoint = buildFloatCast(b, loc, adjoint, type);
    sum = sum ? arith::AddFOp::create(b, loc, sum, adjoint).getResult() : adjoint;
  }
  if (!sum)
    return zero;
  // What is passed on as it is, is 0 where it is 0.
  if (gradients.size() == 1 && sum == gradients.front())
    return sum;
  Value any = buildAnyGradient(b, loc, gradients);
  return arith::SelectOp::create(b, loc, any, sum, zero).getResult();
}

static FailureOr<Value> gather(OpBuilder &b, const GenericGradient &generic,
                               ArrayRef<Value> leaves, AffineMap target, Value gradient) {
  linalg::GenericOp op = generic.op;
  GatherInputs inputs(generic);
  SmallVector<AffineMap> maps = inputs.maps;
  maps.push_back(target);
  SmallVector<utils::IteratorType> loops(op.getNumLoops(), utils::IteratorType::reduction);
  for (AffineExpr expr : target.getResults())
    loops[cast<AffineDimExpr>(expr).getPosition()] = utils::IteratorType::parallel;
  LogicalResult result = success();
  auto generic_ = linalg::GenericOp::create(
      b, op.getLoc(), gradient.getType(), inputs.values, gradient, maps, loops,
      [&](OpBuilder &inner, Location loc, ValueRange elements) {
        Value before = elements.back();
        auto sum = buildGathered(inner, generic, inputs, leaves, elements, before.getType());
        result = failed(sum) ? failure() : success();
        Value after = failed(sum) ? before : arith::AddFOp::create(inner, loc, before, *sum);
        linalg::YieldOp::create(inner, loc, after);
      });
  if (failed(result))
    return failure();
  return generic_.getResult(0);
}

FailureOr<Value> backward::gatherOperand(OpBuilder &b, const GenericGradient &generic,
                                         OpOperand &operand, Value gradient) {
  linalg::GenericOp op = generic.op;
  Value leaf = op.getMatchingBlockArgument(&operand);
  return gather(b, generic, leaf, op.getMatchingIndexingMap(&operand), gradient);
}

/// The loops that index all reads of `tensor`, if they do; `reads` are its
/// elements.
static std::optional<SmallVector<unsigned>> getIndexingLoops(linalg::GenericOp op, Value tensor,
                                                             SmallVectorImpl<Value> &reads) {
  std::optional<SmallVector<unsigned>> loops;
  for (Operation *user : tensor.getUsers()) {
    if (!op->isProperAncestor(user) || isa<tensor::DimOp>(user))
      continue;
    auto extract = dyn_cast<tensor::ExtractOp>(user);
    if (!extract || user->getBlock() != op.getBody())
      return std::nullopt;
    SmallVector<unsigned> indices;
    for (Value index : extract.getIndices()) {
      auto loop = index.getDefiningOp<linalg::IndexOp>();
      if (!loop || llvm::is_contained(indices, loop.getDim()))
        return std::nullopt;
      indices.push_back(loop.getDim());
    }
    if (loops && *loops != indices)
      return std::nullopt;
    loops = indices;
    reads.push_back(extract.getResult());
  }
  return loops;
}

/// Whether a loop runs over the whole of a dimension, as far as that is known.
static bool coversDim(linalg::GenericOp op, unsigned loop, Value tensor, unsigned dim) {
  int64_t size = cast<RankedTensorType>(tensor.getType()).getDimSize(dim);
  int64_t range = op.getStaticLoopRanges()[loop];
  if (ShapedType::isStatic(size) && ShapedType::isStatic(range))
    return size == range;
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<RankedTensorType>(operand.get().getType()))
      continue;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    AffineExpr wanted = getAffineDimExpr(loop, op.getContext());
    for (auto [position, expr] : llvm::enumerate(map.getResults())) {
      if (expr != wanted)
        continue;
      FailureOr<bool> equal = ValueBoundsConstraintSet::areEqual(
          {tensor, int64_t(dim)}, {operand.get(), int64_t(position)});
      if (succeeded(equal) && *equal)
        return true;
    }
  }
  return false;
}

FailureOr<Value> backward::gatherCapture(OpBuilder &b, const GenericGradient &generic,
                                         Value tensor, Value gradient) {
  linalg::GenericOp op = generic.op;
  SmallVector<Value> reads;
  std::optional<SmallVector<unsigned>> loops = getIndexingLoops(op, tensor, reads);
  if (!loops)
    return Value();
  for (auto [dim, loop] : llvm::enumerate(*loops))
    if (!coversDim(op, loop, tensor, dim))
      return Value();
  SmallVector<AffineExpr> exprs;
  for (unsigned loop : *loops)
    exprs.push_back(getAffineDimExpr(loop, b.getContext()));
  AffineMap target = AffineMap::get(op.getNumLoops(), /*symbolCount=*/0, exprs, b.getContext());
  return gather(b, generic, reads, target, gradient);
}

//===----------------------------------------------------------------------===//
// Scatter
//===----------------------------------------------------------------------===//

static Value buildElement(OpBuilder &b, Location loc, Value operand, AffineMap map,
                          ValueRange ivs) {
  if (!isa<TensorType>(operand.getType()))
    return operand;
  std::optional<SmallVector<Value, 8>> at = affine::expandAffineMap(b, loc, map, ivs);
  assert(at && "maps of linalg.generic have no semi-affine parts");
  return tensor::ExtractOp::create(b, loc, operand, *at);
}

/// Reverses the body for one point and returns the sums with what it adds.
static FailureOr<SmallVector<Value>> scatterPoint(OpBuilder &b, const GenericGradient &generic,
                                                  ArrayRef<Value> sources,
                                                  ArrayRef<Value> elements, ValueRange ivs,
                                                  ValueRange sums) {
  linalg::GenericOp op = generic.op;
  Location loc = op.getLoc();
  ReverseScalars scope(b);
  for (auto [source, sum] : llvm::zip_equal(sources, sums)) {
    if (isa<TensorType>(source.getType()))
      scope.addTensor(source, sum);
    else
      scope.addLeaf(source, sum);
  }
  IRMapping mapping;
  SmallVector<Operation *> ops;
  for (OpOperand &operand : op->getOpOperands()) {
    BlockArgument arg = op.getMatchingBlockArgument(&operand);
    if (op.isDpsInit(&operand) && !readsInit(op, operand)) {
      if (!arg.use_empty() && isFloatLike(arg.getType()))
        mapping.map(arg, buildZero(b, loc, arg.getType()));
      continue;
    }
    Value element =
        buildElement(b, loc, operand.get(), op.getMatchingIndexingMap(&operand), ivs);
    if (isa<TensorType>(operand.get().getType()))
      ops.push_back(element.getDefiningOp());
    mapping.map(arg, element);
  }
  llvm::append_range(ops, cloneBody(b, op, mapping, ivs));
  if (failed(scope.findActive(ops)))
    return failure();
  seedResults(scope, generic, mapping, elements);
  if (failed(scope.reverse(ops)))
    return failure();
  SmallVector<Value> results;
  for (Value source : sources)
    results.push_back(isa<TensorType>(source.getType()) ? scope.getAccumulator(source)
                                                        : scope.getAdjointOrZero(loc, source));
  return results;
}

LogicalResult backward::scatter(OpBuilder &b, const GenericGradient &generic,
                                ArrayRef<Value> sources, SmallVectorImpl<Value> &gradients) {
  linalg::GenericOp op = generic.op;
  Location loc = op.getLoc();
  SmallVector<Value> lower, upper, steps;
  for (Range range : cast<linalg::LinalgOp>(op.getOperation()).createLoopRanges(b, loc)) {
    lower.push_back(getValueOrCreateConstantIndexOp(b, loc, range.offset));
    upper.push_back(getValueOrCreateConstantIndexOp(b, loc, range.size));
    steps.push_back(getValueOrCreateConstantIndexOp(b, loc, range.stride));
  }
  LogicalResult result = success();
  auto body = [&](OpBuilder &inner, Location, ValueRange ivs, ValueRange sums) {
    SmallVector<Value> elements;
    for (auto [gradient, init] : llvm::zip_equal(generic.gradients, op.getDpsInitsMutable()))
      if (gradient)
        elements.push_back(
            buildElement(inner, loc, gradient, op.getMatchingIndexingMap(&init), ivs));
    auto contribute = [&](OpBuilder &then, Location) {
      auto next = scatterPoint(then, generic, sources, elements, ivs, sums);
      result = failed(next) ? failure() : success();
      scf::YieldOp::create(then, loc, failed(next) ? SmallVector<Value>(sums) : *next);
    };
    auto guarded = scf::IfOp::create(
        inner, loc, buildAnyGradient(inner, loc, elements), contribute,
        [&](OpBuilder &other, Location) { scf::YieldOp::create(other, loc, sums); });
    return scf::ValueVector(guarded.getResults());
  };
  scf::LoopNest nest = scf::buildLoopNest(b, loc, lower, upper, steps, gradients, body);
  if (failed(result))
    return failure();
  llvm::copy(nest.results, gradients.begin());
  return success();
}
