//===- CanonicalizeLayouts.cpp - Half and interleaved rotations -----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Halves and interleaved pairs differ by a permutation of the channels. Where a
// model permutes them itself (DeepSeek's view, transpose, reshape), the layout of
// the rotation says the same, and nothing has to be moved. Where q and k are
// written in one other order the order is nobody's business: their product does
// not see it.
//
//===----------------------------------------------------------------------===//

#include "RowOps.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::posenc;

//===----------------------------------------------------------------------===//
// Permuted channels
//===----------------------------------------------------------------------===//

namespace {
/// Channels that were read as [rows, columns] and written as [columns, rows].
struct ChannelShuffle {
  Value source;
  int64_t rows, columns;
};
} // namespace

/// [0], [1], …, [rank − 1, rank].
static bool splitsLast(ArrayRef<ReassociationIndices> groups) {
  return llvm::all_of(groups.drop_back(), [](auto &group) { return group.size() == 1; }) &&
         groups.back().size() == 2;
}

/// collapse (transpose (expand x)), which touch the last dimension alone.
static std::optional<ChannelShuffle> matchShuffle(Value value) {
  auto collapse = value.getDefiningOp<tensor::CollapseShapeOp>();
  auto transpose = collapse ? collapse.getSrc().getDefiningOp<linalg::TransposeOp>() : nullptr;
  auto expand = transpose ? transpose.getInput().getDefiningOp<tensor::ExpandShapeOp>()
                          : tensor::ExpandShapeOp();
  if (!expand || expand.getSrc().getType() != value.getType() ||
      !splitsLast(collapse.getReassociationIndices()) ||
      !splitsLast(expand.getReassociationIndices()))
    return std::nullopt;
  int64_t rank = expand.getResultType().getRank();
  SmallVector<int64_t> swapped = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  std::swap(swapped[rank - 1], swapped[rank - 2]);
  if (transpose.getPermutation() != ArrayRef<int64_t>(swapped))
    return std::nullopt;
  ArrayRef<int64_t> last = expand.getResultType().getShape().take_back(2);
  return ChannelShuffle{expand.getSrc(), last[0], last[1]};
}

namespace {
/// rotate half (x, even channels first) -> rotate interleaved out half (x), and the
/// other way around.
struct ShuffleIsLayout final : OpRewritePattern<RotateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RotateOp op, PatternRewriter &rewriter) const override {
    RotateLayout half = RotateLayout::Half, interleaved = RotateLayout::Interleaved;
    RotateLayout from = op.getLayout();
    if (op.isRow() || from == RotateLayout::BlockHalf || op.getTrailing() ||
        op.getPerChannel() || op.getOutLayout() == RotateLayout::BlockHalf)
      return failure();
    auto type = cast<RankedTensorType>(op.getX().getType());
    int64_t pairs = op.getNumPairs(), channels = op.getNumChannels();
    bool whole = !ShapedType::isDynamic(pairs) && 2 * pairs == channels;
    bool channelsLast = type.getRank() < 4 || op.getDims().dimOf(AttentionOp::Channel) == 3;
    std::optional<ChannelShuffle> shuffle = matchShuffle(op.getX());
    if (!whole || !channelsLast || !shuffle)
      return failure();
    bool fits = from == half ? shuffle->rows == pairs && shuffle->columns == 2
                             : shuffle->rows == 2 && shuffle->columns == pairs;
    if (!fits)
      return failure();
    RotateLayout to = from == half ? interleaved : half;
    RotateLayout written = op.getOutLayout().value_or(from);
    rewriter.modifyOpInPlace(op, [&] {
      op.getXMutable().set(shuffle->source);
      op.setLayout(to);
      if (written == to)
        op.removeOutLayoutAttr();
      else
        op.setOutLayout(written);
    });
    return success();
  }
};
} // namespace

void rowops::addRotationLayoutPatterns(RewritePatternSet &patterns) {
  patterns.add<ShuffleIsLayout>(patterns.getContext());
}

//===----------------------------------------------------------------------===//
// Queries and keys alike
//===----------------------------------------------------------------------===//

/// The rotation that a row region yields.
static RotateOp getLastRotation(Region &region) {
  if (region.empty())
    return {};
  auto yield = cast<YieldOp>(region.front().getTerminator());
  return yield.getValue().getDefiningOp<RotateOp>();
}

namespace {
/// Queries and keys that are written in the same other layout -> both stay in
/// their own: a product does not see in which order both have their channels.
struct DropCommonOutLayout final : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AttentionOp op, PatternRewriter &rewriter) const override {
    RotateOp q = getLastRotation(op.getQRows()), k = getLastRotation(op.getKRows());
    if (!q || !k || !q.getOutLayout() || q.getLayout() != k.getLayout() ||
        q.getOutLayout() != k.getOutLayout() || q.getNumBlocks() != k.getNumBlocks() ||
        q.getChannelOffset() != k.getChannelOffset() || q.getNumPairs() != k.getNumPairs() ||
        ShapedType::isDynamic(q.getNumPairs()) || q.getPerChannel() || k.getPerChannel())
      return failure();
    for (RotateOp rotate : {q, k})
      rewriter.modifyOpInPlace(rotate, [&] {
        rotate.removeOutLayoutAttr();
        if (rotate.getLayout() != RotateLayout::BlockHalf)
          rotate.removeNumBlocksAttr();
      });
    return success();
  }
};
} // namespace

void rowops::addCommonLayoutPatterns(RewritePatternSet &patterns) {
  patterns.add<DropCommonOutLayout>(patterns.getContext());
}
