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

/// The rotation of `row` in a row region of arguments (row, b, h, t).
static Value buildRowRotation(RewriterBase &rewriter, RotateOp like, Block &block, Value row) {
  return RotateOp::create(rewriter, like.getLoc(), row.getType(), row,
                          ValueRange{block.getArgument(1), block.getArgument(3)},
                          like.getAngles(), like.getLayoutAttr(), like.getChannelOffsetAttr(),
                          DimsAttr::getDefault(rewriter.getContext()));
}

/// Whether the rotation of a tensor of rank 4 stored as `dims` runs along its
/// sequence.
static bool rotatesRows(RotateOp rotate, DimsAttr dims) {
  auto type = rotate ? dyn_cast<RankedTensorType>(rotate.getType()) : RankedTensorType();
  return type && type.getRank() == 4 && rotate.getDims() == dims;
}

namespace {
/// attention(rotate(x)) -> attention(x) with the rotation first in the row
/// region, for q, k and v.
struct FuseOperandRotation final : OpRewritePattern<AttentionOp> {
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
    auto rotate = operand.get().getDefiningOp<RotateOp>();
    if (!rotatesRows(rotate, dims))
      return false;
    rewriter.modifyOpInPlace(op, [&] {
      Block &block = getOrCreateRowRegion(rewriter, op, region);
      rewriter.setInsertionPointToStart(&block);
      Value row = block.getArgument(0);
      Value rotated = buildRowRotation(rewriter, rotate, block, row);
      rewriter.replaceAllUsesExcept(row, rotated, rotated.getDefiningOp());
      operand.set(rotate.getX());
    });
    return true;
  }
};

/// rotate(attention) -> attention with the rotation last in o_rows, where
/// nothing else reads the result.
struct FuseResultRotation final : OpRewritePattern<RotateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RotateOp rotate, PatternRewriter &rewriter) const override {
    auto op = rotate.getX().getDefiningOp<AttentionOp>();
    if (!op || rotate.getX() != op->getResult(0) || !rotate.getX().hasOneUse() ||
        !rotatesRows(rotate, op.getODims()) || !anglesDominate(rotate, op))
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      Block &block = getOrCreateRowRegion(rewriter, op, op.getORows());
      auto yield = cast<YieldOp>(block.getTerminator());
      rewriter.setInsertionPoint(yield);
      yield.getValueMutable().assign(
          buildRowRotation(rewriter, rotate, block, yield.getValue()));
    });
    rewriter.replaceOp(rotate, op->getResult(0));
    return success();
  }

  /// Angles that are computed after attention cannot be read in it.
  static bool anglesDominate(RotateOp rotate, AttentionOp op) {
    return llvm::all_of(rotate.getAngles(), [&](Value angles) {
      Operation *def = angles.getDefiningOp();
      if (!def)
        return angles.getParentBlock() == op->getBlock() ||
               angles.getParentRegion()->isProperAncestor(op->getParentRegion());
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
        llvm::none_of(op->getUsers(), llvm::IsaPred<AttentionOp>))
      return failure();
    SmallVector<OpFoldResult> sizes =
        getMixedValues(op.getStaticOutputShape(), op.getOutputShape(), rewriter);
    Value expanded = tensor::ExpandShapeOp::create(rewriter, op.getLoc(), op.getResultType(),
                                                   rotate.getX(), groups, sizes);
    rewriter.replaceOpWithNewOp<RotateOp>(op, op.getResultType(), expanded, ValueRange{},
                                          rotate.getAngles(), rotate.getLayoutAttr(),
                                          rotate.getChannelOffsetAttr(),
                                          DimsAttr::getDefault(rewriter.getContext()));
    return success();
  }
};
} // namespace

void posenc::populateFuseRotationPatterns(RewritePatternSet &patterns) {
  patterns.add<FuseOperandRotation, FuseResultRotation, SwapExpandRotation>(
      patterns.getContext());
}
