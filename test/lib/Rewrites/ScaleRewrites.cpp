//===- ScaleRewrites.cpp - Factors elsewhere ------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Powers of two only: then every product and sum rounds as before, as long as no
// number leaves the normal range.
//
//===----------------------------------------------------------------------===//

#include "Rewrites.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace mlir::posenc::test;

static Value floatConstant(OpBuilder &b, Location loc, Type type, double value) {
  return arith::ConstantOp::create(b, loc, b.getFloatAttr(type, value));
}

/// The constant that a scalar is multiplied with; none if it has none.
static std::optional<double> constantFactor(Value v) {
  APFloat value(0.0);
  if (!isa<FloatType>(v.getType()) || !matchPattern(v, m_ConstantFloat(&value)))
    return std::nullopt;
  double number = value.convertToDouble();
  return std::isfinite(number) && number != 0.0 ? std::optional<double>(number) : std::nullopt;
}

/// x · c as (x · 1/2) · 2c.
static unsigned splitScales(func::FuncOp function, Random &random, double share) {
  SmallVector<arith::MulFOp> drawn =
      draw<arith::MulFOp>(function, random, share, [](arith::MulFOp op) {
        std::optional<double> c = constantFactor(op.getRhs());
        return c && std::fabs(*c) < 1e6;
      });
  for (arith::MulFOp op : drawn) {
    OpBuilder b(op);
    double c = *constantFactor(op.getRhs());
    Value half = floatConstant(b, op.getLoc(), op.getType(), 0.5);
    Value first = arith::MulFOp::create(b, op.getLoc(), op.getLhs(), half);
    op.getLhsMutable().assign(first);
    op.getRhsMutable().assign(floatConstant(b, op.getLoc(), op.getType(), 2.0 * c));
  }
  return drawn.size();
}

/// x / 2^k as x · 2^-k, and the other way.
static unsigned divideByPowers(func::FuncOp function, Random &random, double share) {
  auto power = [](Value v) {
    std::optional<double> c = constantFactor(v);
    int exponent;
    return c && std::fabs(std::frexp(*c, &exponent)) == 0.5 && std::abs(exponent) < 20;
  };
  SmallVector<Operation *> drawn =
      draw<Operation *>(function, random, share, [&](Operation *op) {
        return isa<arith::MulFOp, arith::DivFOp>(op) && power(op->getOperand(1));
      });
  IRRewriter rewriter(function.getContext());
  for (Operation *op : drawn) {
    rewriter.setInsertionPoint(op);
    double c = *constantFactor(op->getOperand(1));
    Value inverse = floatConstant(rewriter, op->getLoc(), op->getResult(0).getType(), 1.0 / c);
    if (isa<arith::MulFOp>(op))
      rewriter.replaceOpWithNewOp<arith::DivFOp>(op, op->getOperand(0), inverse);
    else
      rewriter.replaceOpWithNewOp<arith::MulFOp>(op, op->getOperand(0), inverse);
  }
  return drawn.size();
}

/// `tensor` · factor, element by element.
static Value scaled(OpBuilder &b, Location loc, Value tensor, double factor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  AffineMap map = b.getMultiDimIdentityMap(type.getRank());
  SmallVector<utils::IteratorType> loops(type.getRank(), utils::IteratorType::parallel);
  Value init = tensor::EmptyOp::create(b, loc, getSizes(b, loc, tensor), type.getElementType());
  return linalg::GenericOp::create(
             b, loc, type, tensor, init, ArrayRef<AffineMap>{map, map}, loops,
             [&](OpBuilder &inner, Location l, ValueRange arguments) {
               Value c = floatConstant(inner, l, type.getElementType(), factor);
               Value product = arith::MulFOp::create(inner, l, arguments[0], c);
               linalg::YieldOp::create(inner, l, product);
             })
      .getResult(0);
}

/// a · b as (a/2) · b · 2, (a/2) · (2b), or (2a) · (b/2).
static unsigned moveScales(func::FuncOp function, Random &random, double share) {
  SmallVector<linalg::LinalgOp> drawn =
      draw<linalg::LinalgOp>(function, random, share, [](linalg::LinalgOp op) {
        return linalg::isaContractionOpInterface(op) && op.hasPureTensorSemantics() &&
               isa<RankedTensorType>(op->getResult(0).getType()) &&
               isa<FloatType>(getElementTypeOrSelf(op->getResult(0).getType()));
      });
  unsigned count = 0;
  for (linalg::LinalgOp op : drawn) {
    // A start other than zero would have to be scaled as well.
    auto fill = op.getDpsInits()[0].getDefiningOp<linalg::FillOp>();
    std::optional<double> start;
    if (fill && matchPattern(fill.getInputs()[0], m_AnyZeroFloat()))
      start = 0.0;
    size_t kind = random.below(3);
    if (kind == 0 && !start)
      continue;
    ++count;
    OpBuilder b(op);
    Location loc = op->getLoc();
    op->setOperand(0, scaled(b, loc, op->getOperand(0), kind == 2 ? 2.0 : 0.5));
    if (kind != 0) {
      op->setOperand(1, scaled(b, loc, op->getOperand(1), kind == 2 ? 0.5 : 2.0));
      continue;
    }
    b.setInsertionPointAfter(op);
    Value result = op->getResult(0), twice = scaled(b, loc, result, 2.0);
    result.replaceUsesWithIf(twice, [&](OpOperand &use) {
      return use.getOwner() != twice.getDefiningOp() && !isa<tensor::DimOp>(use.getOwner());
    });
  }
  return count;
}

ArrayRef<Rewrite> mlir::posenc::test::getScaleRewrites() {
  static const Rewrite list[] = {
      {"split-scales", splitScales},
      {"divide-by-powers", divideByPowers},
      {"move-scales", moveScales},
  };
  return list;
}
