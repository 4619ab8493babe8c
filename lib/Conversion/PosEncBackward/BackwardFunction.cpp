//===- BackwardFunction.cpp - Build one backward function -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BackwardFunction.h"

#include "ReverseTensors.h"

#include "../PosEncToLinalg/LinalgBuilders.h"

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::backward;

namespace {
/// Attention as the ops of its definition.
struct LoweredAttention {
  /// Kept, unread, for its stages.
  AttentionOp op;
  reference::AttentionForBackward parts;
};
} // namespace

static SmallVector<LoweredAttention> lowerAttention(BackwardFunction &backward) {
  SmallVector<LoweredAttention> lowered;
  IRRewriter rewriter(backward.function.getContext());
  for (auto op : llvm::to_vector(backward.function.getOps<AttentionOp>())) {
    if (!op.hasPureTensor())
      continue;
    rewriter.setInsertionPoint(op);
    auto parts =
        reference::buildAttentionForBackward(rewriter, op, backward.savedLse.lookup(op));
    SmallVector<Value> results{parts.output};
    if (op.getLse())
      results.push_back(parts.total);
    rewriter.replaceAllUsesWith(op->getResults(), results);
    lowered.push_back({op, std::move(parts)});
  }
  return lowered;
}

/// What a row scan sums up to n, its gradient sums down to n. head_mix needs no
/// rule: it is made of sums.
static void stateStages(OpBuilder &builder, const LoweredAttention &attention,
                        ReverseTensors &scope) {
  for (const reference::StageOnTensors &built : attention.parts.stages) {
    auto scan = dyn_cast<RowScanOp>(built.stage);
    if (!scan)
      continue;
    Value x = built.operands.front();
    scope.addStated(built.result, [&builder, &scope, scan, x](Value gradient) mutable {
      bool reverse = scan.getReverse();
      scan.setReverse(!reverse);
      scope.add(scan.getLoc(), x, scan.buildOnTensors(builder, scan.getLoc(), gradient));
      scan.setReverse(reverse);
    });
  }
}

/// All but attention, and those that state their derivative, which are lowered at
/// the end.
static void lowerProducers(func::FuncOp function, const FrozenRewritePatternSet &patterns) {
  SmallVector<Operation *> ops;
  function.getBody().walk([&](Operation *op) {
    if (!isa<DifferentiableOpInterface, AttentionOp>(op))
      ops.push_back(op);
  });
  GreedyRewriteConfig config;
  config.setStrictness(GreedyRewriteStrictness::ExistingOps);
  // Nothing has to converge: a pattern leaves no op of those that it takes.
  (void)applyOpPatternsGreedily(ops, patterns, config);
}

/// Those that were kept for their derivatives.
static void expandModifiers(func::FuncOp function) {
  IRRewriter rewriter(function.getContext());
  SmallVector<ScoreModOpInterface> mods;
  function.walk([&](ScoreModOpInterface mod) {
    if (!mod->getParentOfType<ScoreMapOp>() && !mod->getParentOfType<AttentionOp>())
      mods.push_back(mod);
  });
  for (ScoreModOpInterface mod : mods) {
    rewriter.setInsertionPoint(mod);
    rewriter.replaceOp(mod, mod.buildScalar(rewriter, mod.getLoc(), mod->getOperands()));
  }
}

/// Named ops of linalg become generic.
static LogicalResult generalize(func::FuncOp function) {
  IRRewriter rewriter(function.getContext());
  for (auto op : llvm::to_vector(function.getOps<linalg::LinalgOp>())) {
    auto fill = dyn_cast<linalg::FillOp>(op.getOperation());
    // A constant is no source of gradients, and a fill is easier to read.
    if (isa<linalg::GenericOp>(op) || (fill && matchPattern(fill.value(), m_Constant())))
      continue;
    rewriter.setInsertionPoint(op);
    if (failed(linalg::generalizeNamedOp(rewriter, op)))
      return op->emitOpError("has no derivative");
  }
  return success();
}

LogicalResult backward::buildBackward(BackwardFunction &backward,
                                      const FrozenRewritePatternSet &patterns) {
  func::FuncOp function = backward.function;
  lowerProducers(function, patterns);
  SmallVector<LoweredAttention> attention = lowerAttention(backward);
  if (failed(generalize(function)))
    return failure();

  Block &block = function.getBody().front();
  Operation *end = block.getTerminator();
  SmallVector<Operation *> ops =
      llvm::map_to_vector(block.without_terminator(), [](Operation &op) { return &op; });
  OpBuilder builder(end);
  ReverseTensors scope(builder);
  auto inputs = function.getArguments().take_front(backward.numInputs);
  for (Value input : inputs)
    if (isa<FloatType>(getElementTypeOrSelf(input.getType())))
      scope.addSource(input);
  for (LoweredAttention &lowered : attention) {
    scope.addConstant(lowered.parts.lse);
    stateStages(builder, lowered, scope);
  }
  scope.findActive(ops);
  Location loc = function.getLoc();
  for (auto [result, gradient] : llvm::zip_equal(end->getOperands(), backward.resultGradients))
    if (gradient)
      scope.add(loc, result, gradient);
  if (failed(scope.reverse(ops)))
    return failure();
  for (LoweredAttention &lowered : attention) {
    lowered.parts.total.replaceAllUsesWith(lowered.parts.lse);
    lowered.op.erase();
  }

  SmallVector<Value> results;
  for (Value input : inputs) {
    Type element = getElementTypeOrSelf(input.getType());
    if (!isa<FloatType>(element))
      continue;
    Value gradient = scope.getGradientOrZero(loc, input);
    results.push_back(isa<TensorType>(input.getType())
                          ? buildTensorCast(builder, loc, gradient, element)
                          : buildFloatCast(builder, loc, gradient, element));
  }
  func::ReturnOp::create(builder, loc, results);
  end->erase();
  expandModifiers(function);
  walkAndApplyPatterns(function, patterns);
  return success();
}
