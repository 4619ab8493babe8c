//===- SplitContractions.cpp - Contractions of tensors alone --------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fusion of element-wise operations also moves them into the bodies of
// contractions: a bias of a projection, a rotation, the division of a softmax.
// Each factor that is computed there becomes an operation of its own again.
//
//===----------------------------------------------------------------------===//

#include "Normalize.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace mlir::posenc::raise;

namespace {
/// A factor of the product that a contraction sums, and what it is made of.
struct Factor {
  Value value;                      ///< before conversions, which stay with the product
  llvm::SetVector<Operation *> ops; ///< of the body
  llvm::SmallBitVector loops;       ///< that it depends on
  bool isComputed = false;
};
} // namespace

/// Collects what `value` is computed from inside the body. False if that is the
/// result so far.
static bool collect(linalg::GenericOp op, Value value, Factor &factor) {
  if (auto argument = dyn_cast<BlockArgument>(value);
      argument && argument.getOwner() == op.getBody()) {
    if (argument.getArgNumber() >= op.getNumDpsInputs())
      return false;
    AffineMap map = op.getIndexingMapsArray()[argument.getArgNumber()];
    for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
      if (map.isFunctionOfDim(loop))
        factor.loops.set(loop);
    return true;
  }
  Operation *def = value.getDefiningOp();
  if (!def || def->getBlock() != op.getBody())
    return true;
  if (def->getNumRegions() != 0)
    return false;
  if (factor.ops.contains(def))
    return true;
  if (auto index = dyn_cast<linalg::IndexOp>(def))
    factor.loops.set(index.getDim());
  factor.isComputed = true;
  for (Value operand : def->getOperands())
    if (!collect(op, operand, factor))
      return false;
  factor.ops.insert(def); // operands first
  return true;
}

/// `value` without conversions; those that were taken off are counted.
static Value stripConversions(Value value, unsigned &count) {
  while (isa_and_nonnull<arith::ExtFOp, arith::TruncFOp>(value.getDefiningOp())) {
    value = value.getDefiningOp()->getOperand(0);
    ++count;
  }
  return value;
}

/// The factors of a sum of products; false if `op` is none.
static bool findFactors(linalg::GenericOp op, Factor (&factors)[2]) {
  if (!op.hasPureTensorSemantics() || op.getNumReductionLoops() == 0 ||
      op.getNumDpsInits() != 1)
    return false;
  Value accumulator = op.getRegionOutputArgs()[0];
  auto sum = op.getBody()->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!sum || (sum.getLhs() == accumulator) == (sum.getRhs() == accumulator))
    return false;
  unsigned numOps = 3; // the product, the sum, and what yields it
  Value term =
      stripConversions(sum.getLhs() == accumulator ? sum.getRhs() : sum.getLhs(), numOps);
  auto product = term.getDefiningOp<arith::MulFOp>();
  if (!product)
    return false;
  for (unsigned side : {0, 1}) {
    factors[side].value = stripConversions(product->getOperand(side), numOps);
    factors[side].loops.resize(op.getNumLoops());
    if (!collect(op, factors[side].value, factors[side]))
      return false;
  }
  // What else is in the body, an assertion perhaps, has a reason to be.
  llvm::SetVector<Operation *> all = factors[0].ops;
  all.insert_range(factors[1].ops);
  if (all.size() + numOps != op.getBody()->getOperations().size())
    return false;
  // Each has a loop that the other lacks: the square of one number has not.
  llvm::SmallBitVector left = factors[0].loops, right = factors[1].loops;
  return left.test(right) && right.test(left);
}

