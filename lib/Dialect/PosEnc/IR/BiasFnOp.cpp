//===- BiasFnOp.cpp - Closed-form functions of the distance ---------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

#include <cmath>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::regionops;

int64_t BiasFnOp::getNumParameters(BiasFnKind kind) {
  switch (kind) {
  case BiasFnKind::Linear:
  case BiasFnKind::CosineSum:
    return 1;
  case BiasFnKind::Power:
  case BiasFnKind::Log:
  case BiasFnKind::Exponential:
    return 2;
  case BiasFnKind::ExpPower:
    return 3;
  }
  llvm_unreachable("all kinds are covered");
}

// s + fn(0) is s + (0 + g), or s + 0 · g.
bool BiasFnOp::isAdditive() { return !getMultiply(); }

//===----------------------------------------------------------------------===//
// Formula
//===----------------------------------------------------------------------===//

namespace {
/// Builds g(D).
class FunctionBuilder {
public:
  FunctionBuilder(OpBuilder &b, Location loc, BiasFnOp op, Value params, Value head,
                  Value distance)
      : b(b), loc(loc), op(op), params(params), head(head), distance(distance) {}

  Value build() {
    switch (op.getFn()) {
    case BiasFnKind::Linear:
      return mul(parameter(0), distance);
    case BiasFnKind::Power:
      return mul(parameter(0), power(parameter(1)));
    case BiasFnKind::Log:
      return mul(parameter(0), math::Log1pOp::create(b, loc, mul(parameter(1), distance)));
    case BiasFnKind::Exponential:
      return mul(parameter(0), math::ExpOp::create(b, loc, mul(parameter(1), distance)));
    case BiasFnKind::ExpPower: {
      Value exponent = mul(parameter(1), power(parameter(2)));
      return mul(parameter(0), math::ExpOp::create(b, loc, exponent));
    }
    case BiasFnKind::CosineSum:
      return mul(parameter(0), cosineSum());
    }
    llvm_unreachable("all kinds are covered");
  }

private:
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, loc, x, y); }
  Value power(Value exponent) { return math::PowFOp::create(b, loc, distance, exponent); }
  Value constant(double value) {
    return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(float(value)));
  }

  Value parameter(int64_t number) {
    SmallVector<Value> at;
    if (BiasFnOp::getNumParameters(op.getFn()) > 1)
      at.push_back(arith::ConstantIndexOp::create(b, loc, number));
    if (head)
      at.push_back(head);
    return buildRead(b, loc, params, at);
  }

  /// Σ cos(D · base^(−k/n)), a loop over k: unrolled it would be most of a
  /// kernel's code.
  Value cosineSum() {
    int64_t terms = *op.getTerms();
    double step = -std::log2(op.getBase().convertToDouble()) / double(terms);
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    Value end = arith::ConstantIndexOp::create(b, loc, terms);
    Value one = arith::ConstantIndexOp::create(b, loc, 1);
    Value scale = constant(step);
    auto body = [&](OpBuilder &b, Location loc, Value k, ValueRange sum) {
      Value wide = arith::IndexCastOp::create(b, loc, b.getI64Type(), k);
      Value number = arith::SIToFPOp::create(b, loc, b.getF32Type(), wide);
      Value exponent = arith::MulFOp::create(b, loc, number, scale);
      Value frequency = math::Exp2Op::create(b, loc, exponent);
      Value angle = arith::MulFOp::create(b, loc, distance, frequency);
      Value cosine = math::CosOp::create(b, loc, angle);
      Value next = arith::AddFOp::create(b, loc, sum[0], cosine);
      scf::YieldOp::create(b, loc, next);
    };
    return scf::ForOp::create(b, loc, zero, end, one, constant(0.0), body).getResult(0);
  }

  OpBuilder &b;
  Location loc;
  BiasFnOp op;
  Value params, head, distance;
};
} // namespace

