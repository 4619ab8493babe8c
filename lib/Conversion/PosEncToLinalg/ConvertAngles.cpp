//===- ConvertAngles.cpp - inv_freq, angles and sincos to linalg ----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LinalgBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::reference;

static Value buildIndex(OpBuilder &b, Location loc, int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}

/// An index or an integer as f32.
static Value buildFloat(OpBuilder &b, Location loc, Value value) {
  if (value.getType().isF32())
    return value;
  if (value.getType().isIndex())
    value = arith::IndexCastOp::create(b, loc, b.getI64Type(), value);
  return arith::SIToFPOp::create(b, loc, b.getF32Type(), value);
}

//===----------------------------------------------------------------------===//
// inv_freq
//===----------------------------------------------------------------------===//

namespace {
struct ConvertInvFreq : OpRewritePattern<InvFreqOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(InvFreqOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    std::optional<int64_t> length = op.getConstantLength();
    Value result;
    if (!op.getLength() || length)
      result = arith::ConstantOp::create(rewriter, loc, op.getConstant(length));
    else if (op.getFreq().getKind() == FreqKind::LongRoPE)
      result = buildLongRoPE(rewriter, op);
    else
      result = buildDynamicNTK(rewriter, op);
    SmallVector<Value> results{result};
    if (op.getMagnitude())
      results.push_back(buildF32(rewriter, loc, float(op.getFreq().getMagnitude())));
    rewriter.replaceOp(op, results);
    return success();
  }

private:
  static Value buildLongRoPE(OpBuilder &builder, InvFreqOp op) {
    Location loc = op.getLoc();
    int64_t original = op.getFreq().getInteger("original_length");
    Value isLong = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sgt,
                                         op.getLength(), buildIndex(builder, loc, original));
    // Any length above the original one, and none.
    Value far = arith::ConstantOp::create(builder, loc, op.getConstant(original + 1));
    Value near = arith::ConstantOp::create(builder, loc, op.getConstant(original));
    Value init = buildResultInit(builder, op);
    auto loops =
        llvm::to_vector(llvm::seq<unsigned>(0, cast<ShapedType>(far.getType()).getRank()));
    return buildForEach(builder, loc, {{far, loops}, {near, loops}}, init,
                        [&](OpBuilder &b, Location l, ValueRange elements) -> Value {
                          return arith::SelectOp::create(b, l, isLong, elements[0],
                                                         elements[1]);
                        });
  }

  /// log2 of a = f · max(n, L) / L − (f − 1).
  static Value buildLog2Alpha(OpBuilder &b, Location loc, FreqAttr freq, Value length) {
    int64_t most = freq.getInteger("max_position");
    double factor = freq.getReal("factor");
    Value n = arith::MaxSIOp::create(b, loc, length, buildIndex(b, loc, most));
    Value alpha =
        arith::MulFOp::create(b, loc, buildFloat(b, loc, n), buildF32(b, loc, float(factor)));
    alpha = arith::DivFOp::create(b, loc, alpha, buildF32(b, loc, float(most)));
    alpha = arith::SubFOp::create(b, loc, alpha, buildF32(b, loc, float(factor - 1)));
    return math::Log2Op::create(b, loc, alpha);
  }

  /// base'^(−2k/r) = base^(−2k/r) · a^(−2k/(r−2)).
  static Value buildDynamicNTK(OpBuilder &builder, InvFreqOp op) {
    Location loc = op.getLoc();
    FreqAttr freq = op.getFreq();
    auto type = cast<RankedTensorType>(op.getResult().getType());
    SmallVector<float> exponents;
    for (int64_t k = 0; k < freq.getNumPairs(); ++k)
      exponents.push_back(float(-2.0 * double(k) / double(freq.getDim() - 2)));
    Value theta = arith::ConstantOp::create(builder, loc, op.getConstant(std::nullopt));
    Value powers = arith::ConstantOp::create(
        builder, loc, DenseElementsAttr::get(type, ArrayRef<float>(exponents)));
    Value log2Alpha = buildLog2Alpha(builder, loc, freq, op.getLength());
    Value init = buildResultInit(builder, op);
    return buildForEach(builder, loc, {{theta, {0}}, {powers, {0}}}, init,
                        [&](OpBuilder &b, Location l, ValueRange elements) -> Value {
                          Value power = arith::MulFOp::create(b, l, elements[1], log2Alpha);
                          Value scale = math::Exp2Op::create(b, l, power);
                          return arith::MulFOp::create(b, l, elements[0], scale);
                        });
  }
};

