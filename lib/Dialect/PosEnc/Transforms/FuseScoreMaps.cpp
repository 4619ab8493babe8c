//===- FuseScoreMaps.cpp - Move bias producers into attention -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Transforms/Transforms.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"
#include "posenc/Dialect/PosEnc/Utils/RegionInlining.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::posenc;

//===----------------------------------------------------------------------===//
// Reads of score maps
//===----------------------------------------------------------------------===//

/// The score region that `op` stands in, at any depth; null if in none.
static Region *getScoreRegion(Operation *op) {
  for (Region *region = op->getParentRegion(); region; region = region->getParentRegion()) {
    Operation *owner = region->getParentOp();
    auto attention = dyn_cast_or_null<AttentionOp>(owner);
    if (attention)
      return region == &attention.getScore() ? region : nullptr;
    if (isa_and_nonnull<ScoreMapOp>(owner))
      return region;
  }
  return nullptr;
}

static PositionSource getPositionSource(Operation *op) {
  if (auto attention = dyn_cast<AttentionOp>(op))
    return PositionSource::get(attention);
  return PositionSource::get(cast<ScoreMapOp>(op));
}

/// Same offset, where none is the constant 0.
static bool sameOffset(Value a, Value b) {
  auto isZero = [](Value v) { return !v || matchPattern(v, m_Zero()); };
  return a == b || (isZero(a) && isZero(b));
}

/// Whether a position op of the map means the same in the reader's region when
/// the map is read at `at`: same source, same index, same batch entry.
static bool keepsPosition(bool query, const PositionSource &map, const PositionSource &reader,
                          ValueRange at, Block &readerBlock) {
  Value mapPositions = query ? map.qPositions : map.kPositions;
  Value readerPositions = query ? reader.qPositions : reader.kPositions;
  int64_t side = query ? 2 : 3;
  // Region arguments: score, b, h, m, n.
  if (mapPositions != readerPositions || at[side] != readerBlock.getArgument(side + 1))
    return false;
  if (!mapPositions)
    return sameOffset(query ? map.qOffset : map.kOffset,
                      query ? reader.qOffset : reader.kOffset);
  return cast<ShapedType>(mapPositions.getType()).getRank() == 1 ||
         at[0] == readerBlock.getArgument(1);
}

/// Replaces the position ops of a kind and axis by one at the region's start:
/// modifiers of equal distances then share their positions.
template <typename PosOp> static void sharePositions(RewriterBase &rewriter, Region &region) {
  DenseMap<IntegerAttr, PosOp> first;
  SmallVector<PosOp> ops;
  region.walk([&](PosOp op) { ops.push_back(op); });
  Block &block = region.front();
  for (PosOp op : ops) {
    PosOp &kept = first[op.getAxisAttr()];
    if (kept) {
      rewriter.replaceOp(op, kept);
      continue;
    }
    kept = op;
    rewriter.moveOpBefore(op, &block, block.begin());
  }
}

/// Rewrites a position op of the inlined region to an explicit read, unless it
/// means the same in the reader's region.
template <typename PosOp>
static void adaptPosition(RewriterBase &rewriter, PosOp op, bool query,
                          const PositionSource &map, const PositionSource &reader,
                          ValueRange at, Block &readerBlock) {
  if (keepsPosition(query, map, reader, at, readerBlock))
    return;
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  Value position =
      buildPosition(rewriter, op.getLoc(), query ? map.qPositions : map.kPositions,
                    query ? map.qOffset : map.kOffset, op.getAxis(), at[0], at[query ? 2 : 3]);
  rewriter.replaceOp(op, position);
}

/// The extents of the scores of an attention or a score_map.
static SmallVector<int64_t> getScoreExtents(Operation *op) {
  if (auto attention = dyn_cast<AttentionOp>(op)) {
    using L = AttentionOp::Logical;
    return {attention.getQueryExtent(L::Batch), attention.getQueryExtent(L::Head),
            attention.getQueryExtent(L::Seq), attention.getKeyExtent(L::Seq)};
  }
  return llvm::to_vector(
      cast<ShapedType>(cast<ScoreMapOp>(op).getOutput().getType()).getShape());
}

/// Stages read other scores: those of the reader have to be the map's, one by
/// one. Maps without stages go anywhere.
static bool mayInlineStages(ScoreMapOp map, tensor::ExtractOp extract, Region &reader) {
  if (map.getScore().front().getOps<StageOpInterface>().empty())
    return true;
  SmallVector<int64_t> extents = getScoreExtents(map);
  return extract->getParentRegion() == &reader &&
         llvm::equal(extract.getIndices(), reader.getArguments().drop_front()) &&
         extents == getScoreExtents(reader.getParentOp()) &&
         llvm::none_of(extents, ShapedType::isDynamic);
}