Value BiasFnOp::buildScalar(OpBuilder &b, Location loc, ValueRange operands) {
  Adaptor in(operands, *this);
  Value distance = buildDistance(b, loc, getDistance() != DistanceKind::KMinusQ,
                                 in.getQPosition(), in.getKPosition());
  bool absolute = getDistance() == DistanceKind::Absolute;
  if (isa<FloatType>(distance.getType())) {
    if (absolute)
      distance = math::AbsFOp::create(b, loc, distance);
  } else {
    if (absolute)
      distance = math::AbsIOp::create(b, loc, distance);
    // sitofp does not take an index.
    Value wide = arith::IndexCastOp::create(b, loc, b.getI64Type(), distance);
    distance = arith::SIToFPOp::create(b, loc, b.getF32Type(), wide);
  }
  Value value = FunctionBuilder(b, loc, *this, in.getParams(), in.getHead(), distance).build();
  if (getMultiply())
    return arith::MulFOp::create(b, loc, in.getScore(), value);
  return arith::AddFOp::create(b, loc, in.getScore(), value);
}

//===----------------------------------------------------------------------===//
// Verifier, effects
//===----------------------------------------------------------------------===//

LogicalResult BiasFnOp::verify() {
  auto type = cast<ShapedType>(getParams().getType());
  int64_t count = getNumParameters(getFn());
  int64_t rank = (getHead() ? 1 : 0) + (count > 1 ? 1 : 0);
  if (!type.hasRank() || type.getRank() != rank)
    return emitOpError() << "(F1) expected parameters of rank " << rank
                         << (getHead() ? " with a head" : " without a head") << " but got "
                         << type;
  if (count > 1 && type.getDimSize(0) != count)
    return emitOpError() << "(F1) expected " << count << " parameters for "
                         << stringifyEnum(getFn()) << " but got " << type;
  bool needsAbsolute = getFn() != BiasFnKind::Linear && getFn() != BiasFnKind::Exponential;
  if (needsAbsolute && getDistance() != DistanceKind::Absolute)
    return emitOpError() << "(F3) expected the absolute distance for " << stringifyEnum(getFn())
                         << " but got " << stringifyEnum(getDistance());
  bool isSum = getFn() == BiasFnKind::CosineSum;
  if (isSum != getTerms().has_value())
    return emitOpError() << "(F4) expected terms if and only if the kind is cosine_sum but got "
                         << (getTerms() ? "some for " : "none for ") << stringifyEnum(getFn());
  int64_t terms = isSum ? *getTerms() : 1;
  if (terms < 1 || terms > 4096)
    return emitOpError() << "(F4) expected from 1 to 4096 terms but got " << terms;
  const APFloat &base = getBase();
  if (!base.isFinite() || base.isZero() || base.isNegative())
    return emitOpError() << "(F5) expected a finite positive base but got " << getBaseAttr();
  return success();
}

void BiasFnOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  addMemrefEffects(MutableArrayRef<OpOperand>(getParamsMutable()), {}, effects);
}

//===----------------------------------------------------------------------===//
// Canonical form
//===----------------------------------------------------------------------===//

OpFoldResult BiasFnOp::fold(FoldAdaptor adaptor) {
  // 0 · g(D) is 0 where g is finite: an f32 position may be infinite, and a zero
  // among more parameters is the whole function's factor only as the first.
  bool zero = isZeroSplat(adaptor.getParams()) && isa<IndexType>(getQPosition().getType());
  return zero && !getMultiply() ? OpFoldResult(getScore()) : OpFoldResult();
}

namespace {
/// power with an exponent of 1 for all heads -> linear.
struct PowerOfOneIsLinear final : OpRewritePattern<BiasFnOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(BiasFnOp op, PatternRewriter &rewriter) const override {
    DenseFPElementsAttr params;
    if (op.getFn() != BiasFnKind::Power || !matchPattern(op.getParams(), m_Constant(&params)))
      return failure();
    SmallVector<APFloat> values(params.getValues<APFloat>());
    ArrayRef<APFloat> factors = ArrayRef(values).take_front(values.size() / 2);
    ArrayRef<APFloat> exponents = ArrayRef(values).take_back(values.size() / 2);
    if (!llvm::all_of(exponents, [](const APFloat &p) { return p.isExactlyValue(1.0); }))
      return failure();
    auto type = RankedTensorType::get(params.getType().getShape().drop_front(),
                                      params.getElementType());
    Value linear;
    {
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPointAfterValue(op.getParams());
      linear = arith::ConstantOp::create(rewriter, op.getLoc(),
                                         DenseElementsAttr::get(type, factors));
    }
    rewriter.modifyOpInPlace(op, [&] {
      op.setFn(BiasFnKind::Linear);
      op.getParamsMutable().set(linear);
    });
    return success();
  }
};

