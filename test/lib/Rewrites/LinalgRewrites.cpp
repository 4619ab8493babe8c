//===- LinalgRewrites.cpp - Other structured operations -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rewrites.h"

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

#include <numeric>

using namespace mlir;
using namespace mlir::posenc::test;

static bool isElementwise(linalg::GenericOp op) {
  return op.hasPureTensorSemantics() && op.getNumReductionLoops() == 0 && op.getNumLoops() > 0;
}

Value mlir::posenc::test::buildLoopTensor(OpBuilder &builder, linalg::LinalgOp op,
                                          Type element) {
  SmallVector<OpFoldResult> sizes;
  for (const Range &range : op.createLoopRanges(builder, op->getLoc()))
    sizes.push_back(range.size);
  return tensor::EmptyOp::create(builder, op->getLoc(), sizes, element);
}

/// The loops in another order.
static unsigned permuteLoops(func::FuncOp function, Random &random, double share) {
  SmallVector<linalg::GenericOp> drawn =
      draw<linalg::GenericOp>(function, random, share, [](linalg::GenericOp op) {
        return op.hasPureTensorSemantics() && op.getNumLoops() > 1;
      });
  IRRewriter rewriter(function.getContext());
  unsigned count = 0;
  for (linalg::GenericOp op : drawn) {
    SmallVector<unsigned> order(op.getNumLoops());
    std::iota(order.begin(), order.end(), 0);
    random.shuffle(order);
    rewriter.setInsertionPoint(op);
    count += succeeded(linalg::interchangeGenericOp(rewriter, op, order));
  }
  return count;
}

/// The generic again, with other inputs: `inputs` names those that stay, in
/// order. Its body is filled by `build` from the new block's arguments.
static linalg::GenericOp
rebuild(IRRewriter &rewriter, linalg::GenericOp op, ArrayRef<Value> inputs,
        ArrayRef<AffineMap> inputMaps,
        llvm::function_ref<void(OpBuilder &, ValueRange arguments)> build) {
  SmallVector<AffineMap> maps(inputMaps);
  for (OpOperand &init : op.getDpsInitsMutable())
    maps.push_back(op.getMatchingIndexingMap(&init));
  rewriter.setInsertionPoint(op);
  return linalg::GenericOp::create(
      rewriter, op.getLoc(), op->getResultTypes(), inputs, op.getDpsInits(), maps,
      op.getIteratorTypesArray(),
      [&](OpBuilder &b, Location, ValueRange arguments) { build(b, arguments); });
}

/// Clones the body into a new one, from arguments that stand for the old ones.
static void cloneBody(OpBuilder &b, linalg::GenericOp op, IRMapping &mapping) {
  for (Operation &inner : op.getBody()->getOperations())
    b.clone(inner, mapping);
}

/// The inputs in another order.
static unsigned permuteInputs(func::FuncOp function, Random &random, double share) {
  SmallVector<linalg::GenericOp> drawn =
      draw<linalg::GenericOp>(function, random, share, [](linalg::GenericOp op) {
        return op.hasPureTensorSemantics() && op.getNumDpsInputs() > 1;
      });
  IRRewriter rewriter(function.getContext());
  for (linalg::GenericOp op : drawn) {
    SmallVector<unsigned> order(op.getNumDpsInputs());
    std::iota(order.begin(), order.end(), 0);
    random.shuffle(order);
    SmallVector<Value> inputs;
    SmallVector<AffineMap> maps;
    for (unsigned i : order) {
      inputs.push_back(op.getDpsInputs()[i]);
      maps.push_back(op.getIndexingMapsArray()[i]);
    }
    auto swapped = rebuild(rewriter, op, inputs, maps, [&](OpBuilder &b, ValueRange arguments) {
      IRMapping mapping;
      for (auto [here, there] : llvm::enumerate(order))
        mapping.map(op.getBody()->getArgument(there), arguments[here]);
      for (size_t i = order.size(); i < arguments.size(); ++i)
        mapping.map(op.getBody()->getArgument(i), arguments[i]);
      cloneBody(b, op, mapping);
    });
    rewriter.replaceOp(op, swapped);
  }
  return drawn.size();
}

