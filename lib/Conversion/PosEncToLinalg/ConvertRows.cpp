//===- ConvertRows.cpp - Transforms of rows and what they read to linalg --===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LinalgBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::reference;

static Value buildIndex(OpBuilder &b, Location loc, int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}

namespace {
/// One element (b, h, t, d) of a tensor's rows, with the indices it was found at.
struct RowPoint {
  SmallVector<Value> at;
  int64_t channel;
  Value b, h, t, d;

  /// [B,H,T,D] in the order dims, [B,T,D] or [T,D].
  static RowPoint get(OpBuilder &builder, Location loc, SmallVector<Value> at, DimsAttr dims) {
    int64_t rank = at.size();
    Value zero = buildIndex(builder, loc, 0);
    RowPoint point{at, rank - 1, zero, zero, at[rank - 2], at[rank - 1]};
    if (rank == 3)
      point.b = at[0];
    if (rank == 4) {
      point.channel = dims.dimOf(AttentionOp::Channel);
      point.b = at[dims.dimOf(AttentionOp::Batch)];
      point.h = at[dims.dimOf(AttentionOp::Head)];
      point.t = at[dims.dimOf(AttentionOp::Seq)];
      point.d = at[point.channel];
    }
    return point;
  }

  /// Channel `other` of the same row of x, as f32.
  Value read(OpBuilder &builder, Location loc, Value x, Value other) const {
    SmallVector<Value> source(at);
    source[channel] = other;
    Value element = tensor::ExtractOp::create(builder, loc, x, source);
    return buildConvert(builder, loc, element, builder.getF32Type());
  }
};

/// rotate and row_scale on tensors: element by element what they do to a row.
template <typename OpTy> struct ConvertRowTransform : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &rewriter) const override {
    if (op.isRow())
      return rewriter.notifyMatchFailure(op, "part of a row region");
    auto type = cast<RankedTensorType>(op.getType());
    Value init = buildResultInit(rewriter, op);
    Value result = buildForEach(
        rewriter, op.getLoc(), {}, init, [&](OpBuilder &b, Location loc, ValueRange) {
          RowPoint point =
              RowPoint::get(b, loc, buildIndices(b, loc, type.getRank()), op.getDims());
          Value element = op.buildElementAt(
              b, loc, op->getOperands(), op.getTableIndices(point.b, point.h, point.t),
              [&](Value other) { return point.read(b, loc, op.getX(), other); }, point.d);
          return buildConvert(b, loc, element, type.getElementType());
        });
    rewriter.replaceOp(op, result);
    return success();
  }
};

//===----------------------------------------------------------------------===//
// polar
//===----------------------------------------------------------------------===//