/// Two linear biases of one distance with constant slopes -> one, of their sum in
/// f32. Re-associates. Not at f32 positions, which may be infinite: 0 · inf + inf is
/// not inf.
struct AddSlopes final : OpRewritePattern<BiasFnOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(BiasFnOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getScore().getDefiningOp<BiasFnOp>();
    DenseFPElementsAttr a, b;
    if (!inner || !inner->hasOneUse() || !isLinear(op) || !isLinear(inner) ||
        op.getDistance() != inner.getDistance() || op.getHead() != inner.getHead() ||
        op.getQPosition() != inner.getQPosition() ||
        op.getKPosition() != inner.getKPosition() ||
        !matchPattern(inner.getParams(), m_Constant(&a)) ||
        !matchPattern(op.getParams(), m_Constant(&b)) ||
        a.getType().getShape() != b.getType().getShape())
      return failure();
    SmallVector<float> sums;
    for (auto [x, y] : llvm::zip_equal(a.getValues<APFloat>(), b.getValues<APFloat>()))
      sums.push_back(float(x.convertToDouble()) + float(y.convertToDouble()));
    auto type = RankedTensorType::get(a.getType().getShape(), rewriter.getF32Type());
    Value slopes = arith::ConstantOp::create(
        rewriter, op.getLoc(), DenseElementsAttr::get(type, ArrayRef<float>(sums)));
    rewriter.modifyOpInPlace(op, [&] {
      op.getScoreMutable().set(inner.getScore());
      op.getParamsMutable().set(slopes);
    });
    return success();
  }

  static bool isLinear(BiasFnOp op) {
    return op.getFn() == BiasFnKind::Linear && !op.getMultiply() &&
           isa<IndexType>(op.getQPosition().getType());
  }
};
} // namespace

void BiasFnOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *ctx) {
  patterns.add<PowerOfOneIsLinear, AddSlopes>(ctx);
}

//===----------------------------------------------------------------------===//
// alibi_slopes
//===----------------------------------------------------------------------===//

LogicalResult AlibiSlopesOp::verify() {
  auto type = dyn_cast<RankedTensorType>(getType());
  if (!type || type.getRank() != 1 || type.isDynamicDim(0) || type.getDimSize(0) < 1)
    return emitOpError()
           << "(B1) expected a result of rank 1 and a static extent of at least 1 "
              "but got "
           << getType();
  if (!getMax().isFinite() || getMax().isZero() || getMax().isNegative())
    return emitOpError() << "(B2) expected a finite positive max but got " << getMaxAttr();
  if (!getScale().isFinite())
    return emitOpError() << "(B2) expected a finite scale but got " << getScaleAttr();
  return success();
}

DenseElementsAttr AlibiSlopesOp::getSlopes() {
  auto type = cast<RankedTensorType>(getType());
  int64_t heads = type.getDimSize(0), power = int64_t(llvm::bit_floor(uint64_t(heads)));
  double max = getMax().convertToDouble(), scale = getScale().convertToDouble();
  SmallVector<APFloat> slopes;
  for (int64_t h = 0; h < heads; ++h) {
    double exponent;
    if (getConvention() == SlopeConvention::Geometric)
      exponent = max * double(h + 1) / double(heads);
    else if (h < power)
      exponent = max * double(h + 1) / double(power);
    else
      exponent = max * double(2 * (h - power) + 1) / double(2 * power);
    APFloat slope(scale * std::exp2(-exponent));
    bool lost;
    slope.convert(cast<FloatType>(type.getElementType()).getFloatSemantics(),
                  APFloat::rmNearestTiesToEven, &lost);
    slopes.push_back(slope);
  }
  return DenseElementsAttr::get(type, slopes);
}

OpFoldResult AlibiSlopesOp::fold(FoldAdaptor) { return getSlopes(); }
