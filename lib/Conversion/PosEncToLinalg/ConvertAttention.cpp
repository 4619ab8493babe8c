//===- ConvertAttention.cpp - attention to linalg, unfused ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// One function per line of the op's definition, in the same order.
//===----------------------------------------------------------------------===//

#include "ScoreStages.h"

#include "posenc/Dialect/PosEnc/Utils/NeedsReference.h"
#include "posenc/Dialect/PosEnc/Utils/RegionInlining.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

#include <limits>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::reference;

static constexpr float kMinusInf = -std::numeric_limits<float>::infinity();

namespace {
/// Builds the reference of one attention op at the builder's insertion point.
class AttentionReference {
public:
  AttentionReference(OpBuilder &builder, AttentionOp op);

  SmallVector<Value> build();
  /// See buildAttentionForBackward.
  AttentionForBackward buildForBackward(Value savedLse);

private:
  /// q', k' or v': [B,H,T,D] in f32.
  Value buildRows(Value tensor, DimsAttr dims, Region &region, ArrayRef<OpFoldResult> sizes);
  /// Head of k and v for the query head `h`.
  Value buildKeyHead(OpBuilder &b, Location loc, Value h);
  Value buildProducts(Value q, Value k);
  Value buildScores(Value products);
  /// The row maximum and the row sum of exp(score − maximum), [B,Hq,Tq] each;
  /// `weights` become the exponentials.
  std::pair<Value, Value> buildSoftmax(Value &weights);
  Value buildFirstMaximum(ArrayRef<OpFoldResult> rows);
  Value buildFirstSum(ArrayRef<OpFoldResult> rows, Value maximum);
  Value buildWeightedValues(Value weights, Value v);
  Value buildRelativeValues(Value weights, Value sum);
  Value buildOutput(Value weighted);
  Value buildLse(Value maximum, Value sum, Value init);
  /// Σ_n exp(f − lse), of sinks too: 1 where there is anything to attend to.
  Value buildTotal(Value scores, Value lse);
  /// exp(f − lse).
  Value buildProbabilities(Value scores, Value lse);

  OpBuilder &builder;
  AttentionOp op;
  Location loc;
  OpFoldResult batch, queryHeads, keyHeads, queries, keys, channels, valueChannels;
  /// Query heads per key head; null if statically one.
  Value group;
  /// Modifiers that stay, for their derivatives.
  bool keepModifiers = false;
};
} // namespace

/// `value`, or 0 where it is −inf: the difference of a score of −inf and a
/// maximum of −inf would be NaN, with 0 it stays −inf.
static Value buildFiniteMaximum(OpBuilder &b, Location loc, Value value) {
  Value hidden = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, value,
                                       buildF32(b, loc, kMinusInf));
  return arith::SelectOp::create(b, loc, hidden, buildF32(b, loc, 0.0f), value);
}

/// Nothing to attend to: the largest score gives exp(0) = 1 otherwise.
static Value buildIsEmptyRow(OpBuilder &b, Location loc, Value sum) {
  return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, sum, buildF32(b, loc, 0.0f));
}

AttentionReference::AttentionReference(OpBuilder &builder, AttentionOp op)
    : builder(builder), op(op), loc(op.getLoc()) {
  auto extent = [&](AttentionOp::Logical which, StringRef of) {
    SmallVector<Extent> equal;
    for (char tensor : of) {
      Value value = tensor == 'q'   ? op.getQ()
                    : tensor == 'k' ? op.getK()
                    : tensor == 'v' ? op.getV()
                                    : op.getOutput();
      DimsAttr dims = tensor == 'q'   ? op.getQDims()
                      : tensor == 'k' ? op.getKDims()
                      : tensor == 'v' ? op.getVDims()
                                      : op.getODims();
      equal.push_back({value, dims.dimOf(which)});
    }
    return buildExtent(builder, loc, equal);
  };
  batch = extent(AttentionOp::Batch, "qkvo");
  queryHeads = extent(AttentionOp::Head, "qo");
  keyHeads = extent(AttentionOp::Head, "kv");
  queries = extent(AttentionOp::Seq, "qo");
  keys = extent(AttentionOp::Seq, "kv");
  channels = extent(AttentionOp::Channel, "qk");
  valueChannels = extent(AttentionOp::Channel, "vo");

  if (isEqualConstantIntOrValue(queryHeads, keyHeads))
    return;
  // At least 1 each, so that no heads at all do not divide by zero.
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value q = getValueOrCreateConstantIndexOp(builder, loc, queryHeads);
  Value k = getValueOrCreateConstantIndexOp(builder, loc, keyHeads);
  k = builder.createOrFold<arith::MaxSIOp>(loc, k, one);
  Value quotient = builder.createOrFold<arith::DivSIOp>(loc, q, k);
  group = builder.createOrFold<arith::MaxSIOp>(loc, quotient, one);
}

