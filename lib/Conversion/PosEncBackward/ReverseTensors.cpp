//===- ReverseTensors.cpp - Reverse mode on ops on tensors ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReverseTensors.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::backward;

//===----------------------------------------------------------------------===//
// Tensors of gradients
//===----------------------------------------------------------------------===//

Value backward::buildZeros(OpBuilder &b, Location loc, Value tensor) {
  auto type = cast<RankedTensorType>(getGradientType(tensor.getType()));
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, tensor);
  Value empty = tensor::EmptyOp::create(b, loc, sizes, type.getElementType());
  Value zero = buildZero(b, loc, type.getElementType());
  return linalg::FillOp::create(b, loc, zero, empty).getResult(0);
}

/// linalg.generic over all elements of tensors of one shape.
static Value buildElementwise(OpBuilder &b, Location loc, ValueRange inputs, Type element,
                              function_ref<Value(OpBuilder &, ValueRange)> build) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, inputs.front());
  Value init = tensor::EmptyOp::create(b, loc, sizes, element);
  unsigned rank = sizes.size();
  SmallVector<AffineMap> maps(inputs.size() + 1, b.getMultiDimIdentityMap(rank));
  SmallVector<utils::IteratorType> loops(rank, utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, loc, init.getType(), inputs, init, maps, loops,
      [&](OpBuilder &inner, Location l, ValueRange elements) {
        linalg::YieldOp::create(inner, l, build(inner, elements.drop_back()));
      });
  return generic.getResult(0);
}

Value backward::buildTensorCast(OpBuilder &b, Location loc, Value tensor, Type element) {
  if (getElementTypeOrSelf(tensor.getType()) == element)
    return tensor;
  return buildElementwise(b, loc, tensor, element, [&](OpBuilder &inner, ValueRange elements) {
    return buildFloatCast(inner, loc, elements[0], element);
  });
}

void ReverseTensors::add(Location loc, Value value, Value gradient) {
  if (!isActive(value))
    return;
  Type element = getElementTypeOrSelf(getGradientType(value.getType()));
  bool tensor = isa<TensorType>(value.getType());
  gradient = tensor ? buildTensorCast(builder, loc, gradient, element)
                    : buildFloatCast(builder, loc, gradient, element);
  Value &sum = gradients[value];
  auto addElements = [&](OpBuilder &b, Value x, Value y) -> Value {
    return arith::AddFOp::create(b, loc, x, y);
  };
  if (!sum)
    sum = gradient;
  else if (!tensor)
    sum = addElements(builder, sum, gradient);
  else
    sum = buildElementwise(builder, loc, {sum, gradient}, element,
                           [&](OpBuilder &b, ValueRange elements) {
                             return addElements(b, elements[0], elements[1]);
                           });
}