/// An input that is read by tensor.extract in the body instead.
static unsigned extractInputs(func::FuncOp function, Random &random, double share) {
  SmallVector<linalg::GenericOp> drawn =
      draw<linalg::GenericOp>(function, random, share, [](linalg::GenericOp op) {
        return isElementwise(op) && op.getNumDpsInputs() > 1 &&
               llvm::all_of(op.getDpsInputs(),
                            [](Value v) { return isa<RankedTensorType>(v.getType()); });
      });
  IRRewriter rewriter(function.getContext());
  unsigned count = 0;
  for (linalg::GenericOp op : drawn) {
    unsigned number = random.below(op.getNumDpsInputs());
    AffineMap map = op.getIndexingMapsArray()[number];
    if (!map.isProjectedPermutation())
      continue;
    SmallVector<Value> inputs(op.getDpsInputs());
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    Value tensor = inputs[number];
    inputs.erase(inputs.begin() + number);
    maps.erase(maps.begin() + number);
    maps.resize(inputs.size());
    // The extents of the loops have to be somewhere else.
    SmallVector<AffineMap> rest(maps);
    for (OpOperand &init : op.getDpsInitsMutable())
      rest.push_back(op.getMatchingIndexingMap(&init));
    if (!inversePermutation(concatAffineMaps(rest, op.getContext())))
      continue;
    auto changed = rebuild(rewriter, op, inputs, maps, [&](OpBuilder &b, ValueRange arguments) {
      IRMapping mapping;
      unsigned next = 0;
      for (BlockArgument old : op.getBody()->getArguments())
        if (old.getArgNumber() != number)
          mapping.map(old, arguments[next++]);
      SmallVector<Value> indices;
      for (AffineExpr e : map.getResults())
        indices.push_back(
            linalg::IndexOp::create(b, op.getLoc(), cast<AffineDimExpr>(e).getPosition()));
      mapping.map(op.getBody()->getArgument(number),
                  tensor::ExtractOp::create(b, op.getLoc(), tensor, indices));
      cloneBody(b, op, mapping);
    });
    rewriter.replaceOp(op, changed);
    ++count;
  }
  return count;
}

/// An operation of the body that reads inputs and constants alone.
static Operation *findSplit(linalg::GenericOp op) {
  Block *body = op.getBody();
  if (llvm::range_size(body->without_terminator()) < 2)
    return nullptr;
  for (Operation &inner : body->without_terminator()) {
    bool simple = inner.getNumResults() == 1 && inner.getNumRegions() == 0 && isPure(&inner) &&
                  isa<FloatType>(inner.getResult(0).getType()) &&
                  !inner.hasTrait<OpTrait::ConstantLike>() &&
                  llvm::all_of(inner.getOperands(), [&](Value v) {
                    auto argument = dyn_cast<BlockArgument>(v);
                    return argument && argument.getOwner() == body
                               ? argument.getArgNumber() < op.getNumDpsInputs()
                               : v.getParentBlock() != body;
                  });
    if (simple)
      return &inner;
  }
  return nullptr;
}

/// A part of a body in an operation of its own in front.
static unsigned splitBodies(func::FuncOp function, Random &random, double share) {
  SmallVector<linalg::GenericOp> drawn =
      draw<linalg::GenericOp>(function, random, share, [](linalg::GenericOp op) {
        return isElementwise(op) && findSplit(op);
      });
  IRRewriter rewriter(function.getContext());
  for (linalg::GenericOp op : drawn) {
    Operation *part = findSplit(op);
    rewriter.setInsertionPoint(op);
    Value init = buildLoopTensor(rewriter, op, part->getResult(0).getType());
    SmallVector<Value> inputs(op.getDpsInputs());
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    maps.resize(inputs.size());
    AffineMap identity = rewriter.getMultiDimIdentityMap(op.getNumLoops());
    SmallVector<AffineMap> firstMaps(maps);
    firstMaps.push_back(identity);
    auto first = linalg::GenericOp::create(
        rewriter, op.getLoc(), init.getType(), inputs, init, firstMaps,
        op.getIteratorTypesArray(), [&](OpBuilder &b, Location l, ValueRange arguments) {
          IRMapping mapping;
          for (size_t i = 0; i < inputs.size(); ++i)
            mapping.map(op.getBody()->getArgument(i), arguments[i]);
          linalg::YieldOp::create(b, l, b.clone(*part, mapping)->getResult(0));
        });
    inputs.push_back(first.getResult(0));
    maps.push_back(identity);
    auto second = rebuild(rewriter, op, inputs, maps, [&](OpBuilder &b, ValueRange arguments) {
      IRMapping mapping;
      for (size_t i = 0; i + 1 < inputs.size(); ++i)
        mapping.map(op.getBody()->getArgument(i), arguments[i]);
      for (size_t i = inputs.size(); i < arguments.size(); ++i)
        mapping.map(op.getBody()->getArgument(i - 1), arguments[i]);
      mapping.map(part->getResult(0), arguments[inputs.size() - 1]);
      for (Operation &inner : op.getBody()->getOperations())
        if (&inner != part)
          b.clone(inner, mapping);
    });
    rewriter.replaceOp(op, second);
  }
  return drawn.size();
}

ArrayRef<Rewrite> mlir::posenc::test::getLinalgRewrites() {
  static const Rewrite list[] = {
      {"permute-loops", permuteLoops},
      {"permute-inputs", permuteInputs},
      {"extract-inputs", extractInputs},
      {"split-bodies", splitBodies},
  };
  return list;
}