Value AttentionReference::buildRows(Value tensor, DimsAttr dims, Region &region,
                                    ArrayRef<OpFoldResult> sizes) {
  Value init = buildEmpty(builder, loc, sizes);
  return buildForEach(builder, loc, {}, init, [&](OpBuilder &b, Location l, ValueRange) {
    SmallVector<Value> at = buildIndices(b, l, 4);
    auto load = [&](Value d) {
      return buildRead(b, l, tensor, dims, {at[0], at[1], at[2], d});
    };
    return inlineRowElement(b, l, region, at[0], at[1], at[2], at[3], load);
  });
}

Value AttentionReference::buildKeyHead(OpBuilder &b, Location l, Value h) {
  if (!group)
    return h;
  return arith::DivSIOp::create(b, l, h, group);
}

/// Σ_d q'[b,h,m,d] k'[b,h/G,n,d], loops (b, h, m, n, d).
Value AttentionReference::buildProducts(Value q, Value k) {
  Value init = buildFilled(builder, loc, {batch, queryHeads, queries, keys}, 0.0f);
  return buildGeneric(builder, loc, /*numLoops=*/5, {{q, {0, 1, 2, 4}}}, {init, {0, 1, 2, 3}},
                      [&](OpBuilder &b, Location l, ValueRange elements) -> Value {
                        SmallVector<Value> at = buildIndices(b, l, 5);
                        Value head = buildKeyHead(b, l, at[1]);
                        Value key = tensor::ExtractOp::create(
                            b, l, k, ValueRange{at[0], head, at[3], at[4]});
                        Value product = arith::MulFOp::create(b, l, elements[0], key);
                        return arith::AddFOp::create(b, l, elements[1], product);
                      });
}

/// score(scale · s), in place.
Value AttentionReference::buildScores(Value products) {
  ScoreStages stages(op.getScore(), PositionSource::get(op), {batch, queryHeads, queries, keys},
                     keepModifiers);
  stages.build(builder, loc, products, op.getScaleAttr());
  return buildForEach(builder, loc, {}, products,
                      [&](OpBuilder &b, Location l, ValueRange elements) {
                        Value scale = arith::ConstantOp::create(b, l, op.getScaleAttr());
                        Value score = arith::MulFOp::create(b, l, elements[0], scale);
                        return stages.buildYielded(b, l, score, buildIndices(b, l, 4));
                      });
}

/// What a row's maximum and sum start with: without sinks −inf and 0.
Value AttentionReference::buildFirstMaximum(ArrayRef<OpFoldResult> rows) {
  if (!op.getSinks())
    return buildFilled(builder, loc, rows, kMinusInf);
  return buildForEach(builder, loc, {{op.getSinks(), {1}}}, buildEmpty(builder, loc, rows),
                      [&](OpBuilder &b, Location l, ValueRange elements) {
                        return buildConvert(b, l, elements[0], b.getF32Type());
                      });
}

Value AttentionReference::buildFirstSum(ArrayRef<OpFoldResult> rows, Value maximum) {
  if (!op.getSinks())
    return buildFilled(builder, loc, rows, 0.0f);
  return buildForEach(builder, loc, {{op.getSinks(), {1}}, {maximum, {0, 1, 2}}},
                      buildEmpty(builder, loc, rows),
                      [&](OpBuilder &b, Location l, ValueRange elements) -> Value {
                        Value sink = buildConvert(b, l, elements[0], b.getF32Type());
                        Value top = buildFiniteMaximum(b, l, elements[1]);
                        Value shifted = arith::SubFOp::create(b, l, sink, top);
                        return math::ExpOp::create(b, l, shifted);
                      });
}

std::pair<Value, Value> AttentionReference::buildSoftmax(Value &weights) {
  OpFoldResult rows[] = {batch, queryHeads, queries};
  Value maximum =
      buildGeneric(builder, loc, /*numLoops=*/4, {{weights, {0, 1, 2, 3}}},
                   {buildFirstMaximum(rows), {0, 1, 2}},
                   [&](OpBuilder &b, Location l, ValueRange elements) -> Value {
                     return arith::MaximumFOp::create(b, l, elements[0], elements[1]);
                   });
  weights = buildForEach(builder, loc, {{maximum, {0, 1, 2}}}, weights,
                         [&](OpBuilder &b, Location l, ValueRange elements) -> Value {
                           Value top = buildFiniteMaximum(b, l, elements[0]);
                           Value shifted = arith::SubFOp::create(b, l, elements[1], top);
                           return math::ExpOp::create(b, l, shifted);
                         });
  Value sum = buildGeneric(builder, loc, /*numLoops=*/4, {{weights, {0, 1, 2, 3}}},
                           {buildFirstSum(rows, maximum), {0, 1, 2}},
                           [&](OpBuilder &b, Location l, ValueRange elements) -> Value {
                             return arith::AddFOp::create(b, l, elements[1], elements[0]);
                           });
  weights = buildForEach(
      builder, loc, {{sum, {0, 1, 2}}}, weights,
      [&](OpBuilder &b, Location l, ValueRange elements) -> Value {
        Value empty = buildIsEmptyRow(b, l, elements[0]);
        Value probability = arith::DivFOp::create(b, l, elements[1], elements[0]);
        return arith::SelectOp::create(b, l, empty, buildF32(b, l, 0.0f), probability);
      });
  return {maximum, sum};
}

