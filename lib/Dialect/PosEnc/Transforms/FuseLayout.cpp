//===- FuseLayout.cpp - Transposes around attention become dims -----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Attention reads and writes through strides, so a permutation of q, k, v or o
// is a matter of naming dimensions. A transpose may hide behind a slice or a
// reshape (packed QKV, [B*H,T,D] forms): those then apply to its source.
//===----------------------------------------------------------------------===//

#include "TransposeViews.h"

#include "posenc/Dialect/PosEnc/Transforms/Transforms.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::posenc;

/// `dims` of a tensor whose dimension i is dimension perm[i] of the new one.
static DimsAttr composeDims(DimsAttr dims, ArrayRef<int64_t> perm) {
  SmallVector<int64_t> composed;
  for (int64_t dim : dims.getPerm())
    composed.push_back(perm[dim]);
  return DimsAttr::get(dims.getContext(), composed);
}

namespace {
/// attention(transpose(x)) -> attention(x) with other dims, for q, k and v.
struct FoldOperandTranspose final : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AttentionOp op, PatternRewriter &rewriter) const override {
    if (!op.hasPureTensor())
      return failure();
    bool changed = false;
    auto fold = [&](OpOperand &operand, DimsAttr dims, function_ref<void(DimsAttr)> setDims) {
      FailureOr<TransposedView> view = peelTranspose(rewriter, operand.get());
      if (failed(view))
        return;
      rewriter.modifyOpInPlace(op, [&] {
        operand.set(view->source);
        setDims(composeDims(dims, view->perm));
      });
      changed = true;
    };
    fold(op.getQMutable(), op.getQDims(), [&](DimsAttr d) { op.setQDimsAttr(d); });
    fold(op.getKMutable(), op.getKDims(), [&](DimsAttr d) { op.setKDimsAttr(d); });
    fold(op.getVMutable(), op.getVDims(), [&](DimsAttr d) { op.setVDimsAttr(d); });
    return success(changed);
  }
};

/// transpose(attention) -> attention with other o_dims, where nothing else
/// reads the result.
struct FoldResultTranspose final : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AttentionOp op, PatternRewriter &rewriter) const override {
    if (!op.hasPureTensor() || !op->getResult(0).hasOneUse())
      return failure();
    Operation *user = *op->getResult(0).getUsers().begin();
    std::optional<TransposedView> view = matchTranspose(user);
    if (!view || view->source != op->getResult(0))
      return failure();
    SmallVector<int64_t> perm = view->perm;

    rewriter.setInsertionPoint(op);
    Value init = buildPermutedInit(rewriter, op, perm);
    rewriter.modifyOpInPlace(op, [&] {
      op.getOutputMutable().assign(init);
      op.setODimsAttr(composeDims(op.getODims(), invertPermutationVector(perm)));
      op->getResult(0).setType(init.getType());
    });
    rewriter.setInsertionPointAfter(op);
    Value result = op->getResult(0);
    if (result.getType() != user->getResult(0).getType())
      result =
          tensor::CastOp::create(rewriter, op.getLoc(), user->getResult(0).getType(), result);
    rewriter.replaceOp(user, result);
    return success();
  }

  /// An empty tensor of the output's extents in the new order. What outs held
  /// is never read.
  static Value buildPermutedInit(OpBuilder &b, AttentionOp op, ArrayRef<int64_t> perm) {
    Value old = op.getOutput();
    auto empty = old.getDefiningOp<tensor::EmptyOp>();
    SmallVector<OpFoldResult> sizes =
        empty ? empty.getMixedSizes() : tensor::getMixedSizes(b, op.getLoc(), old);
    applyPermutationToVector(sizes, perm);
    return tensor::EmptyOp::create(b, op.getLoc(), sizes, op.getElementType());
  }
};

/// transpose(collapse(attention)) -> collapse(transpose(attention)), where the
/// collapse drops unit dimensions: the transpose then meets attention.
struct SwapResultCollapse final : OpRewritePattern<tensor::CollapseShapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::CollapseShapeOp op,
                                PatternRewriter &rewriter) const override {
    auto attention = op.getSrc().getDefiningOp<AttentionOp>();
    if (!attention || !op.getSrc().hasOneUse() || !op.getResult().hasOneUse() ||
        op.getSrc() != attention->getResult(0))
      return failure();
    Operation *user = *op.getResult().getUsers().begin();
    std::optional<TransposedView> view = matchTranspose(user);
    std::optional<SmallVector<int64_t>> kept = getKeptDims(op);
    if (!view || !kept || view->source != op.getResult())
      return failure();
    // The permutation of all dimensions: kept ones as the transpose says, unit
    // ones first.
    SmallVector<int64_t> perm;
    for (int64_t dim = 0; dim < op.getSrcType().getRank(); ++dim)
      if (!llvm::is_contained(*kept, dim))
        perm.push_back(dim);
    for (int64_t dim : view->perm)
      perm.push_back((*kept)[dim]);

    rewriter.setInsertionPoint(user);
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, op.getLoc(), op.getSrc());
    applyPermutationToVector(sizes, perm);
    Value init =
        tensor::EmptyOp::create(rewriter, op.getLoc(), sizes, op.getSrcType().getElementType());
    Value transposed =
        linalg::TransposeOp::create(rewriter, op.getLoc(), op.getSrc(), init, perm)
            ->getResult(0);
    int64_t units = perm.size() - kept->size();
    auto keptNow = llvm::to_vector(llvm::seq<int64_t>(units, perm.size()));
    rewriter.replaceOpWithNewOp<tensor::CollapseShapeOp>(
        user, cast<RankedTensorType>(user->getResult(0).getType()), transposed,
        dropDimsReassociation(perm.size(), keptNow));
    return success();
  }
};
} // namespace

void posenc::populateFuseLayoutPatterns(RewritePatternSet &patterns) {
  MLIRContext *ctx = patterns.getContext();
  patterns.add<FoldOperandTranspose, FoldResultTranspose, SwapResultCollapse>(ctx);
  // collapse and expand that undo each other, as around batch_matmul.
  tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, ctx);
  tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, ctx);
}
