//===- Canonicalize.cpp - Exact simplifications of modifiers --------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Folders and patterns of the ops in score regions. Those of attention and of
// the ops on tensors are in CanonicalizeTensors.cpp.
//===----------------------------------------------------------------------===//

#include "RegionOps.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::regionops;

/// A merged table larger than this would bloat the module.
static constexpr int64_t kMaxMergedElements = 1 << 16;

/// i − j where both positions are the same value or constants.
static std::optional<int64_t> getConstantDistance(Value i, Value j) {
  if (i == j)
    return 0;
  APInt a, b;
  if (!matchPattern(i, m_ConstantInt(&a)) || !matchPattern(j, m_ConstantInt(&b)))
    return std::nullopt;
  return a.getSExtValue() - b.getSExtValue();
}

bool regionops::isZeroSplat(Attribute attr) {
  auto elements = dyn_cast_or_null<DenseFPElementsAttr>(attr);
  return elements && elements.isSplat() && elements.getSplatValue<APFloat>().isZero();
}

//===----------------------------------------------------------------------===//
// bias_table
//===----------------------------------------------------------------------===//

OpFoldResult BiasTableOp::fold(FoldAdaptor adaptor) {
  if (isZeroSplat(adaptor.getTable()))
    return getScore();
  return {};
}

namespace {
/// bias_table of one known distance -> addition of the table's element.
struct ReadConstantDistance final : OpRewritePattern<BiasTableOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(BiasTableOp op, PatternRewriter &rewriter) const override {
    std::optional<int64_t> distance = getConstantDistance(op.getQPosition(), op.getKPosition());
    if (!distance)
      return failure();
    Location loc = op.getLoc();
    bool flip = op.getBucket().getSign() == Sign::KMinusQ;
    int64_t row = op.getBucket().evaluate(flip ? -*distance : *distance);
    SmallVector<Value> at{arith::ConstantIndexOp::create(rewriter, loc, row)};
    if (op.getHead())
      at.push_back(op.getHead());
    Value element;
    if (isa<TensorType>(op.getTable().getType()))
      element = tensor::ExtractOp::create(rewriter, loc, op.getTable(), at);
    else
      element = memref::LoadOp::create(rewriter, loc, op.getTable(), at);
    if (!element.getType().isF32())
      element = arith::ExtFOp::create(rewriter, loc, rewriter.getF32Type(), element);
    rewriter.replaceOpWithNewOp<arith::AddFOp>(op, op.getScore(), element);
    return success();
  }
};

/// Two constant tables at one place -> their sum, in f32. Re-associates.
struct MergeTables final : OpRewritePattern<BiasTableOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(BiasTableOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getScore().getDefiningOp<BiasTableOp>();
    DenseFPElementsAttr a, b;
    if (!inner || !inner->hasOneUse() || inner.getBucket() != op.getBucket() ||
        inner.getHead() != op.getHead() || inner.getQPosition() != op.getQPosition() ||
        inner.getKPosition() != op.getKPosition() ||
        !matchPattern(inner.getTable(), m_Constant(&a)) ||
        !matchPattern(op.getTable(), m_Constant(&b)) ||
        a.getType().getShape() != b.getType().getShape() ||
        a.getNumElements() > kMaxMergedElements)
      return failure();
    SmallVector<float> sums;
    for (auto [x, y] : llvm::zip_equal(a.getValues<APFloat>(), b.getValues<APFloat>()))
      sums.push_back(toFloat(x) + toFloat(y));
    auto type = RankedTensorType::get(a.getType().getShape(), rewriter.getF32Type());
    Value table = arith::ConstantOp::create(
        rewriter, op.getLoc(), DenseElementsAttr::get(type, ArrayRef<float>(sums)));
    rewriter.modifyOpInPlace(op, [&] {
      op.getScoreMutable().set(inner.getScore());
      op.getTableMutable().assign(table);
    });
    return success();
  }

  static float toFloat(APFloat value) {
    bool lossy;
    value.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven, &lossy);
    return value.convertToFloat();
  }
};
} // namespace

void BiasTableOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *ctx) {
  patterns.add<ReadConstantDistance, MergeTables>(ctx);
}

//===----------------------------------------------------------------------===//
// mask
//===----------------------------------------------------------------------===//

OpFoldResult MaskOp::fold(FoldAdaptor adaptor) {
  // A mask of one distance that is visible hides nothing.
  std::optional<int64_t> distance = getConstantDistance(getQPosition(), getKPosition());
  if (!distance)
    return {};
  if (getMask().isVisible(*distance))
    return getScore();
  return FloatAttr::get(getType(), -std::numeric_limits<double>::infinity());
}

/// Smallest and largest value of an index.
using IndexRange = std::pair<int64_t, int64_t>;