//===----------------------------------------------------------------------===//
// angles
//===----------------------------------------------------------------------===//

struct ConvertAngles : OpRewritePattern<AnglesOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AnglesOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    unsigned rank = cast<RankedTensorType>(op.getType()).getRank();
    Value axes = buildAxes(rewriter, op);
    Value init = buildResultInit(rewriter, op);
    Value result =
        buildForEach(rewriter, loc, {}, init, [&](OpBuilder &b, Location l, ValueRange) {
          SmallVector<Value> at = buildIndices(b, l, rank);
          SmallVector<Value> own = takeOwnIndices(op, at);
          Value pair = own.back();
          if (axes)
            at.insert(at.begin(), Value(tensor::ExtractOp::create(b, l, axes, pair)));
          Value p = tensor::ExtractOp::create(b, l, op.getPositions(), at);
          p = buildFloat(b, l, p);
          Value angle =
              op.getPrecise()
                  ? buildPrecise(b, l, op, p, own)
                  : Value(arith::MulFOp::create(b, l, p, readFrequency(b, l, op, own, 0)));
          if (!op.getPhase())
            return angle;
          int64_t phaseRank = cast<RankedTensorType>(op.getPhase().getType()).getRank();
          Value phase = tensor::ExtractOp::create(b, l, op.getPhase(),
                                                  ValueRange(own).take_back(phaseRank));
          return Value(arith::AddFOp::create(b, l, angle, phase));
        });
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  /// The axis of each pair as a constant; null without axes.
  static Value buildAxes(OpBuilder &b, AnglesOp op) {
    if (!op.getAxes())
      return {};
    SmallVector<int64_t> axes = op.getAxes()->getAxisOfPairs();
    auto type = RankedTensorType::get({int64_t(axes.size())}, b.getIndexType());
    return arith::ConstantOp::create(b, op.getLoc(), DenseIntElementsAttr::get(type, axes));
  }

  /// Splits [.., h, t, k] into the positions' indices, which stay in `at`, and those
  /// of the frequencies: k, or (h, k).
  static SmallVector<Value> takeOwnIndices(AnglesOp op, SmallVector<Value> &at) {
    SmallVector<Value> own{at.pop_back_val()};
    if (op.getPerHead()) {
      auto head = at.end() - 2;
      own.insert(own.begin(), *head);
      at.erase(head);
    }
    return own;
  }

  /// Whether frequencies are given as hi and lo.
  static bool hasTwoParts(AnglesOp op) {
    return cast<RankedTensorType>(op.getInvFreq().getType()).getRank() ==
           (op.getPerHead() ? 3 : 2);
  }

  /// Part 0 (hi) or 1 (lo) of a frequency.
  static Value readFrequency(OpBuilder &b, Location loc, AnglesOp op, ArrayRef<Value> own,
                             int part) {
    SmallVector<Value> at(own);
    if (hasTwoParts(op))
      at.insert(at.begin(), buildIndex(b, loc, part));
    return tensor::ExtractOp::create(b, loc, op.getInvFreq(), at);
  }

  /// p · (hi + lo) − 2π n. The rounded product a and its error e are exact
  /// together; a − n c1 is exact too, as n is the multiple nearest to a.
  static Value buildPrecise(OpBuilder &b, Location loc, AnglesOp op, Value p,
                            ArrayRef<Value> own) {
    constexpr double kTurn = 2 * llvm::numbers::pi;
    const float c1 = float(kTurn), c2 = float(kTurn - double(c1));
    auto fma = [&](Value x, Value y, Value z) -> Value {
      return math::FmaOp::create(b, loc, x, y, z);
    };
    Value hi = readFrequency(b, loc, op, own, 0);
    Value a = arith::MulFOp::create(b, loc, p, hi);
    Value error = fma(p, hi, arith::NegFOp::create(b, loc, a));
    if (hasTwoParts(op))
      error = fma(p, readFrequency(b, loc, op, own, 1), error);
    Value turns = arith::MulFOp::create(b, loc, a, buildF32(b, loc, float(1 / kTurn)));
    Value n = math::RoundEvenOp::create(b, loc, turns);
    n = arith::NegFOp::create(b, loc, n);
    Value rest = fma(n, buildF32(b, loc, c1), a);
    // What is left of 2π, and the error, are far below the rest.
    Value small = fma(n, buildF32(b, loc, c2), error);
    return arith::AddFOp::create(b, loc, rest, small);
  }
};