struct ConvertPolar : OpRewritePattern<PolarOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(PolarOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    int64_t last = cast<RankedTensorType>(op.getAngles().getType()).getRank() - 1;
    Value pairs = tensor::DimOp::create(rewriter, loc, op.getAngles(), last);
    Value init = buildResultInit(rewriter, op);
    Value result =
        buildForEach(rewriter, loc, {}, init, [&](OpBuilder &b, Location l, ValueRange) {
          RowPoint point =
              RowPoint::get(b, l, buildIndices(b, l, type.getRank()), op.getDims());
          return buildConvert(b, l, buildChannel(b, l, op, point, pairs),
                              type.getElementType());
        });
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  /// ln(1 + e^x) without overflow.
  static Value buildSoftplus(OpBuilder &b, Location loc, Value x) {
    Value zero = buildF32(b, loc, 0.0f);
    Value low = arith::NegFOp::create(b, loc, math::AbsFOp::create(b, loc, x));
    Value rest = math::Log1pOp::create(b, loc, math::ExpOp::create(b, loc, low));
    return arith::AddFOp::create(b, loc, arith::MaximumFOp::create(b, loc, x, zero), rest);
  }

  /// The phase of a pair in [−2π, 0], added to its angle.
  static Value buildAngle(OpBuilder &b, Location loc, PolarOp op, const RowPoint &point,
                          Value pair) {
    SmallVector<Value> at{point.b, point.t};
    if (op.getPerHead())
      at.insert(at.begin() + 1, point.h);
    at.push_back(pair);
    size_t rank = cast<RankedTensorType>(op.getAngles().getType()).getRank();
    Value angle =
        tensor::ExtractOp::create(b, loc, op.getAngles(), ValueRange(at).take_back(rank));
    if (!op.getPhase())
      return angle;
    SmallVector<Value> own{point.h, pair};
    size_t phaseRank = cast<RankedTensorType>(op.getPhase().getType()).getRank();
    Value phase =
        tensor::ExtractOp::create(b, loc, op.getPhase(), ValueRange(own).take_back(phaseRank));
    phase = arith::MinimumFOp::create(b, loc, phase, buildF32(b, loc, 0.0f));
    phase = arith::MaximumFOp::create(b, loc, phase,
                                      buildF32(b, loc, float(-2 * llvm::numbers::pi)));
    return arith::AddFOp::create(b, loc, angle, phase);
  }

  static Value buildChannel(OpBuilder &b, Location loc, PolarOp op, const RowPoint &point,
                            Value pairs) {
    Value zero = buildIndex(b, loc, 0), one = buildIndex(b, loc, 1);
    auto less = [&](Value x, Value y) -> Value {
      return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, x, y);
    };
    Value width = arith::AddIOp::create(b, loc, pairs, pairs);
    Value inside = less(point.d, width);
    Value c = arith::SelectOp::create(b, loc, inside, point.d, zero);
    Value pair, second;
    if (op.getLayout() == SinCosLayout::Interleaved) {
      pair = arith::ShRUIOp::create(b, loc, c, one);
      second = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne,
                                     arith::AndIOp::create(b, loc, c, one), zero);
    } else {
      Value first = less(c, pairs);
      Value wrapped = arith::SubIOp::create(b, loc, c, pairs);
      pair = arith::SelectOp::create(b, loc, first, c, wrapped);
      second = less(pair, c);
    }
    // What follows the pairs has lost half of their channels.
    Value passed = arith::SubIOp::create(b, loc, point.d, pairs);
    Value source = arith::SelectOp::create(b, loc, inside, pair, passed);
    Value x = point.read(b, loc, op.getX(), source);
    Value angle = buildAngle(b, loc, op, point, pair);
    Value wave = arith::SelectOp::create(b, loc, second, math::SinOp::create(b, loc, angle),
                                         math::CosOp::create(b, loc, angle));
    Value turned = arith::MulFOp::create(b, loc, buildSoftplus(b, loc, x), wave);
    return arith::SelectOp::create(b, loc, inside, turned, x);
  }
};

//===----------------------------------------------------------------------===//
// temperature
//===----------------------------------------------------------------------===//

/// A position, an integer or a float, plus or minus an index, as f32; integers
/// exactly before that.
Value buildPositionPlus(OpBuilder &b, Location loc, Value p, Value offset, bool minus) {
  if (p.getType().isF32()) {
    if (!offset)
      return p;
    Value wide = arith::IndexCastOp::create(b, loc, b.getI64Type(), offset);
    Value o = arith::SIToFPOp::create(b, loc, b.getF32Type(), wide);
    return minus ? Value(arith::SubFOp::create(b, loc, p, o))
                 : Value(arith::AddFOp::create(b, loc, p, o));
  }
  if (!p.getType().isIndex())
    p = arith::IndexCastOp::create(b, loc, b.getIndexType(), p);
  if (offset)
    p = minus ? Value(arith::SubIOp::create(b, loc, p, offset))
              : Value(arith::AddIOp::create(b, loc, p, offset));
  Value wide = arith::IndexCastOp::create(b, loc, b.getI64Type(), p);
  return arith::SIToFPOp::create(b, loc, b.getF32Type(), wide);
}

