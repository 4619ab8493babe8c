//===- ScoreSlice.cpp - Parts of score regions by themselves --------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScoreSlice.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mlir::posenc;

Region &posenc::getScoreRegion(Operation *owner) {
  if (auto attention = dyn_cast<AttentionOp>(owner))
    return attention.getScore();
  return cast<ScoreMapOp>(owner).getScore();
}

PositionSource posenc::getPositionSource(Operation *owner) {
  if (auto attention = dyn_cast<AttentionOp>(owner))
    return PositionSource::get(attention);
  return PositionSource::get(cast<ScoreMapOp>(owner));
}

/// What an op reads from outside of it, its regions included.
static SetVector<Value> getUses(Operation *op) {
  SetVector<Value> uses(op->operand_begin(), op->operand_end());
  getUsedValuesDefinedAbove(op->getRegions(), uses);
  return uses;
}

llvm::DenseSet<Value> posenc::findScoreValues(Block &block) {
  llvm::DenseSet<Value> found{block.getArgument(0)};
  for (Operation &op : block)
    if (llvm::any_of(getUses(&op), [&](Value use) { return found.contains(use); }))
      found.insert(op.result_begin(), op.result_end());
  return found;
}

SetVector<Operation *> posenc::findSlice(Value value, Block &block, Value start) {
  SetVector<Operation *> slice;
  SmallVector<Value> worklist{value};
  while (!worklist.empty()) {
    Value next = worklist.pop_back_val();
    Operation *op = next == start ? nullptr : next.getDefiningOp();
    if (!op || op->getBlock() != &block || !slice.insert(op))
      continue;
    SetVector<Value> uses = getUses(op);
    worklist.append(uses.begin(), uses.end());
  }
  return slice;
}

bool posenc::dependsOnlyOn(Value value, Block &block, ArrayRef<unsigned> arguments) {
  auto allows = [&](Value v) {
    auto argument = dyn_cast<BlockArgument>(v);
    return !argument || argument.getOwner() != &block ||
           llvm::is_contained(arguments, argument.getArgNumber());
  };
  SetVector<Operation *> slice = findSlice(value, block);
  return allows(value) && llvm::all_of(slice, [&](Operation *op) {
           bool position = true;
           op->walk([&](Operation *nested) {
             if (isa<QPosOp, KPosOp>(nested))
               position &= llvm::is_contained(arguments, isa<QPosOp>(nested) ? 3u : 4u);
           });
           return position && llvm::all_of(getUses(op), allows);
         });
}

/// Visits ops in order; `moving` are the values that depend on the query or the
/// key. Gives whether `op` reads a tensor at one of them.
static bool findMovingRead(Operation *op, llvm::DenseSet<Value> &moving) {
  auto moves = [&](Value v) { return moving.contains(v); };
  bool reads = llvm::any_of(op->getOperandTypes(), llvm::IsaPred<ShapedType>);
  bool given = isa<QPosOp, KPosOp>(op) || llvm::any_of(op->getOperands(), moves);
  bool found = reads && given && !isa<BiasTableOp, BiasFnOp, BiasMLPOp>(op);
  for (Region &region : op->getRegions())
    for (Block &inner : region) {
      // A loop's counter moves with its bounds, what it carries with what it begins with.
      if (given)
        moving.insert(inner.args_begin(), inner.args_end());
      for (Operation &nested : inner)
        found |= findMovingRead(&nested, moving);
    }
  SetVector<Value> uses = getUses(op);
  if (given || llvm::any_of(uses, moves))
    moving.insert(op->result_begin(), op->result_end());
  return found;
}

bool posenc::readsByPosition(Value value, Block &block, Value start) {
  SetVector<Operation *> slice = findSlice(value, block, start);
  llvm::DenseSet<Value> moving{block.getArgument(3), block.getArgument(4)};
  return llvm::any_of(
      block, [&](Operation &op) { return slice.contains(&op) && findMovingRead(&op, moving); });
}

Value posenc::buildScoreSlice(OpBuilder &builder, Location loc, Operation *owner, Value value,
                              Value start, const ScorePoint &point) {
  Block &block = getScoreRegion(owner).front();
  // A region of its own, which is inlined like any other.
  Region region;
  Block &body = region.emplaceBlock();
  IRMapping mapping;
  for (BlockArgument argument : block.getArguments())
    mapping.map(argument, body.addArgument(argument.getType(), loc));
  if (start)
    mapping.map(start, body.getArgument(0));
  // The region belongs to no op that a builder could have its context from.
  OpBuilder inside(builder.getContext());
  inside.setInsertionPointToEnd(&body);
  SetVector<Operation *> slice = findSlice(value, block, start);
  for (Operation &op : block)
    if (slice.contains(&op))
      inside.clone(op, mapping);
  YieldOp::create(inside, loc, mapping.lookupOrDefault(value));
  return inlineScoreRegion(builder, loc, region, point, getPositionSource(owner));
}

void posenc::eraseDeadOps(RewriterBase &rewriter, Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      rewriter.eraseOp(&op);
}