namespace {
/// tensor.extract %map[b, h, m, n] in a score region -> the map's region there.
struct InlineScoreMap final : OpRewritePattern<tensor::ExtractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ExtractOp extract,
                                PatternRewriter &rewriter) const override {
    auto map = extract.getTensor().getDefiningOp<ScoreMapOp>();
    Region *readerRegion = map ? getScoreRegion(extract) : nullptr;
    if (!readerRegion || !mayInlineStages(map, extract, *readerRegion))
      return failure();
    Location loc = extract.getLoc();
    SmallVector<Value> at(extract.getIndices());
    Value zero = arith::ConstantOp::create(rewriter, loc, rewriter.getF32FloatAttr(0.0));
    IRMapping mapping;
    SmallVector<Value> arguments{zero};
    llvm::append_range(arguments, at);
    Block &body = map.getScore().front();
    mapping.map(body.getArguments(), arguments);
    SmallVector<Operation *> positions;
    for (Operation &op : body.without_terminator())
      rewriter.clone(op, mapping)->walk([&](Operation *nested) {
        if (isa<QPosOp, KPosOp>(nested))
          positions.push_back(nested);
      });
    Value result = mapping.lookupOrDefault(cast<YieldOp>(body.getTerminator()).getValue());
    // A map of a narrow element type rounds what it stores.
    if (extract.getType() != result.getType())
      result = arith::TruncFOp::create(rewriter, loc, extract.getType(), result);
    // Before the positions change: the result may itself depend on them.
    rewriter.replaceOp(extract, result);

    PositionSource source = PositionSource::get(map);
    PositionSource reader = getPositionSource(readerRegion->getParentOp());
    for (Operation *op : positions) {
      if (auto pos = dyn_cast<QPosOp>(op))
        adaptPosition(rewriter, pos, true, source, reader, at, readerRegion->front());
      else
        adaptPosition(rewriter, cast<KPosOp>(op), false, source, reader, at,
                      readerRegion->front());
    }
    sharePositions<KPosOp>(rewriter, *readerRegion);
    sharePositions<QPosOp>(rewriter, *readerRegion);
    return success();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Modifiers of zero
//===----------------------------------------------------------------------===//

/// The ops of a chain `modN(… mod1(base))` of additive modifiers, each used
/// only by the next, from modN to mod1.
static SmallVector<ScoreModOpInterface> getAdditiveChain(Value value) {
  SmallVector<ScoreModOpInterface> chain;
  while (auto mod = value.getDefiningOp<ScoreModOpInterface>()) {
    if (!mod.isAdditive() || !mod->hasOneUse())
      break;
    chain.push_back(mod);
    value = mod.getScoreMutable().get();
  }
  return chain;
}

/// Whether `value` is computed from the region's score.
static bool dependsOnScore(Value value, Value score) {
  SmallVector<Value> worklist{value};
  DenseSet<Value> seen;
  Region *region = score.getParentRegion();
  while (!worklist.empty()) {
    Value v = worklist.pop_back_val();
    if (v == score)
      return true;
    Operation *op = v.getDefiningOp();
    if (!seen.insert(v).second || !op || !region->isAncestor(op->getParentRegion()))
      continue;
    // What stands in nested regions may read anything.
    if (op->getNumRegions() != 0)
      return true;
    llvm::append_range(worklist, op->getOperands());
  }
  return false;
}

namespace {
/// addf(s, modN(… mod1(0))) -> modN(… mod1(s)), operands in either order. A
/// base x that is not zero but no function of the score is added first:
/// addf(s, mod(x)) -> mod(addf(s, x)). Re-associates sums (see attention).
struct MergeAddedModifiers final : OpRewritePattern<arith::AddFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::AddFOp add, PatternRewriter &rewriter) const override {
    Region *region = getScoreRegion(add);
    if (!region || add->getParentRegion() != region)
      return failure();
    Value score = region->getArgument(0);
    for (auto [base, other] : {std::pair<Value, Value>{add.getLhs(), add.getRhs()},
                               std::pair<Value, Value>{add.getRhs(), add.getLhs()}}) {
      SmallVector<ScoreModOpInterface> chain = getAdditiveChain(other);
      if (chain.empty() ||
          llvm::any_of(chain, [&](Operation *op) { return op->getBlock() != add->getBlock(); }))
        continue;
      Value inner = chain.back().getScoreMutable().get();
      bool zero = matchPattern(inner, m_AnyZeroFloat());
      if (!zero && dependsOnScore(other, score))
        continue;
      Value start = base;
      if (!zero)
        start =
            arith::AddFOp::create(rewriter, add.getLoc(), base, inner, add.getFastmathAttr());
      for (ScoreModOpInterface mod : llvm::reverse(chain))
        rewriter.moveOpBefore(mod, add);
      rewriter.modifyOpInPlace(chain.back(),
                               [&] { chain.back().getScoreMutable().set(start); });
      rewriter.replaceOp(add, other);
      return success();
    }
    return failure();
  }
};
} // namespace

void posenc::populateFuseScoreMapPatterns(RewritePatternSet &patterns) {
  patterns.add<InlineScoreMap, MergeAddedModifiers>(patterns.getContext());
}