struct ConvertTemperature : OpRewritePattern<TemperatureOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TemperatureOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto rank = unsigned(cast<RankedTensorType>(op.getType()).getRank());
    Value init = buildResultInit(rewriter, op);
    Value result =
        buildForEach(rewriter, loc, {}, init, [&](OpBuilder &b, Location l, ValueRange) {
          Value p =
              tensor::ExtractOp::create(b, l, op.getPositions(), buildIndices(b, l, rank));
          return buildFactor(b, l, op, p);
        });
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  static Value buildFactor(OpBuilder &b, Location loc, TemperatureOp op, Value p) {
    Value one = buildF32(b, loc, 1.0f);
    float length = op.getLength().convertToFloat();
    bool first = op.getKind() == TemperatureKind::Ministral;
    Value shift = first ? Value() : buildIndex(b, loc, 1);
    Value i = buildPositionPlus(b, loc, p, shift, /*minus=*/false);
    if (op.getKind() == TemperatureKind::LogN) {
      Value log = math::LogOp::create(b, loc, i);
      Value ratio =
          arith::DivFOp::create(b, loc, log, buildF32(b, loc, float(std::log(double(length)))));
      return arith::MaximumFOp::create(b, loc, ratio, one);
    }
    Value x = arith::DivFOp::create(b, loc, i, buildF32(b, loc, length));
    if (op.getKind() == TemperatureKind::Inkling)
      x = arith::MaximumFOp::create(b, loc, x, one);
    else
      x = arith::AddFOp::create(b, loc, math::FloorOp::create(b, loc, x), one);
    float alpha = op.getAlpha() ? op.getAlpha()->convertToFloat() : 0.1f;
    Value grown =
        arith::MulFOp::create(b, loc, math::LogOp::create(b, loc, x), buildF32(b, loc, alpha));
    return arith::AddFOp::create(b, loc, grown, one);
  }
};

//===----------------------------------------------------------------------===//
// xpos_magnitude
//===----------------------------------------------------------------------===//

struct ConvertXPosMagnitude : OpRewritePattern<XPosMagnitudeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(XPosMagnitudeOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    Value exponents = buildExponents(rewriter, op, type.getShape().back());
    Value init = buildResultInit(rewriter, op);
    Value result =
        buildForEach(rewriter, loc, {}, init, [&](OpBuilder &b, Location l, ValueRange) {
          SmallVector<Value> at = buildIndices(b, l, type.getRank());
          Value pair = at.pop_back_val();
          Value p = tensor::ExtractOp::create(b, l, op.getPositions(), at);
          p = buildPositionPlus(b, l, p, op.getCenter(), /*minus=*/true);
          Value exponent = tensor::ExtractOp::create(b, l, exponents, pair);
          return Value(math::Exp2Op::create(b, l, arith::MulFOp::create(b, l, p, exponent)));
        });
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  /// ± log2 ζ_k / S, rounded once.
  static Value buildExponents(OpBuilder &b, XPosMagnitudeOp op, int64_t pairs) {
    double gamma = double(op.getGamma().convertToFloat());
    double base = double(op.getScaleBase().convertToFloat());
    SmallVector<float> exponents;
    for (int64_t k = 0; k < pairs; ++k) {
      double r = 2.0 * double(pairs);
      double zeta = (2.0 * double(k) + gamma * r) / ((1.0 + gamma) * r);
      exponents.push_back(float((op.getInverse() ? -1.0 : 1.0) * std::log2(zeta) / base));
    }
    auto type = RankedTensorType::get({pairs}, b.getF32Type());
    return arith::ConstantOp::create(b, op.getLoc(),
                                     DenseElementsAttr::get(type, ArrayRef<float>(exponents)));
  }
};
} // namespace

void reference::populateRowPatterns(RewritePatternSet &patterns) {
  patterns.add<ConvertRowTransform<RotateOp>, ConvertRowTransform<RowScaleOp>, ConvertPolar,
               ConvertTemperature, ConvertXPosMagnitude>(patterns.getContext());
}