/// Σ_n p[b,h,m,n] v'[b,h/G,n,d], loops (b, h, m, n, d): d innermost, as v' is
/// stored.
Value AttentionReference::buildWeightedValues(Value weights, Value v) {
  Value init = buildFilled(builder, loc, {batch, queryHeads, queries, valueChannels}, 0.0f);
  Value sum = buildGeneric(
      builder, loc, /*numLoops=*/5, {{weights, {0, 1, 2, 3}}}, {init, {0, 1, 2, 4}},
      [&](OpBuilder &b, Location l, ValueRange elements) -> Value {
        SmallVector<Value> at = buildIndices(b, l, 5);
        Value head = buildKeyHead(b, l, at[1]);
        Value value = tensor::ExtractOp::create(b, l, v, ValueRange{at[0], head, at[3], at[4]});
        Value product = arith::MulFOp::create(b, l, elements[0], value);
        return arith::AddFOp::create(b, l, elements[1], product);
      });
  return op.getValueRel() ? buildRelativeValues(weights, sum) : sum;
}

/// sum + Σ_n p[b,h,m,n] t[bucket(i, j), h, d], loops (b, h, m, n, d).
Value AttentionReference::buildRelativeValues(Value weights, Value sum) {
  PositionSource positions = PositionSource::get(op);
  bool perHead = cast<ShapedType>(op.getValueRel().getType()).getRank() == 3;
  return buildGeneric(
      builder, loc, /*numLoops=*/5, {{weights, {0, 1, 2, 3}}}, {sum, {0, 1, 2, 4}},
      [&](OpBuilder &b, Location l, ValueRange elements) -> Value {
        SmallVector<Value> at = buildIndices(b, l, 5);
        Value i = buildPosition(b, l, positions.qPositions, positions.qOffset, std::nullopt,
                                at[0], at[2]);
        Value j = buildPosition(b, l, positions.kPositions, positions.kOffset, std::nullopt,
                                at[0], at[3]);
        BucketAttr::Row row = op.getValueBucket()->buildRow(b, l, i, j);
        SmallVector<Value> indices{row.row, at[4]};
        if (perHead)
          indices.insert(indices.begin() + 1, at[1]);
        Value element = tensor::ExtractOp::create(b, l, op.getValueRel(), indices);
        element = buildConvert(b, l, element, b.getF32Type());
        if (row.exists)
          element = arith::SelectOp::create(b, l, row.exists, element, buildF32(b, l, 0.0f));
        Value product = arith::MulFOp::create(b, l, elements[0], element);
        return arith::AddFOp::create(b, l, elements[1], product);
      });
}

/// o_rows(o') in the element type and storage order of the output.
Value AttentionReference::buildOutput(Value weighted) {
  DimsAttr identity = DimsAttr::getDefault(op.getContext());
  return buildForEach(
      builder, loc, {}, op.getOutput(), [&](OpBuilder &b, Location l, ValueRange) {
        SmallVector<Value> at = toLogical(op.getODims(), buildIndices(b, l, 4));
        auto load = [&](Value d) {
          return buildRead(b, l, weighted, identity, {at[0], at[1], at[2], d});
        };
        Value element = inlineRowElement(b, l, op.getORows(), at[0], at[1], at[2], at[3], load);
        return buildConvert(b, l, element, op.getElementType());
      });
}

Value AttentionReference::buildLse(Value maximum, Value sum, Value init) {
  return buildForEach(
      builder, loc, {}, init, [&](OpBuilder &b, Location l, ValueRange) -> Value {
        SmallVector<Value> at = buildIndices(b, l, 3);
        Value top = tensor::ExtractOp::create(b, l, maximum, at);
        Value total = tensor::ExtractOp::create(b, l, sum, at);
        Value log = math::LogOp::create(b, l, total);
        Value lse = arith::AddFOp::create(b, l, top, log);
        Value empty = buildIsEmptyRow(b, l, total);
        return arith::SelectOp::create(b, l, empty, buildF32(b, l, kMinusInf), lse);
      });
}