Value ReverseTensors::getGradientOrZero(Location loc, Value value) {
  if (Value gradient = gradients.lookup(value))
    return gradient;
  if (isa<TensorType>(value.getType()))
    return buildZeros(builder, loc, value);
  return buildZero(builder, loc, getGradientType(value.getType()));
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

void ReverseTensors::findActive(ArrayRef<Operation *> ops) {
  for (Operation *op : ops) {
    SetVector<Value> reads = getRegionReads(op);
    reads.insert(op->operand_begin(), op->operand_end());
    if (llvm::none_of(reads, [&](Value read) { return isActive(read); }))
      continue;
    for (Value result : op->getResults())
      if (isFloatLike(result.getType()) && !constants.contains(result))
        active.insert(result);
  }
}

LogicalResult ReverseTensors::reverse(ArrayRef<Operation *> ops) {
  for (Operation *op : llvm::reverse(ops))
    if (failed(reverseOp(op)))
      return failure();
  return success();
}

LogicalResult ReverseTensors::reverseOp(Operation *op) {
  if (llvm::none_of(op->getResults(), [&](Value v) { return gradients.lookup(v); }))
    return success();
  for (Value result : op->getResults()) {
    auto found = stated.find(result);
    if (found == stated.end())
      continue;
    found->second(gradients.lookup(result));
    return success();
  }
  if (auto generic = dyn_cast<linalg::GenericOp>(op))
    return reverseGeneric(generic);
  if (auto stated = dyn_cast<DifferentiableOpInterface>(op)) {
    reverseStated(stated);
    return success();
  }
  bool one = op->getNumResults() == 1;
  if (one && isa<FloatType>(op->getResult(0).getType()))
    return reverseScalar(op);
  if (one && succeeded(reverseView(op, gradients.lookup(op->getResult(0)))))
    return success();
  return op->emitOpError("has no derivative");
}

namespace {
/// What an op states, into a scope of tensors.
struct TensorSink final : GradientSink {
  TensorSink(OpBuilder &builder, ReverseTensors &scope, Location loc)
      : builder(builder), scope(scope), loc(loc) {}
  void add(Value value, Value gradient) override { scope.add(loc, value, gradient); }
  void addElement(Value tensor, ValueRange indices, Value gradient) override {
    Value zeros = buildZeros(builder, loc, tensor);
    scope.add(loc, tensor, tensor::InsertOp::create(builder, loc, gradient, zeros, indices));
  }

  OpBuilder &builder;
  ReverseTensors &scope;
  Location loc;
};
} // namespace

void ReverseTensors::reverseStated(DifferentiableOpInterface op) {
  SmallVector<Value> results;
  for (Value result : op->getResults())
    results.push_back(gradients.lookup(result));
  TensorSink sink(builder, *this, op.getLoc());
  op.buildGradients(builder, op.getLoc(), results, sink);
}

LogicalResult ReverseTensors::reverseScalar(Operation *op) {
  Location loc = op->getLoc();
  ReverseScalars scope(builder);
  for (Value operand : op->getOperands()) {
    if (!isActive(operand))
      continue;
    if (isa<TensorType>(operand.getType()))
      scope.addTensor(operand, getGradientOrZero(loc, operand));
    else
      scope.addLeaf(operand);
  }
  if (failed(scope.findActive({op})))
    return failure();
  scope.seed(loc, op->getResult(0), gradients.lookup(op->getResult(0)));
  if (failed(scope.reverse({op})))
    return failure();
  for (Value operand : SetVector<Value>(op->operand_begin(), op->operand_end())) {
    if (Value accumulator = scope.getAccumulator(operand))
      gradients[operand] = accumulator;
    else if (Value adjoint = scope.getAdjoint(operand))
      add(loc, operand, adjoint);
  }
  return success();
}

LogicalResult ReverseTensors::reverseView(Operation *op, Value gradient) {
  Location loc = op->getLoc();
  auto like = [&](Value source) {
    return cast<RankedTensorType>(getGradientType(source.getType()));
  };
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](tensor::CastOp cast) {
        Value source = cast.getSource();
        if (!isa<RankedTensorType>(source.getType()))
          return failure();
        add(loc, source, tensor::CastOp::create(builder, loc, like(source), gradient));
        return success();
      })
      .Case([&](tensor::ExpandShapeOp expand) {
        Value source = expand.getSrc();
        add(loc, source,
            tensor::CollapseShapeOp::create(builder, loc, like(source), gradient,
                                            expand.getReassociationIndices()));
        return success();
      })
      .Case([&](tensor::CollapseShapeOp collapse) {
        Value source = collapse.getSrc();
        add(loc, source,
            tensor::ExpandShapeOp::create(builder, loc, like(source), gradient,
                                          collapse.getReassociationIndices(),
                                          tensor::getMixedSizes(builder, loc, source)));
        return success();
      })
      .Case([&](tensor::ExtractSliceOp slice) {
        Value source = slice.getSource();
        Value zeros = buildZeros(builder, loc, source);
        add(loc, source,
            tensor::InsertSliceOp::create(builder, loc, gradient, zeros,
                                          slice.getMixedOffsets(), slice.getMixedSizes(),
                                          slice.getMixedStrides()));
        return success();
      })
      .Case([&](tensor::InsertSliceOp slice) {
        Value source = slice.getSource();
        auto offsets = slice.getMixedOffsets(), sizes = slice.getMixedSizes(),
             strides = slice.getMixedStrides();
        add(loc, source,
            tensor::ExtractSliceOp::create(builder, loc, like(source), gradient, offsets, sizes,
                                           strides));
        Value zeros = buildZeros(builder, loc, source);
        add(loc, slice.getDest(),
            tensor::InsertSliceOp::create(builder, loc, zeros, gradient, offsets, sizes,
                                          strides));
        return success();
      })
      .Default(failure());
}

