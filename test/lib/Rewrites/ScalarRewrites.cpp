//===- ScalarRewrites.cpp - Other spellings of scalar code ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rewrites.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::posenc::test;

/// Calls `change` on drawn operations with a builder in front of each.
template <typename OpTy>
static unsigned rewriteEach(func::FuncOp function, Random &random, double share,
                            llvm::function_ref<bool(OpTy)> fits,
                            llvm::function_ref<void(IRRewriter &, OpTy)> change) {
  SmallVector<OpTy> drawn = draw<OpTy>(function, random, share, fits);
  IRRewriter rewriter(function.getContext());
  for (OpTy op : drawn) {
    rewriter.setInsertionPoint(op);
    change(rewriter, op);
  }
  return drawn.size();
}

template <typename OpTy> static bool any(OpTy) { return true; }

static Value constantLike(OpBuilder &b, Location loc, Type type, int64_t value) {
  return arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, value));
}

static bool isScalarInteger(Value v) { return v.getType().isSignlessIntOrIndex(); }

static unsigned swapOperands(func::FuncOp function, Random &random, double share) {
  return rewriteEach<Operation *>(
      function, random, share,
      [](Operation *op) {
        bool sameEitherWay =
            isa<arith::MaximumFOp, arith::MinimumFOp, arith::MaxNumFOp, arith::MinNumFOp>(op);
        return op->getNumOperands() == 2 && op->getBlock() &&
               (sameEitherWay || op->hasTrait<OpTrait::IsCommutative>());
      },
      [](IRRewriter &rewriter, Operation *op) {
        rewriter.modifyOpInPlace(op, [&] {
          Value first = op->getOperand(0);
          op->setOperand(0, op->getOperand(1));
          op->setOperand(1, first);
        });
      });
}

/// a < b as b > a.
static arith::CmpIPredicate mirror(arith::CmpIPredicate predicate) {
  using P = arith::CmpIPredicate;
  static const std::pair<P, P> mirrored[] = {
      {P::sgt, P::slt}, {P::sge, P::sle}, {P::ugt, P::ult}, {P::uge, P::ule}};
  for (auto [a, b] : mirrored)
    if (predicate == a || predicate == b)
      return predicate == a ? b : a;
  return predicate; // eq and ne
}

static unsigned swapComparisons(func::FuncOp function, Random &random, double share) {
  using P = arith::CmpFPredicate;
  static const std::pair<P, P> mirrored[] = {
      {P::OGT, P::OLT}, {P::OGE, P::OLE}, {P::OLT, P::OGT}, {P::OLE, P::OGE},
      {P::UGT, P::ULT}, {P::UGE, P::ULE}, {P::ULT, P::UGT}, {P::ULE, P::UGE}};
  unsigned count = rewriteEach<arith::CmpIOp>(
      function, random, share, any<arith::CmpIOp>, [](IRRewriter &r, arith::CmpIOp op) {
        r.replaceOpWithNewOp<arith::CmpIOp>(op, mirror(op.getPredicate()), op.getRhs(),
                                            op.getLhs());
      });
  return count +
         rewriteEach<arith::CmpFOp>(
             function, random, share, any<arith::CmpFOp>, [](IRRewriter &r, arith::CmpFOp op) {
               P predicate = op.getPredicate();
               for (auto [from, to] : mirrored)
                 if (from == op.getPredicate())
                   predicate = to;
               r.replaceOpWithNewOp<arith::CmpFOp>(op, predicate, op.getRhs(), op.getLhs());
             });
}

/// a <= b as a < b + 1: indices are far from the ends of their types.
static unsigned shiftComparisons(func::FuncOp function, Random &random, double share) {
  using P = arith::CmpIPredicate;
  return rewriteEach<arith::CmpIOp>(
      function, random, share,
      [](arith::CmpIOp op) {
        Type type = op.getLhs().getType();
        return (type.isIndex() || type.isInteger(64)) &&
               (op.getPredicate() == P::sle || op.getPredicate() == P::sge);
      },
      [](IRRewriter &r, arith::CmpIOp op) {
        bool less = op.getPredicate() == P::sle;
        Value step = constantLike(r, op.getLoc(), op.getRhs().getType(), less ? 1 : -1);
        Value shifted = arith::AddIOp::create(r, op.getLoc(), op.getRhs(), step);
        r.replaceOpWithNewOp<arith::CmpIOp>(op, less ? P::slt : P::sgt, op.getLhs(), shifted);
      });
}

static unsigned flipSelects(func::FuncOp function, Random &random, double share) {
  return rewriteEach<arith::SelectOp>(
      function, random, share,
      [](arith::SelectOp op) { return op.getCondition().getType().isInteger(1); },
      [](IRRewriter &r, arith::SelectOp op) {
        Value yes = constantLike(r, op.getLoc(), r.getI1Type(), 1);
        Value inverse = arith::XOrIOp::create(r, op.getLoc(), op.getCondition(), yes);
        r.replaceOpWithNewOp<arith::SelectOp>(op, inverse, op.getFalseValue(),
                                              op.getTrueValue());
      });
}