SmallVector<Value> AttentionReference::build() {
  Value q = buildRows(op.getQ(), op.getQDims(), op.getQRows(),
                      {batch, queryHeads, queries, channels});
  Value k =
      buildRows(op.getK(), op.getKDims(), op.getKRows(), {batch, keyHeads, keys, channels});
  Value v = buildRows(op.getV(), op.getVDims(), op.getVRows(),
                      {batch, keyHeads, keys, valueChannels});
  Value weights = buildScores(buildProducts(q, k));
  auto [maximum, sum] = buildSoftmax(weights);
  SmallVector<Value> results{buildOutput(buildWeightedValues(weights, v))};
  if (op.getLse())
    results.push_back(buildLse(maximum, sum, op.getLse()));
  return results;
}

//===----------------------------------------------------------------------===//
// For the backward
//===----------------------------------------------------------------------===//

/// exp(f − lse), 0 for all keys of a row whose lse is −inf.
static Value buildProbability(OpBuilder &b, Location loc, Value score, Value lse) {
  Value shifted = arith::SubFOp::create(b, loc, score, buildFiniteMaximum(b, loc, lse));
  return math::ExpOp::create(b, loc, shifted);
}

Value AttentionReference::buildTotal(Value scores, Value lse) {
  return buildGeneric(builder, loc, /*numLoops=*/4, {{scores, {0, 1, 2, 3}}, {lse, {0, 1, 2}}},
                      {buildFirstSum({batch, queryHeads, queries}, lse), {0, 1, 2}},
                      [&](OpBuilder &b, Location l, ValueRange elements) -> Value {
                        Value p = buildProbability(b, l, elements[0], elements[1]);
                        return arith::AddFOp::create(b, l, elements[2], p);
                      });
}

Value AttentionReference::buildProbabilities(Value scores, Value lse) {
  Value init = buildEmpty(builder, loc, {batch, queryHeads, queries, keys});
  return buildForEach(builder, loc, {{scores, {0, 1, 2, 3}}, {lse, {0, 1, 2}}}, init,
                      [&](OpBuilder &b, Location l, ValueRange elements) {
                        return buildProbability(b, l, elements[0], elements[1]);
                      });
}

AttentionForBackward AttentionReference::buildForBackward(Value savedLse) {
  keepModifiers = true;
  Value q = buildRows(op.getQ(), op.getQDims(), op.getQRows(),
                      {batch, queryHeads, queries, channels});
  Value k =
      buildRows(op.getK(), op.getKDims(), op.getKRows(), {batch, keyHeads, keys, channels});
  Value v = buildRows(op.getV(), op.getVDims(), op.getVRows(),
                      {batch, keyHeads, keys, valueChannels});
  Value scores = buildScores(buildProducts(q, k));
  AttentionForBackward result;
  result.lse = savedLse;
  if (!savedLse) {
    Value weights = scores;
    auto [maximum, sum] = buildSoftmax(weights);
    result.lse = buildLse(maximum, sum, buildEmpty(builder, loc, {batch, queryHeads, queries}));
  }
  result.total = buildTotal(scores, result.lse);
  Value weights = buildProbabilities(scores, result.total);
  result.output = buildOutput(buildWeightedValues(weights, v));
  return result;
}

AttentionForBackward reference::buildAttentionForBackward(OpBuilder &builder, AttentionOp op,
                                                          Value savedLse) {
  return AttentionReference(builder, op).buildForBackward(savedLse);
}

namespace {
struct ConvertAttention : OpRewritePattern<AttentionOp> {
  ConvertAttention(MLIRContext *ctx, bool keepFused)
      : OpRewritePattern(ctx), keepFused(keepFused) {}

  LogicalResult matchAndRewrite(AttentionOp op, PatternRewriter &rewriter) const override {
    if (!op.hasPureTensor())
      return rewriter.notifyMatchFailure(op, "on memrefs");
    if (keepFused) {
      std::optional<std::string> reason = whyNeedsReference(op);
      if (!reason)
        return rewriter.notifyMatchFailure(op, "left to a kernel");
      report(op, *reason);
    }
    rewriter.replaceOp(op, AttentionReference(rewriter, op).build());
    return success();
  }

private:
  static void report(AttentionOp op, const std::string &reason) {
    auto function = op->getParentOfType<FunctionOpInterface>();
    remark::missed(op.getLoc(), remark::RemarkOpts::name("attention")
                                    .category(kDecomposeRemarkCategory)
                                    .function(function ? function.getName() : StringRef()))
        << remark::reason("{0}",
                          "computed in parts, not by one kernel: no kernel computes " + reason);
  }

  bool keepFused;
};
} // namespace

void reference::populateAttentionPatterns(RewritePatternSet &patterns, bool keepFused) {
  patterns.add<ConvertAttention>(patterns.getContext(), keepFused);
}