/// `factor` as a tensor over the loops that it depends on.
static Value buildFactor(OpBuilder &builder, linalg::GenericOp op, const Factor &factor) {
  Location loc = op.getLoc();
  SmallVector<Range> ranges =
      cast<linalg::LinalgOp>(op.getOperation()).createLoopRanges(builder, loc);
  SmallVector<OpFoldResult> sizes;
  SmallVector<AffineExpr> renamed(op.getNumLoops(), builder.getAffineConstantExpr(0));
  for (unsigned loop : factor.loops.set_bits()) {
    renamed[loop] = builder.getAffineDimExpr(sizes.size());
    sizes.push_back(ranges[loop].size);
  }
  unsigned rank = sizes.size();
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  SmallVector<BlockArgument> arguments;
  for (Operation *inner : factor.ops)
    for (Value operand : inner->getOperands())
      if (auto argument = dyn_cast<BlockArgument>(operand);
          argument && argument.getOwner() == op.getBody() &&
          !llvm::is_contained(arguments, argument)) {
        arguments.push_back(argument);
        inputs.push_back(op.getDpsInputs()[argument.getArgNumber()]);
        maps.push_back(op.getIndexingMapsArray()[argument.getArgNumber()].replaceDimsAndSymbols(
            renamed, {}, rank, 0));
      }
  maps.push_back(builder.getMultiDimIdentityMap(rank));
  Value init = tensor::EmptyOp::create(builder, loc, sizes, factor.value.getType());
  SmallVector<utils::IteratorType> loops(rank, utils::IteratorType::parallel);
  auto build = [&](OpBuilder &b, Location l, ValueRange here) {
    IRMapping mapping;
    for (auto [old, now] : llvm::zip(arguments, here))
      mapping.map(old, now);
    for (Operation *inner : factor.ops) {
      if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
        unsigned loop = cast<AffineDimExpr>(renamed[index.getDim()]).getPosition();
        mapping.map(index.getResult(), linalg::IndexOp::create(b, l, loop));
      } else {
        b.clone(*inner, mapping);
      }
    }
    linalg::YieldOp::create(b, l, mapping.lookup(factor.value));
  };
  return linalg::GenericOp::create(builder, loc, init.getType(), inputs, init, maps, loops,
                                   build)
      .getResult(0);
}

/// The contraction of two tensors.
static linalg::GenericOp buildContraction(OpBuilder &builder, linalg::GenericOp op,
                                          ArrayRef<Value> inputs, ArrayRef<AffineMap> maps,
                                          Factor (&factors)[2]) {
  return linalg::GenericOp::create(
      builder, op.getLoc(), op->getResultTypes(), inputs, op.getDpsInits(), maps,
      op.getIteratorTypesArray(), [&](OpBuilder &b, Location, ValueRange here) {
        IRMapping mapping;
        mapping.map(op.getRegionOutputArgs()[0], here.back());
        // What stands in front of the product is computed; inputs come in as they are.
        for (unsigned side : {0, 1})
          mapping.map(factors[side].value, here[side]);
        for (Operation &inner : op.getBody()->getOperations()) {
          bool inFront = factors[0].ops.contains(&inner) || factors[1].ops.contains(&inner);
          if (!inFront)
            b.clone(inner, mapping);
        }
      });
}

static void split(IRRewriter &rewriter, linalg::GenericOp op, Factor (&factors)[2]) {
  rewriter.setInsertionPoint(op);
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (Factor &factor : factors) {
    if (auto argument = dyn_cast<BlockArgument>(factor.value)) {
      inputs.push_back(op.getDpsInputs()[argument.getArgNumber()]);
      maps.push_back(op.getIndexingMapsArray()[argument.getArgNumber()]);
      continue;
    }
    inputs.push_back(buildFactor(rewriter, op, factor));
    SmallVector<AffineExpr> dims;
    for (unsigned loop : factor.loops.set_bits())
      dims.push_back(rewriter.getAffineDimExpr(loop));
    maps.push_back(AffineMap::get(op.getNumLoops(), 0, dims, op.getContext()));
  }
  maps.push_back(op.getMatchingIndexingMap(op.getDpsInitOperand(0)));
  // All loops have to run along something still.
  if (!inversePermutation(concatAffineMaps(maps, op.getContext())))
    return;
  rewriter.replaceOp(op, buildContraction(rewriter, op, inputs, maps, factors));
}

void mlir::posenc::raise::splitContractions(func::FuncOp function) {
  SmallVector<linalg::GenericOp> contractions;
  function.walk([&](linalg::GenericOp op) { contractions.push_back(op); });
  IRRewriter rewriter(function.getContext());
  for (linalg::GenericOp op : contractions) {
    Factor factors[2];
    if (findFactors(op, factors) && (factors[0].isComputed || factors[1].isComputed) &&
        factors[0].value != factors[1].value)
      split(rewriter, op, factors);
  }
}
