//===- ScalarRules.cpp - Derivatives of arith and math --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Where a function has no derivative, the value is the one that PyTorch takes, as
// far as it has one: 0 for |x| at 0 and for whatever is constant in steps, the
// first operand's for a maximum of equal values; x^p at x = 0 has the derivative 0
// in p.
//===----------------------------------------------------------------------===//

#include "ReverseScalars.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::backward;

namespace {
/// Short names for the ops that derivatives are made of, in the type of the
/// gradient.
class Formula {
public:
  Formula(OpBuilder &b, Location loc, Type type) : b(b), loc(loc), type(type) {}

  Value wide(Value x) { return buildFloatCast(b, loc, x, type); }
  Value constant(double value) {
    return arith::ConstantOp::create(b, loc, b.getFloatAttr(type, value));
  }
  Value add(Value x, Value y) { return arith::AddFOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, loc, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, loc, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, loc, x, y); }
  Value neg(Value x) { return arith::NegFOp::create(b, loc, x); }
  Value inverse(Value x) { return div(constant(1.0), x); }
  Value square(Value x) { return mul(x, x); }
  /// 1 − x², 1 + x².
  Value oneMinus(Value x) { return sub(constant(1.0), x); }
  Value onePlus(Value x) { return add(constant(1.0), x); }
  Value select(Value condition, Value x, Value y) {
    return arith::SelectOp::create(b, loc, condition, x, y);
  }
  Value compare(arith::CmpFPredicate predicate, Value x, Value y) {
    return arith::CmpFOp::create(b, loc, predicate, x, y);
  }
  Value isZero(Value x) { return compare(arith::CmpFPredicate::OEQ, x, constant(0.0)); }
  Value zeroWhere(Value condition, Value x) { return select(condition, constant(0.0), x); }
  template <typename Op> Value apply(Value x) { return Op::create(b, loc, x); }
  template <typename Op> Value apply(Value x, Value y) { return Op::create(b, loc, x, y); }

private:
  OpBuilder &b;
  Location loc;
  Type type;
};
} // namespace

/// dy/dx of y = f(x); null where `op` is not one of these.
static Value buildSlope(Formula &f, Operation *op, Value x, Value y) {
  using V = Value;
  const double ln2 = llvm::numbers::ln2, ln10 = llvm::numbers::ln10;
  return llvm::TypeSwitch<Operation *, V>(op)
      .Case([&](math::ExpOp) { return y; })
      .Case([&](math::Exp2Op) { return f.mul(y, f.constant(ln2)); })
      .Case([&](math::ExpM1Op) { return f.onePlus(y); })
      .Case([&](math::LogOp) { return f.inverse(x); })
      .Case([&](math::Log2Op) { return f.inverse(f.mul(x, f.constant(ln2))); })
      .Case([&](math::Log10Op) { return f.inverse(f.mul(x, f.constant(ln10))); })
      .Case([&](math::Log1pOp) { return f.inverse(f.onePlus(x)); })
      .Case([&](math::SqrtOp) { return f.div(f.constant(0.5), y); })
      .Case([&](math::RsqrtOp) { return f.mul(f.constant(-0.5), f.div(y, x)); })
      .Case([&](math::CbrtOp) { return f.inverse(f.mul(f.constant(3.0), f.square(y))); })
      .Case([&](math::SinOp) { return f.apply<math::CosOp>(x); })
      .Case([&](math::CosOp) { return f.neg(f.apply<math::SinOp>(x)); })
      .Case([&](math::TanOp) { return f.onePlus(f.square(y)); })
      .Case([&](math::AsinOp) { return f.apply<math::RsqrtOp>(f.oneMinus(f.square(x))); })
      .Case(
          [&](math::AcosOp) { return f.neg(f.apply<math::RsqrtOp>(f.oneMinus(f.square(x)))); })
      .Case([&](math::AtanOp) { return f.inverse(f.onePlus(f.square(x))); })
      .Case([&](math::SinhOp) { return f.apply<math::CoshOp>(x); })
      .Case([&](math::CoshOp) { return f.apply<math::SinhOp>(x); })
      .Case([&](math::TanhOp) { return f.oneMinus(f.square(y)); })
      .Case([&](math::AsinhOp) { return f.apply<math::RsqrtOp>(f.onePlus(f.square(x))); })
      .Case([&](math::AcoshOp) {
        return f.apply<math::RsqrtOp>(f.sub(f.square(x), f.constant(1.0)));
      })
      .Case([&](math::AtanhOp) { return f.inverse(f.oneMinus(f.square(x))); })
      .Case<math::ErfOp, math::ErfcOp>([&](Operation *) {
        double factor = (isa<math::ErfOp>(op) ? 2.0 : -2.0) * llvm::numbers::inv_sqrtpi;
        return f.mul(f.constant(factor), f.apply<math::ExpOp>(f.neg(f.square(x))));
      })
      .Default(V());
}