/// out = out + g, where nothing else reads out: then every g has the gradient of
/// the result.
static bool isSum(linalg::GenericOp op, unsigned result) {
  BlockArgument sum = op.getRegionOutputArgs()[result];
  Value yielded = op.getBody()->getTerminator()->getOperand(result);
  Operation *combiner = yielded.getDefiningOp();
  if (!combiner || !sum.hasOneUse() || *sum.user_begin() != combiner || !yielded.hasOneUse())
    return false;
  return isa<arith::AddFOp>(combiner) ||
         (isa<arith::SubFOp>(combiner) && combiner->getOperand(0) == sum);
}

/// The operands through which `op` reads `source`, but for the inits of sums.
static SmallVector<OpOperand *> getReadingOperands(linalg::GenericOp op, Value source) {
  SmallVector<OpOperand *> operands;
  for (OpOperand &operand : op->getOpOperands()) {
    bool sum = op.isDpsInit(&operand) && op.getNumReductionLoops() > 0;
    if (operand.get() == source && !sum && !op.getMatchingBlockArgument(&operand).use_empty())
      operands.push_back(&operand);
  }
  return operands;
}

LogicalResult ReverseTensors::gather(const GenericGradient &generic, Value source,
                                     bool captured, SmallVectorImpl<Value> &scattered) {
  linalg::GenericOp op = generic.op;
  SmallVector<OpOperand *> operands = getReadingOperands(op, source);
  bool direct = llvm::all_of(operands, [&](OpOperand *operand) {
    return op.getMatchingIndexingMap(operand).isProjectedPermutation();
  });
  if (!isa<RankedTensorType>(source.getType()) || !direct || (captured && !operands.empty())) {
    scattered.push_back(source);
    return success();
  }
  Value sum = getGradientOrZero(op.getLoc(), source);
  for (OpOperand *operand : operands) {
    FailureOr<Value> gathered = gatherOperand(builder, generic, *operand, sum);
    if (failed(gathered))
      return failure();
    sum = *gathered;
  }
  if (captured) {
    FailureOr<Value> gathered = gatherCapture(builder, generic, source, sum);
    if (failed(gathered))
      return failure();
    if (!*gathered) {
      scattered.push_back(source);
      return success();
    }
    sum = *gathered;
  }
  gradients[source] = sum;
  return success();
}

LogicalResult ReverseTensors::reverseGeneric(linalg::GenericOp op) {
  Location loc = op.getLoc();
  GenericGradient generic{op, {}};
  bool reduction = op.getNumReductionLoops() > 0;
  for (auto [number, result] : llvm::enumerate(op.getResults())) {
    Value gradient = gradients.lookup(result);
    generic.gradients.push_back(gradient);
    if (reduction && gradient && !isSum(op, number))
      return op.emitOpError("expected a reduction that is a sum: others have no derivative");
    if (reduction && gradient)
      add(loc, op.getDpsInits()[number], gradient);
  }
  SetVector<Value> captures = getRegionReads(op);
  SetVector<Value> sources = captures;
  for (OpOperand &operand : op->getOpOperands())
    if (!getReadingOperands(op, operand.get()).empty())
      sources.insert(operand.get());
  SmallVector<Value> scattered;
  for (Value source : sources)
    if (isActive(source) &&
        failed(gather(generic, source, captures.contains(source), scattered)))
      return failure();
  if (scattered.empty())
    return success();
  SmallVector<Value> sums;
  for (Value source : scattered)
    sums.push_back(getGradientOrZero(loc, source));
  if (failed(scatter(builder, generic, scattered, sums)))
    return failure();
  for (auto [source, sum] : llvm::zip_equal(scattered, sums))
    gradients[source] = sum;
  return success();
}
