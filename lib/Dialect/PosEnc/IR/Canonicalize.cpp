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
#include "llvm/Support/MathExtras.h"

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
  // A weight may be infinite or no number.
  if (isZeroSplat(adaptor.getTable()) && !getWeight())
    return getScore();
  return {};
}

/// The row where both positions are constants, or one value and the bucket sees
/// their distance alone. `known` says whether that is so.
static std::optional<int64_t> getConstantRow(BiasTableOp op, bool &known) {
  APInt i, j;
  known = true;
  if (matchPattern(op.getQPosition(), m_ConstantInt(&i)) &&
      matchPattern(op.getKPosition(), m_ConstantInt(&j)))
    return op.getBucket().evaluate(i.getSExtValue(), j.getSExtValue());
  known = op.getQPosition() == op.getKPosition() && op.getBucket().isDistance();
  return known ? op.getBucket().evaluateDistance(0) : std::nullopt;
}

namespace {
/// bias_table of a known row -> addition of the table's element.
struct ReadConstantRow final : OpRewritePattern<BiasTableOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(BiasTableOp op, PatternRewriter &rewriter) const override {
    bool known;
    std::optional<int64_t> row = getConstantRow(op, known);
    if (!known)
      return failure();
    if (!row) {
      rewriter.replaceOp(op, op.getScore());
      return success();
    }
    Location loc = op.getLoc();
    SmallVector<Value> at{arith::ConstantIndexOp::create(rewriter, loc, *row)};
    if (op.getHead())
      at.push_back(op.getHead());
    Value element;
    if (isa<TensorType>(op.getTable().getType()))
      element = tensor::ExtractOp::create(rewriter, loc, op.getTable(), at);
    else
      element = memref::LoadOp::create(rewriter, loc, op.getTable(), at);
    if (!element.getType().isF32())
      element = arith::ExtFOp::create(rewriter, loc, rewriter.getF32Type(), element);
    if (op.getWeight())
      element = arith::MulFOp::create(rewriter, loc, op.getWeight(), element);
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
        inner.getWeight() || op.getWeight() || inner.getHead() != op.getHead() ||
        inner.getQPosition() != op.getQPosition() ||
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
  patterns.add<ReadConstantRow, MergeTables>(ctx);
}

//===----------------------------------------------------------------------===//
// mask
//===----------------------------------------------------------------------===//

OpFoldResult MaskOp::fold(FoldAdaptor adaptor) {
  std::optional<int64_t> distance = getConstantDistance(getQPosition(), getKPosition());
  if (!distance)
    return {};
  // A key is in the chunk of its own position, and not after itself.
  if (!getMask().isDistance())
    return *distance == 0 ? OpFoldResult(getScore()) : OpFoldResult();
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

/// Whether everything that `a` shows is shown by `b`, which reads the same.
static bool isSubset(MaskAttr a, MaskAttr b) {
  if (!a.isDistance() || !b.isDistance())
    return a == b;
  auto within = [](std::optional<int64_t> inner, std::optional<int64_t> outer, int sign) {
    return !outer || (inner && sign * *inner <= sign * *outer);
  };
  return within(a.getMaxDistance(), b.getMaxDistance(), 1) &&
         within(a.getMinDistance(), b.getMinDistance(), -1);
}

/// What both masks show; null if that is none of the masks that there are.
static MaskAttr intersect(MaskAttr a, MaskAttr b) {
  if (!a.isDistance() || !b.isDistance())
    return a == b ? a : MaskAttr();
  auto tighter = [](int64_t x, int64_t y) {
    if (x == MaskAttr::kUnbounded || y == MaskAttr::kUnbounded)
      return std::max(x, y); // the one that is bounded
    return std::min(x, y);
  };
  int64_t left = tighter(a.getLeft(), b.getLeft());
  int64_t right = tighter(a.getRight(), b.getRight());
  bool causal = a.getKind() == MaskKind::Causal && b.getKind() == MaskKind::Causal;
  if (left == MaskAttr::kUnbounded && (right <= 0 || causal))
    return MaskAttr::getCausal(a.getContext(), right);
  if (right != MaskAttr::kUnbounded && right < 0)
    return {};
  return MaskAttr::get(a.getContext(), MaskKind::Window, left, right, 0);
}

static bool samePositions(MaskOp a, MaskOp b) {
  return a.getQPosition() == b.getQPosition() && a.getKPosition() == b.getKPosition() &&
         a.getLength() == b.getLength();
}

/// Whether the mask shows every pair of these positions. What is shown is an
/// interval of distances, or a chunk: the ends decide.
static bool showsAll(MaskAttr mask, IndexRange i, IndexRange j) {
  switch (mask.getKind()) {
  case MaskKind::Causal:
  case MaskKind::Window:
    return mask.isVisible(i.first - j.second) && mask.isVisible(i.second - j.first);
  case MaskKind::Chunked: {
    int64_t chunk = llvm::divideFloorSigned(std::min(i.first, j.first), mask.getSize());
    return chunk == llvm::divideFloorSigned(std::max(i.second, j.second), mask.getSize());
  }
  case MaskKind::Prefix:
    return j.second <= i.first;
  }
  llvm_unreachable("all kinds are covered");
}

namespace {
/// A mask that shows every pair of positions that its op has.
struct DropNoOpMask final : OpRewritePattern<MaskOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MaskOp op, PatternRewriter &rewriter) const override {
    std::optional<IndexRange> i = getPositionRange(op.getQPosition());
    std::optional<IndexRange> j = getPositionRange(op.getKPosition());
    if (!i || !j || !showsAll(op.getMask(), *i, *j))
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
    MaskAttr both = intersect(op.getMask(), inner.getMask());
    if (!both)
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      op.setMaskAttr(both);
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