/// a − b as −(b − a).
static unsigned negateDifferences(func::FuncOp function, Random &random, double share) {
  unsigned count = rewriteEach<arith::SubIOp>(
      function, random, share, [](arith::SubIOp op) { return isScalarInteger(op.getResult()); },
      [](IRRewriter &r, arith::SubIOp op) {
        Value back = arith::SubIOp::create(r, op.getLoc(), op.getRhs(), op.getLhs());
        Value zero = constantLike(r, op.getLoc(), op.getType(), 0);
        r.replaceOpWithNewOp<arith::SubIOp>(op, zero, back);
      });
  return count +
         rewriteEach<arith::SubFOp>(
             function, random, share, any<arith::SubFOp>, [](IRRewriter &r, arith::SubFOp op) {
               Value back = arith::SubFOp::create(r, op.getLoc(), op.getRhs(), op.getLhs());
               r.replaceOpWithNewOp<arith::NegFOp>(op, back);
             });
}

/// a − b as a + (−b).
static unsigned addNegatives(func::FuncOp function, Random &random, double share) {
  return rewriteEach<arith::SubFOp>(
      function, random, share, any<arith::SubFOp>, [](IRRewriter &r, arith::SubFOp op) {
        Value minus = arith::NegFOp::create(r, op.getLoc(), op.getRhs());
        r.replaceOpWithNewOp<arith::AddFOp>(op, op.getLhs(), minus);
      });
}

/// (a + b) + c as a + (b + c): integers wrap either way.
static unsigned reassociateIntegers(func::FuncOp function, Random &random, double share) {
  return rewriteEach<arith::AddIOp>(
      function, random, share,
      [](arith::AddIOp op) { return op.getLhs().getDefiningOp<arith::AddIOp>() != nullptr; },
      [](IRRewriter &r, arith::AddIOp op) {
        auto inner = op.getLhs().getDefiningOp<arith::AddIOp>();
        Value right = arith::AddIOp::create(r, op.getLoc(), inner.getRhs(), op.getRhs());
        r.replaceOpWithNewOp<arith::AddIOp>(op, inner.getLhs(), right);
      });
}

/// Whether the loop's extent is known, and with it that its index fits in an i32.
static bool isShort(linalg::IndexOp index) {
  auto op = index ? index->getParentOfType<linalg::LinalgOp>() : linalg::LinalgOp();
  return op && !ShapedType::isDynamic(op.getStaticLoopRanges()[index.getDim()]);
}

/// Indices as i32 on their way to i64.
static unsigned narrowIndices(func::FuncOp function, Random &random, double share) {
  return rewriteEach<arith::IndexCastOp>(
      function, random, share,
      [](arith::IndexCastOp op) {
        return op.getType().isInteger(64) &&
               isShort(op.getIn().getDefiningOp<linalg::IndexOp>());
      },
      [](IRRewriter &r, arith::IndexCastOp op) {
        Value narrow = arith::IndexCastOp::create(r, op.getLoc(), r.getI32Type(), op.getIn());
        r.replaceOpWithNewOp<arith::ExtSIOp>(op, op.getType(), narrow);
      });
}

/// max(a, b) of integers as a comparison and a select.
static unsigned selectExtremes(func::FuncOp function, Random &random, double share) {
  using P = arith::CmpIPredicate;
  return rewriteEach<Operation *>(
      function, random, share,
      [](Operation *op) {
        return isa<arith::MaxSIOp, arith::MinSIOp>(op) && isScalarInteger(op->getResult(0));
      },
      [](IRRewriter &r, Operation *op) {
        Value a = op->getOperand(0), b = op->getOperand(1);
        P predicate = isa<arith::MaxSIOp>(op) ? P::sgt : P::slt;
        Value first = arith::CmpIOp::create(r, op->getLoc(), predicate, a, b);
        r.replaceOpWithNewOp<arith::SelectOp>(op, first, a, b);
      });
}

/// x · 2^k of integers as a shift.
static unsigned shiftProducts(func::FuncOp function, Random &random, double share) {
  auto power = [](arith::MulIOp op) {
    APInt factor;
    bool fits = isScalarInteger(op.getResult()) &&
                matchPattern(op.getRhs(), m_ConstantInt(&factor)) &&
                factor.isStrictlyPositive() && factor.isPowerOf2();
    return fits ? int(factor.logBase2()) : -1;
  };
  return rewriteEach<arith::MulIOp>(
      function, random, share, [&](arith::MulIOp op) { return power(op) >= 0; },
      [&](IRRewriter &r, arith::MulIOp op) {
        Value bits = constantLike(r, op.getLoc(), op.getType(), power(op));
        r.replaceOpWithNewOp<arith::ShLIOp>(op, op.getLhs(), bits);
      });
}

/// exp(x) as exp2(x · log2 e), log2 e as an f32.
static unsigned useExp2(func::FuncOp function, Random &random, double share) {
  return rewriteEach<math::ExpOp>(
      function, random, share, [](math::ExpOp op) { return op.getType().isF32(); },
      [](IRRewriter &r, math::ExpOp op) {
        Value log2e = arith::ConstantOp::create(r, op.getLoc(), r.getF32FloatAttr(1.44269504f));
        Value product = arith::MulFOp::create(r, op.getLoc(), op.getOperand(), log2e);
        r.replaceOpWithNewOp<math::Exp2Op>(op, product);
      });
}

ArrayRef<Rewrite> mlir::posenc::test::getScalarRewrites() {
  static const Rewrite list[] = {
      {"swap-operands", swapOperands},
      {"swap-comparisons", swapComparisons},
      {"shift-comparisons", shiftComparisons},
      {"flip-selects", flipSelects},
      {"negate-differences", negateDifferences},
      {"add-negatives", addNegatives},
      {"reassociate-integers", reassociateIntegers},
      {"narrow-indices", narrowIndices},
      {"select-extremes", selectExtremes},
      {"shift-products", shiftProducts},
      {"exp-as-exp2", useExp2},
  };
  return list;
}