/// first + [0, extent): the indices of one side, moved by its offset.
static std::optional<IndexRange> getSideRange(Value positions, Value offset, int64_t extent) {
  APInt first(64, 0);
  if (positions || ShapedType::isDynamic(extent) || extent == 0 ||
      (offset && !matchPattern(offset, m_ConstantInt(&first))))
    return std::nullopt;
  return IndexRange{first.getSExtValue(), first.getSExtValue() + extent - 1};
}

/// The range of a position: a constant, or q_pos or k_pos of static extents.
static std::optional<IndexRange> getPositionRange(Value position) {
  APInt constant;
  if (matchPattern(position, m_ConstantInt(&constant)))
    return IndexRange{constant.getSExtValue(), constant.getSExtValue()};
  Operation *op = position.getDefiningOp();
  if (!isa_and_nonnull<QPosOp, KPosOp>(op))
    return std::nullopt;
  bool query = isa<QPosOp>(op);
  Operation *owner = op->getParentOp();
  while (owner && !isa<AttentionOp, ScoreMapOp>(owner))
    owner = owner->getParentOp();
  if (auto attention = dyn_cast_or_null<AttentionOp>(owner)) {
    if (query)
      return getSideRange(attention.getQPositions(), attention.getQOffset(),
                          attention.getQueryExtent(AttentionOp::Seq));
    return getSideRange(attention.getKPositions(), attention.getKOffset(),
                        attention.getKeyExtent(AttentionOp::Seq));
  }
  auto map = dyn_cast_or_null<ScoreMapOp>(owner);
  if (!map)
    return std::nullopt;
  auto type = cast<ShapedType>(map.getOutput().getType());
  if (query)
    return getSideRange(map.getQPositions(), map.getQOffset(), type.getDimSize(2));
  return getSideRange(map.getKPositions(), map.getKOffset(), type.getDimSize(3));
}

/// Whether every distance that `a` shows is shown by `b`.
static bool isSubset(MaskAttr a, MaskAttr b) {
  auto within = [](int64_t inner, int64_t outer) {
    return outer == -1 || (inner != -1 && inner <= outer);
  };
  return within(a.getLeft(), b.getLeft()) && within(a.getRight(), b.getRight());
}

/// What both masks show.
static MaskAttr intersect(MaskAttr a, MaskAttr b) {
  auto tighter = [](int64_t x, int64_t y) {
    return x == -1 ? y : (y == -1 ? x : std::min(x, y));
  };
  int64_t left = tighter(a.getLeft(), b.getLeft());
  int64_t right = tighter(a.getRight(), b.getRight());
  if (left == -1 && right == 0)
    return MaskAttr::getCausal(a.getContext());
  return MaskAttr::getWindow(a.getContext(), left, right);
}

static bool samePositions(MaskOp a, MaskOp b) {
  return a.getQPosition() == b.getQPosition() && a.getKPosition() == b.getKPosition();
}

namespace {
/// A mask that shows every distance that its op has.
struct DropNoOpMask final : OpRewritePattern<MaskOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MaskOp op, PatternRewriter &rewriter) const override {
    std::optional<IndexRange> i = getPositionRange(op.getQPosition());
    std::optional<IndexRange> j = getPositionRange(op.getKPosition());
    // What is shown is an interval: its ends decide.
    if (!i || !j || !op.getMask().isVisible(i->first - j->second) ||
        !op.getMask().isVisible(i->second - j->first))
      return failure();
    rewriter.replaceOp(op, op.getScore());
    return success();
  }
};

/// mask A (mask B (s)) -> mask A∩B (s).
struct IntersectMasks final : OpRewritePattern<MaskOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MaskOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getScore().getDefiningOp<MaskOp>();
    if (!inner || !samePositions(op, inner))
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      op.setMaskAttr(intersect(op.getMask(), inner.getMask()));
      op.getScoreMutable().set(inner.getScore());
    });
    return success();
  }
};

/// mask A (… mask B (s)), where A shows nothing that B hides: B has no effect,
/// whatever stands between, as each score goes its own way.
struct DropInnerMask final : OpRewritePattern<MaskOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MaskOp op, PatternRewriter &rewriter) const override {
    auto mod = op.getScore().getDefiningOp<ScoreModOpInterface>();
    while (mod && mod->hasOneUse()) {
      auto inner = dyn_cast<MaskOp>(mod.getOperation());
      if (inner && samePositions(op, inner) && isSubset(op.getMask(), inner.getMask())) {
        rewriter.replaceOp(inner, inner.getScore());
        return success();
      }
      mod = mod.getScoreMutable().get().getDefiningOp<ScoreModOpInterface>();
    }
    return failure();
  }
};
} // namespace

void MaskOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *ctx) {
  patterns.add<DropNoOpMask, IntersectMasks, DropInnerMask>(ctx);
}
