//===- TensorRewrites.cpp - Layouts, shapes and order ---------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rewrites.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <numeric>

using namespace mlir;
using namespace mlir::posenc::test;

SmallVector<OpFoldResult> mlir::posenc::test::getSizes(OpBuilder &builder, Location loc,
                                                       Value tensor) {
  return tensor::getMixedSizes(builder, loc, tensor);
}

/// Operands of linalg ops that are tensors of at least this rank.
static SmallVector<OpOperand *> drawOperands(func::FuncOp function, Random &random,
                                             double share, int64_t rank) {
  SmallVector<OpOperand *> drawn;
  function.walk([&](linalg::LinalgOp op) {
    for (OpOperand *input : op.getDpsInputOperands()) {
      auto type = dyn_cast<RankedTensorType>(input->get().getType());
      if (type && type.getRank() >= rank && random.chance(share))
        drawn.push_back(input);
    }
  });
  return drawn;
}

static Value transpose(OpBuilder &b, Location loc, Value tensor, ArrayRef<int64_t> order) {
  SmallVector<OpFoldResult> sizes = getSizes(b, loc, tensor), permuted;
  for (int64_t d : order)
    permuted.push_back(sizes[d]);
  Type element = cast<RankedTensorType>(tensor.getType()).getElementType();
  Value init = tensor::EmptyOp::create(b, loc, permuted, element);
  return linalg::TransposeOp::create(b, loc, tensor, init, order)->getResult(0);
}

/// Another order of dimensions and back. Something is computed between the two,
/// or canonicalization would only see a transpose.
static unsigned insertTransposes(func::FuncOp function, Random &random, double share) {
  SmallVector<OpOperand *> drawn = drawOperands(function, random, share, 2);
  for (OpOperand *use : drawn) {
    OpBuilder b(use->getOwner());
    Location loc = use->getOwner()->getLoc();
    SmallVector<int64_t> order(cast<RankedTensorType>(use->get().getType()).getRank());
    std::iota(order.begin(), order.end(), 0);
    random.shuffle(order);
    Value there = transpose(b, loc, use->get(), order);
    Value back = transpose(b, loc, there, invertPermutationVector(order));
    if (back.getType() != use->get().getType())
      back = tensor::CastOp::create(b, loc, use->get().getType(), back);
    use->set(back);
  }
  return drawn.size();
}

/// Two neighbouring dimensions merged and split again.
static unsigned mergeDims(func::FuncOp function, Random &random, double share) {
  SmallVector<OpOperand *> drawn = drawOperands(function, random, share, 2);
  for (OpOperand *use : drawn) {
    Value tensor = use->get();
    OpBuilder b(use->getOwner());
    Location loc = use->getOwner()->getLoc();
    auto type = cast<RankedTensorType>(tensor.getType());
    int64_t merged = random.below(type.getRank() - 1);
    SmallVector<ReassociationIndices> groups;
    for (int64_t d = 0; d < type.getRank(); ++d)
      if (d == merged + 1)
        groups.back().push_back(d);
      else
        groups.push_back({d});
    SmallVector<OpFoldResult> sizes = getSizes(b, loc, tensor);
    Value flat = tensor::CollapseShapeOp::create(b, loc, tensor, groups);
    use->set(tensor::ExpandShapeOp::create(b, loc, type, flat, groups, sizes));
  }
  return drawn.size();
}

/// A static dimension split in two and merged again.
static unsigned splitDims(func::FuncOp function, Random &random, double share) {
  unsigned count = 0;
  for (OpOperand *use : drawOperands(function, random, share, 1)) {
    Value tensor = use->get();
    auto type = cast<RankedTensorType>(tensor.getType());
    int64_t dim = random.below(type.getRank()), extent = type.getDimSize(dim);
    if (ShapedType::isDynamic(extent) || extent < 4 || extent % 2 != 0)
      continue;
    OpBuilder b(use->getOwner());
    Location loc = use->getOwner()->getLoc();
    SmallVector<OpFoldResult> sizes = getSizes(b, loc, tensor);
    sizes[dim] = b.getIndexAttr(extent / 2);
    sizes.insert(sizes.begin() + dim + 1, b.getIndexAttr(2));
    SmallVector<int64_t> shape(type.getShape());
    shape[dim] = extent / 2;
    shape.insert(shape.begin() + dim + 1, 2);
    SmallVector<ReassociationIndices> groups;
    for (int64_t d = 0, next = 0; d < type.getRank(); ++d) {
      groups.push_back({next++});
      if (d == dim)
        groups.back().push_back(next++);
    }
    auto split = RankedTensorType::get(shape, type.getElementType());
    Value expanded = tensor::ExpandShapeOp::create(b, loc, split, tensor, groups, sizes);
    use->set(tensor::CollapseShapeOp::create(b, loc, type, expanded, groups));
    ++count;
  }
  return count;
}