static bool isUnary(Operation *op) {
  return op->getNumOperands() == 1 && isa<FloatType>(op->getOperand(0).getType());
}

/// Functions that are constant but for steps.
static bool isStep(Operation *op) {
  return isa<math::FloorOp, math::CeilOp, math::RoundOp, math::RoundEvenOp, math::TruncOp>(op);
}

/// x^p: p x^(p−1) and x^p ln x. 0^p has no logarithm; KERPLE's distance of 0 does
/// not depend on p.
static void reversePower(ReverseScalars &scope, Formula &f, math::PowFOp op, Value g) {
  Location loc = op.getLoc();
  Value x = f.wide(op.getLhs()), p = f.wide(op.getRhs()), y = f.wide(op.getResult());
  scope.propagate(loc, op.getLhs(), [&] {
    Value less = f.apply<math::PowFOp>(x, f.sub(p, f.constant(1.0)));
    return f.zeroWhere(f.isZero(p), f.mul(g, f.mul(p, less)));
  });
  scope.propagate(loc, op.getRhs(), [&] {
    Value slope = f.mul(y, f.apply<math::LogOp>(x));
    return f.zeroWhere(f.isZero(x), f.mul(g, slope));
  });
}

/// x^n of an integer n.
static void reverseIntegerPower(ReverseScalars &scope, Formula &f, math::FPowIOp op, Value g) {
  Location loc = op.getLoc();
  OpBuilder &b = scope.getBuilder();
  scope.propagate(loc, op.getLhs(), [&] {
    Value x = f.wide(op.getLhs()), n = op.getRhs();
    Value one = arith::ConstantOp::create(b, loc, b.getIntegerAttr(n.getType(), 1));
    Value less = f.apply<math::FPowIOp>(x, arith::SubIOp::create(b, loc, n, one));
    Value factor = arith::SIToFPOp::create(b, loc, x.getType(), n);
    return f.zeroWhere(f.isZero(factor), f.mul(g, f.mul(factor, less)));
  });
}

/// The gradient belongs to the operand that was taken; to the first of equals.
static void reverseExtremum(ReverseScalars &scope, Formula &f, Operation *op, Value g) {
  Location loc = op->getLoc();
  Value x = f.wide(op->getOperand(0)), y = f.wide(op->getOperand(1));
  bool maximum = isa<arith::MaximumFOp, arith::MaxNumFOp>(op);
  Value first =
      f.compare(maximum ? arith::CmpFPredicate::OGE : arith::CmpFPredicate::OLE, x, y);
  scope.propagate(loc, op->getOperand(0), [&] { return f.select(first, g, f.constant(0.0)); });
  scope.propagate(loc, op->getOperand(1), [&] { return f.zeroWhere(first, g); });
}

static void reverseClamp(ReverseScalars &scope, Formula &f, math::ClampFOp op, Value g) {
  Location loc = op.getLoc();
  Value x = f.wide(op.getValue()), low = f.wide(op.getMin()), high = f.wide(op.getMax());
  Value below = f.compare(arith::CmpFPredicate::OLT, x, low);
  Value above = f.compare(arith::CmpFPredicate::OGT, x, high);
  scope.propagate(loc, op.getValue(),
                  [&] { return f.zeroWhere(below, f.zeroWhere(above, g)); });
  scope.propagate(loc, op.getMin(), [&] { return f.select(below, g, f.constant(0.0)); });
  scope.propagate(loc, op.getMax(),
                  [&] { return f.zeroWhere(below, f.select(above, g, f.constant(0.0))); });
}

/// 0 at 0, also where the gradient is infinite there (the root of a distance).
static void reverseAbs(ReverseScalars &scope, Formula &f, math::AbsFOp op, Value g) {
  scope.propagate(op.getLoc(), op.getOperand(), [&] {
    Value x = f.wide(op.getOperand());
    Value sign = f.apply<math::CopySignOp>(f.constant(1.0), x);
    return f.zeroWhere(f.isZero(x), f.mul(g, sign));
  });
}

/// y = |x| with the sign of s: ±1, the same sign as x has to y.
static void reverseCopySign(ReverseScalars &scope, Formula &f, math::CopySignOp op, Value g) {
  scope.propagate(op.getLoc(), op.getLhs(), [&] {
    Value x = f.wide(op.getLhs());
    Value sign = f.apply<math::CopySignOp>(f.constant(1.0), x);
    Value target = f.apply<math::CopySignOp>(f.constant(1.0), f.wide(op.getRhs()));
    return f.zeroWhere(f.isZero(x), f.mul(g, f.mul(sign, target)));
  });
}