//===----------------------------------------------------------------------===//
// sincos
//===----------------------------------------------------------------------===//

struct ConvertSinCos : OpRewritePattern<SinCosOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SinCosOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    int64_t last = type.getRank() - 1;
    Value pairs = tensor::DimOp::create(rewriter, loc, op.getAngles(), last);
    Value init = buildResultInit(rewriter, op);
    Value result =
        buildForEach(rewriter, loc, {}, init, [&](OpBuilder &b, Location l, ValueRange) {
          SmallVector<Value> at = buildIndices(b, l, type.getRank());
          return buildConvert(b, l, buildChannel(b, l, op, at, pairs), type.getElementType());
        });
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  /// The pair of channel c, and whether the second half of a block holds it.
  static std::pair<Value, Value> buildPlace(OpBuilder &b, Location loc, SinCosOp op, Value c,
                                            Value pairs) {
    // Blocks of `width` pairs: one pair for interleaved, all of them for concat.
    Value width = pairs, one = buildIndex(b, loc, 1);
    if (op.getLayout() == SinCosLayout::Interleaved)
      width = one;
    else if (op.getNumBlocks())
      width = arith::DivSIOp::create(b, loc, pairs, buildIndex(b, loc, *op.getNumBlocks()));
    // No pairs at all: every channel is outside, and nothing divides by 0.
    width = arith::MaxSIOp::create(b, loc, width, one);
    Value half = arith::DivSIOp::create(b, loc, c, width);
    Value block = arith::DivSIOp::create(b, loc, half, buildIndex(b, loc, 2));
    Value first = arith::MulIOp::create(b, loc, block, width);
    Value pair = arith::AddIOp::create(b, loc, first, arith::RemSIOp::create(b, loc, c, width));
    Value odd = arith::AndIOp::create(b, loc, half, one);
    return {pair, arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, odd, one)};
  }

  static Value buildChannel(OpBuilder &b, Location loc, SinCosOp op, SmallVector<Value> at,
                            Value pairs) {
    Value c = at.back(), zero = buildIndex(b, loc, 0);
    Value channels = arith::MulIOp::create(b, loc, pairs, buildIndex(b, loc, 2));
    Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, c, channels);
    c = arith::SelectOp::create(b, loc, inside, c, zero);
    auto [pair, second] = buildPlace(b, loc, op, c, pairs);
    at.back() = pair;
    Value angle = tensor::ExtractOp::create(b, loc, op.getAngles(), at);
    Value sine = math::SinOp::create(b, loc, angle),
          cosine = math::CosOp::create(b, loc, angle);
    if (op.getCosFirst())
      std::swap(sine, cosine);
    Value value = arith::SelectOp::create(b, loc, second, cosine, sine);
    if (op.getScale())
      value = arith::MulFOp::create(b, loc, value, op.getScale());
    return arith::SelectOp::create(b, loc, inside, value, buildF32(b, loc, 0.0f));
  }
};
} // namespace

void reference::populateAnglePatterns(RewritePatternSet &patterns) {
  patterns.add<ConvertInvFreq, ConvertAngles, ConvertSinCos>(patterns.getContext());
}