/// A row of zeros in front, and cut off again.
static unsigned padAndCut(func::FuncOp function, Random &random, double share) {
  unsigned count = 0;
  for (OpOperand *use : drawOperands(function, random, share, 1)) {
    Value tensor = use->get();
    auto type = cast<RankedTensorType>(tensor.getType());
    int64_t dim = random.below(type.getRank());
    if (!isa<FloatType>(type.getElementType()))
      continue;
    OpBuilder b(use->getOwner());
    Location loc = use->getOwner()->getLoc();
    SmallVector<OpFoldResult> low(type.getRank(), b.getIndexAttr(0)),
        high = low, offsets = low, strides(type.getRank(), b.getIndexAttr(1));
    low[dim] = offsets[dim] = b.getIndexAttr(1);
    SmallVector<int64_t> shape(type.getShape());
    if (!type.isDynamicDim(dim))
      ++shape[dim];
    Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(type.getElementType()));
    SmallVector<OpFoldResult> sizes = getSizes(b, loc, tensor);
    Value padded = tensor::PadOp::create(b, loc, type.clone(shape), tensor, low, high, zero);
    use->set(tensor::ExtractSliceOp::create(b, loc, type, padded, offsets, sizes, strides));
    ++count;
  }
  return count;
}

/// A value computed once more for one of its users.
static unsigned duplicate(func::FuncOp function, Random &random, double share) {
  SmallVector<OpOperand *> drawn;
  function.walk([&](Operation *op) {
    for (OpOperand &use : op->getOpOperands())
      if (Operation *def = use.get().getDefiningOp();
          def && isPure(def) && def->getBlock() == op->getBlock() && random.chance(share))
        drawn.push_back(&use);
  });
  for (OpOperand *use : drawn) {
    unsigned number = cast<OpResult>(use->get()).getResultNumber();
    OpBuilder b(use->getOwner());
    use->set(b.clone(*use->get().getDefiningOp())->getResult(number));
  }
  return drawn.size();
}

/// The order of a function's operations, as far as it does not matter.
static unsigned reorder(func::FuncOp function, Random &random, double) {
  Block &block = function.getBody().front();
  SmallVector<Operation *> waiting, done;
  for (Operation &op : block.without_terminator())
    waiting.push_back(&op);
  llvm::DenseMap<Operation *, unsigned> missing;
  llvm::DenseMap<Operation *, SmallVector<Operation *>> users;
  Operation *lastImpure = nullptr;
  for (Operation *op : waiting) {
    llvm::SmallPtrSet<Operation *, 8> needs;
    op->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (Operation *def = operand.getDefiningOp(); def && def->getBlock() == &block)
          needs.insert(def);
    });
    if (!isPure(op)) {
      if (lastImpure)
        needs.insert(lastImpure);
      lastImpure = op;
    }
    missing[op] = needs.size();
    for (Operation *def : needs)
      users[def].push_back(op);
  }
  SmallVector<Operation *> ready;
  for (Operation *op : waiting)
    if (missing[op] == 0)
      ready.push_back(op);
  while (!ready.empty()) {
    std::swap(ready[random.below(ready.size())], ready.back());
    Operation *op = ready.pop_back_val();
    op->moveBefore(block.getTerminator());
    done.push_back(op);
    for (Operation *user : users[op])
      if (--missing[user] == 0)
        ready.push_back(user);
  }
  return done.size();
}

/// A tensor of one number as a fill of it.
static unsigned fillSplats(func::FuncOp function, Random &random, double share) {
  SmallVector<arith::ConstantOp> drawn =
      draw<arith::ConstantOp>(function, random, share, [](arith::ConstantOp op) {
        return isa<RankedTensorType>(op.getType()) && isa<SplatElementsAttr>(op.getValue());
      });
  IRRewriter rewriter(function.getContext());
  for (arith::ConstantOp op : drawn) {
    rewriter.setInsertionPoint(op);
    auto type = cast<RankedTensorType>(op.getType());
    auto number = cast<SplatElementsAttr>(op.getValue()).getSplatValue<TypedAttr>();
    Value scalar = arith::ConstantOp::create(rewriter, op.getLoc(), number);
    Value init =
        tensor::EmptyOp::create(rewriter, op.getLoc(), type.getShape(), type.getElementType());
    rewriter.replaceOpWithNewOp<linalg::FillOp>(op, scalar, init);
  }
  return drawn.size();
}

ArrayRef<Rewrite> mlir::posenc::test::getTensorRewrites() {
  static const Rewrite list[] = {
      {"insert-transposes", insertTransposes},
      {"merge-dims", mergeDims},
      {"split-dims", splitDims},
      {"pad-and-cut", padAndCut},
      {"duplicate", duplicate},
      {"reorder", reorder},
      {"fill-splats", fillSplats},
  };
  return list;
}