static void reverseAtan2(ReverseScalars &scope, Formula &f, math::Atan2Op op, Value g) {
  Location loc = op.getLoc();
  Value y = f.wide(op.getLhs()), x = f.wide(op.getRhs());
  Value factor = f.div(g, f.add(f.square(x), f.square(y)));
  scope.propagate(loc, op.getLhs(), [&] { return f.mul(factor, x); });
  scope.propagate(loc, op.getRhs(), [&] { return f.neg(f.mul(factor, y)); });
}

/// x / y, and the remainder x − ⌊x / y⌋ y, rounded towards 0.
static void reverseQuotient(ReverseScalars &scope, Formula &f, Operation *op, Value g) {
  Location loc = op->getLoc();
  Value x = op->getOperand(0), y = op->getOperand(1);
  bool quotient = isa<arith::DivFOp>(op);
  scope.propagate(loc, x, [&] { return quotient ? f.div(g, f.wide(y)) : g; });
  scope.propagate(loc, y, [&] {
    Value dividend = quotient ? op->getResult(0) : x;
    Value ratio = f.div(f.wide(dividend), f.wide(y));
    return f.neg(f.mul(g, quotient ? ratio : f.apply<math::TruncOp>(ratio)));
  });
}

/// Sums, products and what is made of them. False where `op` is none of these.
static bool reverseArithmetic(ReverseScalars &scope, Formula &f, Operation *op, Value g) {
  Location loc = op->getLoc();
  auto operand = [&](unsigned number) { return op->getOperand(number); };
  auto to = [&](unsigned number, function_ref<Value()> build) {
    scope.propagate(loc, operand(number), build);
  };
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case<arith::AddFOp, arith::SubFOp>([&](Operation *) {
        to(0, [&] { return g; });
        to(1, [&] { return isa<arith::SubFOp>(op) ? f.neg(g) : g; });
        return true;
      })
      .Case([&](arith::MulFOp) {
        to(0, [&] { return f.mul(g, f.wide(operand(1))); });
        to(1, [&] { return f.mul(g, f.wide(operand(0))); });
        return true;
      })
      .Case([&](math::FmaOp) {
        to(0, [&] { return f.mul(g, f.wide(operand(1))); });
        to(1, [&] { return f.mul(g, f.wide(operand(0))); });
        to(2, [&] { return g; });
        return true;
      })
      .Case<arith::DivFOp, arith::RemFOp>([&](Operation *) {
        reverseQuotient(scope, f, op, g);
        return true;
      })
      .Case([&](arith::NegFOp) {
        to(0, [&] { return f.neg(g); });
        return true;
      })
      .Case<arith::ExtFOp, arith::TruncFOp>([&](Operation *) {
        to(0, [&] { return g; });
        return true;
      })
      .Case([&](arith::SelectOp select) {
        to(1, [&] { return f.select(select.getCondition(), g, f.constant(0.0)); });
        to(2, [&] { return f.zeroWhere(select.getCondition(), g); });
        return true;
      })
      .Default(false);
}

LogicalResult backward::applyScalarRule(ReverseScalars &scope, Operation *op, Value gradient) {
  Location loc = op->getLoc();
  // f64 code has f64 gradients; a cast from or to it takes its result's.
  Formula f(scope.getBuilder(), loc, gradient.getType());
  if (isStep(op) || reverseArithmetic(scope, f, op, gradient))
    return success();
  if (auto abs = dyn_cast<math::AbsFOp>(op))
    return reverseAbs(scope, f, abs, gradient), success();
  if (isUnary(op)) {
    Value x = f.wide(op->getOperand(0)), y = f.wide(op->getResult(0));
    Value slope = buildSlope(f, op, x, y);
    if (!slope)
      return failure();
    scope.propagate(loc, op->getOperand(0), [&] { return f.mul(gradient, slope); });
    return success();
  }
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](math::PowFOp op) { return reversePower(scope, f, op, gradient), success(); })
      .Case([&](math::FPowIOp op) {
        return reverseIntegerPower(scope, f, op, gradient), success();
      })
      .Case([&](math::ClampFOp op) { return reverseClamp(scope, f, op, gradient), success(); })
      .Case([&](math::CopySignOp op) {
        return reverseCopySign(scope, f, op, gradient), success();
      })
      .Case([&](math::Atan2Op op) { return reverseAtan2(scope, f, op, gradient), success(); })
      .Case<arith::MaximumFOp, arith::MaxNumFOp, arith::MinimumFOp, arith::MinNumFOp>(
          [&](Operation *op) { return reverseExtremum(scope, f, op, gradient), success(); })
      .Default(failure());
}
