//===- FuseRotations.cpp - Rotations become row regions -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// A rotation is cheap beside the product that reads it, so it is fused even if
// something else (a key cache, say) reads its tensor too; the op then stays.
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Transforms/Transforms.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::posenc;

/// A row region that yields its row, if there is none yet.
static Block &getOrCreateRowRegion(RewriterBase &rewriter, AttentionOp op, Region &region) {
  bool created = region.empty();
  Block &block = op.getOrCreateRowBlock(region, rewriter);
  if (created) {
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToEnd(&block);
    YieldOp::create(rewriter, op.getLoc(), block.getArgument(0));
  }
  return block;
}

/// What a transform of a tensor does, to `row` in a row region of arguments (row,
/// b, h, t).
static Value buildRowForm(RewriterBase &rewriter, RowTransformOpInterface transform,
                          Block &block, Value row) {
  return transform.buildRowForm(rewriter, row, block.getArgument(1), block.getArgument(2),
                                block.getArgument(3));
}

namespace {
/// attention(transform(x)) -> attention(x) with the transform first in the row
/// region, for q, k and v.
struct FuseOperandRows final : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AttentionOp op, PatternRewriter &rewriter) const override {
    if (!op.hasPureTensor())
      return failure();
    bool changed = fuse(rewriter, op, op.getQMutable(), op.getQDims(), op.getQRows());
    changed |= fuse(rewriter, op, op.getKMutable(), op.getKDims(), op.getKRows());
    changed |= fuse(rewriter, op, op.getVMutable(), op.getVDims(), op.getVRows());
    return success(changed);
  }

  static bool fuse(PatternRewriter &rewriter, AttentionOp op, OpOperand &operand, DimsAttr dims,
                   Region &region) {
    auto transform = operand.get().getDefiningOp<RowTransformOpInterface>();
    if (!transform || !transform.hasRowForm(dims))
      return false;
    rewriter.modifyOpInPlace(op, [&] {
      Block &block = getOrCreateRowRegion(rewriter, op, region);
      rewriter.setInsertionPointToStart(&block);
      Value row = block.getArgument(0);
      Value changed = buildRowForm(rewriter, transform, block, row);
      rewriter.replaceAllUsesExcept(row, changed, changed.getDefiningOp());
      operand.set(transform.getRowMutable().get());
    });
    return true;
  }
};

/// transform(attention) -> attention with the transform last in o_rows, where
/// nothing else reads the result.
struct FuseResultRows final : OpInterfaceRewritePattern<RowTransformOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(RowTransformOpInterface transform,
                                PatternRewriter &rewriter) const override {
    Value x = transform.getRowMutable().get();
    auto op = x.getDefiningOp<AttentionOp>();
    if (!op || x != op->getResult(0) || !x.hasOneUse() ||
        !transform.hasRowForm(op.getODims()) || !operandsDominate(transform, op))
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      Block &block = getOrCreateRowRegion(rewriter, op, op.getORows());
      auto yield = cast<YieldOp>(block.getTerminator());
      rewriter.setInsertionPoint(yield);
      yield.getValueMutable().assign(
          buildRowForm(rewriter, transform, block, yield.getValue()));
    });
    rewriter.replaceOp(transform, op->getResult(0));
    return success();
  }

  /// What is computed after attention cannot be read in it.
  static bool operandsDominate(RowTransformOpInterface transform, AttentionOp op) {
    return llvm::all_of(transform->getOpOperands(), [&](OpOperand &operand) {
      if (&operand == &transform.getRowMutable())
        return true;
      Operation *def = operand.get().getDefiningOp();
      if (!def) {
        Region *region = operand.get().getParentRegion();
        return operand.get().getParentBlock() == op->getBlock() ||
               region->isProperAncestor(op->getParentRegion());
      }
      if (def->getBlock() == op->getBlock())
        return def->isBeforeInBlock(op);
      return def->getParentRegion()->isProperAncestor(op->getParentRegion());
    });
  }
};

/// expand(rotate [N,T,D]) -> rotate(expand), where the expansion splits N only
/// and the angles do not depend on N: attention then sees the rotation.
struct SwapExpandRotation final : OpRewritePattern<tensor::ExpandShapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ExpandShapeOp op,
                                PatternRewriter &rewriter) const override {
    auto rotate = op.getSrc().getDefiningOp<RotateOp>();
    SmallVector<ReassociationIndices> groups = op.getReassociationIndices();
    if (!rotate || op.getSrcType().getRank() > 3 || op.getResultType().getRank() != 4 ||
        llvm::any_of(ArrayRef(groups).take_back(2),
                     [](auto &group) { return group.size() != 1; }) ||
        cast<ShapedType>(rotate.getAngles().front().getType()).getRank() != 2 ||
        readsBatch(rotate.getMagnitude()) ||
        llvm::none_of(op->getUsers(), llvm::IsaPred<AttentionOp>))
      return failure();
    SmallVector<OpFoldResult> sizes =
        getMixedValues(op.getStaticOutputShape(), op.getOutputShape(), rewriter);
    Value expanded = tensor::ExpandShapeOp::create(rewriter, op.getLoc(), op.getResultType(),
                                                   rotate.getX(), groups, sizes);
    IRMapping mapping;
    mapping.map(rotate.getX(), expanded);
    Operation *moved = rewriter.clone(*rotate, mapping);
    moved->getResult(0).setType(op.getResultType());
    rewriter.replaceOp(op, moved);
    return success();
  }

  /// Whether a magnitude is a table that has a batch.
  static bool readsBatch(Value magnitude) {
    auto type = magnitude ? dyn_cast<ShapedType>(magnitude.getType()) : ShapedType();
    return type && type.getRank() > 2;
  }
};
} // namespace

void posenc::populateFuseRotationPatterns(RewritePatternSet &patterns) {
  patterns.add<FuseOperandRows, FuseResultRows, SwapExpandRotation>(patterns.getContext());
}
