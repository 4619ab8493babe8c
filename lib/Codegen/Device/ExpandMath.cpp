//===- ExpandMath.cpp - Math ops without a device library -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Device/Passes.h"

#include "MathBuilder.h"

#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCEXPANDMATHPASS
#include "posenc/Codegen/Device/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using posenc::MathBuilder;

namespace {
enum class Target { Any, NVVM, ROCDL };

/// Expands one scalar op; `args` are its operands, in f32 if they were narrower.
struct Expander {
  OpBuilder &b;
  Location loc;
  Target target;

  Value expandFloat(Operation *op, ValueRange args);
  Value unary(Operation *op, MathBuilder &m, Value x);
  Value direct(Operation *op, MathBuilder &m, ValueRange args);
  Value predicate(Operation *op, MathBuilder &m, Value x);
  Value exp2(MathBuilder &m, Value x);
  Value powf(MathBuilder &m, Value x, Value y);
  Value fpowi(MathBuilder &m, Value x, Value n);
  Value ipowi(Value x, Value n);
};
} // namespace

/// The one instruction of the chip, in f32.
Value Expander::exp2(MathBuilder &m, Value x) {
  if (!x.getType().isF32() || target == Target::Any)
    return m.exp2(x);
  StringRef name =
      target == Target::NVVM ? "llvm.nvvm.ex2.approx.ftz.f32" : "llvm.amdgcn.exp2.f32";
  return LLVM::CallIntrinsicOp::create(b, loc, x.getType(), b.getStringAttr(name), x)
      .getResult(0);
}

/// Constant small exponents are products, which model IR is full of.
Value Expander::powf(MathBuilder &m, Value x, Value y) {
  APFloat exponent(0.0);
  if (matchPattern(y, m_ConstantFloat(&exponent))) {
    if (exponent.isExactlyValue(1.0))
      return x;
    if (exponent.isExactlyValue(2.0))
      return m.mul(x, x);
    if (exponent.isExactlyValue(3.0))
      return m.mul(m.mul(x, x), x);
    if (exponent.isExactlyValue(-1.0))
      return m.div(m.c(1), x);
  }
  return m.pow(x, y);
}

/// The sign from the integer: a rounded exponent may have lost its parity.
Value Expander::fpowi(MathBuilder &m, Value x, Value n) {
  Value y = arith::SIToFPOp::create(b, loc, x.getType(), n);
  Value magnitude = m.pow(m.abs(x), y);
  Value one = arith::ConstantOp::create(b, loc, b.getIntegerAttr(n.getType(), 1));
  Value low = arith::AndIOp::create(b, loc, n, one);
  Value odd = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, low, one);
  return m.select(m.both(odd, m.isNegative(x)), m.neg(magnitude), magnitude);
}

/// Square and multiply. A negative exponent gives 1/x^−n truncated: ±1 for
/// x = ±1 and 0 otherwise.
Value Expander::ipowi(Value x, Value n) {
  Type type = x.getType();
  auto k = [&](int64_t v) -> Value {
    return arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, v));
  };
  auto cmp = [&](arith::CmpIPredicate predicate, Value v, Value w) -> Value {
    return arith::CmpIOp::create(b, loc, predicate, v, w);
  };
  Value one = k(1), zero = k(0);
  Value negative = cmp(arith::CmpIPredicate::slt, n, zero);
  Value isOdd = cmp(arith::CmpIPredicate::ne, arith::AndIOp::create(b, loc, n, one), zero);
  Value steps = arith::SelectOp::create(b, loc, negative, zero, n);
  auto loop = scf::WhileOp::create(
      b, loc, TypeRange{type, type, type}, ValueRange{one, x, steps},
      [&](OpBuilder &, Location, ValueRange v) {
        Value more = cmp(arith::CmpIPredicate::ne, v[2], zero);
        scf::ConditionOp::create(b, loc, more, v);
      },
      [&](OpBuilder &, Location, ValueRange v) {
        Value bit = arith::AndIOp::create(b, loc, v[2], one);
        Value take = cmp(arith::CmpIPredicate::ne, bit, zero);
        Value product = arith::MulIOp::create(b, loc, v[0], v[1]);
        Value result = arith::SelectOp::create(b, loc, take, product, v[0]);
        Value square = arith::MulIOp::create(b, loc, v[1], v[1]);
        Value rest = arith::ShRUIOp::create(b, loc, v[2], one);
        scf::YieldOp::create(b, loc, ValueRange{result, square, rest});
      });
  Value minus = k(-1);
  Value isUnit = cmp(arith::CmpIPredicate::eq, x, one);
  Value isMinus = cmp(arith::CmpIPredicate::eq, x, minus);
  Value ofMinus = arith::SelectOp::create(b, loc, isOdd, minus, one);
  Value inverse = arith::SelectOp::create(b, loc, isMinus, ofMinus, zero);
  inverse = arith::SelectOp::create(b, loc, isUnit, one, inverse);
  return arith::SelectOp::create(b, loc, negative, inverse, loop.getResult(0));
}

Value Expander::unary(Operation *op, MathBuilder &m, Value x) {
  return TypeSwitch<Operation *, Value>(op)
      .Case([&](math::ExpOp) { return m.exp(x); })
      .Case([&](math::Exp2Op) { return exp2(m, x); })
      .Case([&](math::ExpM1Op) { return m.expm1(x); })
      .Case([&](math::LogOp) { return m.log(x); })
      .Case([&](math::Log2Op) { return m.log2(x); })
      .Case([&](math::Log10Op) { return m.log10(x); })
      .Case([&](math::Log1pOp) { return m.log1p(x); })
      .Case([&](math::SinhOp) { return m.sinh(x); })
      .Case([&](math::CoshOp) { return m.cosh(x); })
      .Case([&](math::TanhOp) { return m.tanh(x); })
      .Case([&](math::AsinhOp) { return m.asinh(x); })
      .Case([&](math::AcoshOp) { return m.acosh(x); })
      .Case([&](math::AtanhOp) { return m.atanh(x); })
      .Case([&](math::SinOp) { return m.sincos(x).first; })
      .Case([&](math::CosOp) { return m.sincos(x).second; })
      .Case([&](math::TanOp) { return m.tan(x); })
      .Case([&](math::AtanOp) { return m.atan(x); })
      .Case([&](math::AsinOp) { return m.asin(x); })
      .Case([&](math::AcosOp) { return m.acos(x); })
      .Case([&](math::ErfOp) { return m.erf(x); })
      .Case([&](math::ErfcOp) { return m.erfc(x); })
      .Case([&](math::CbrtOp) { return m.cbrt(x); })
      .Case([&](math::RsqrtOp) { return m.div(m.c(1), m.sqrt(x)); })
      .Default([](Operation *) { return Value(); });
}

/// What LLVM's code generators have.
Value Expander::direct(Operation *op, MathBuilder &m, ValueRange args) {
  StringRef name = TypeSwitch<Operation *, StringRef>(op)
                       .Case([](math::SqrtOp) { return "llvm.sqrt"; })
                       .Case([](math::AbsFOp) { return "llvm.fabs"; })
                       .Case([](math::FloorOp) { return "llvm.floor"; })
                       .Case([](math::CeilOp) { return "llvm.ceil"; })
                       .Case([](math::TruncOp) { return "llvm.trunc"; })
                       .Case([](math::RoundOp) { return "llvm.round"; })
                       .Case([](math::RoundEvenOp) { return "llvm.roundeven"; })
                       .Case([](math::CopySignOp) { return "llvm.copysign"; })
                       .Case([](math::FmaOp) { return "llvm.fma"; })
                       .Case([](arith::MinNumFOp) { return "llvm.minnum"; })
                       .Case([](arith::MaxNumFOp) { return "llvm.maxnum"; })
                       .Default([](Operation *) { return ""; });
  return name.empty() ? Value() : m.intrinsic(name, args);
}

Value Expander::predicate(Operation *op, MathBuilder &m, Value x) {
  Value a = m.abs(x);
  double smallest = x.getType().isF64() ? 0x1p-1022 : 0x1p-126;
  return TypeSwitch<Operation *, Value>(op)
      .Case([&](math::IsNaNOp) { return m.isNaN(x); })
      .Case([&](math::IsInfOp) { return m.eq(a, m.inf()); })
      .Case([&](math::IsFiniteOp) { return m.lt(a, m.inf()); })
      .Case([&](math::IsNormalOp) {
        Value tiny = m.lt(a, m.c(smallest));
        return m.select(tiny, m.lt(a, m.c(0)), m.lt(a, m.inf()));
      })
      .Default([](Operation *) { return Value(); });
}

Value Expander::expandFloat(Operation *op, ValueRange args) {
  MathBuilder m(b, loc, cast<FloatType>(args[0].getType()), target == Target::Any);
  if (Value value = unary(op, m, args[0]))
    return value;
  if (Value value = direct(op, m, args))
    return value;
  return TypeSwitch<Operation *, Value>(op)
      .Case([&](math::PowFOp) { return powf(m, args[0], args[1]); })
      .Case([&](math::FPowIOp) { return fpowi(m, args[0], args[1]); })
      .Case([&](math::Atan2Op) { return m.atan2(args[0], args[1]); })
      .Case([&](math::ClampFOp) { return m.max(m.min(args[0], args[2]), args[1]); })
      .Case([&](arith::RemFOp) { return m.fmod(args[0], args[1]); })
      .Default([&](Operation *) { return predicate(op, m, args[0]); });
}

static bool isNarrow(Type type) { return type.isF16() || type.isBF16(); }

/// Scalar results of a scalar op, or nothing for a type without a rule.
static SmallVector<Value> expandScalar(Expander expander, Operation *op,
                                       SmallVector<Value> args) {
  OpBuilder &b = expander.b;
  Type type = args[0].getType();
  if (!type.isIntOrIndexOrFloat())
    return {};
  if (isa<math::AbsIOp>(op)) {
    Value zero = arith::ConstantOp::create(b, expander.loc, b.getIntegerAttr(type, 0));
    Value minus = arith::SubIOp::create(b, expander.loc, zero, args[0]);
    return {arith::MaxSIOp::create(b, expander.loc, args[0], minus)};
  }
  if (isa<math::IPowIOp>(op))
    return {expander.ipowi(args[0], args[1])};
  if (!isNarrow(type) && !type.isF32() && !type.isF64())
    return {};
  // A product of narrow floats is exact in f64, and the sum nearly so.
  Type wide = !isNarrow(type) ? type : isa<math::FmaOp>(op) ? b.getF64Type() : b.getF32Type();
  if (wide != type)
    for (Value &arg : args)
      if (arg.getType() == type) {
        arg = arith::ExtFOp::create(b, expander.loc, wide, arg);
      }
  SmallVector<Value> results;
  if (isa<math::SincosOp>(op)) {
    MathBuilder m(b, expander.loc, cast<FloatType>(wide), expander.target == Target::Any);
    auto [sine, cosine] = m.sincos(args[0]);
    results = {sine, cosine};
  } else {
    results = {expander.expandFloat(op, args)};
  }
  for (Value &result : results)
    if (result && result.getType() == wide && wide != type)
      result = arith::TruncFOp::create(b, expander.loc, type, result);
  return results;
}

/// Element by element, since the expansions are scalar.
static SmallVector<Value> expand(Expander expander, Operation *op) {
  auto vector = dyn_cast<VectorType>(op->getResult(0).getType());
  if (!vector)
    return expandScalar(expander, op, llvm::to_vector(op->getOperands()));
  if (vector.isScalable())
    return {};
  OpBuilder &b = expander.b;
  SmallVector<Value> results;
  for (Type type : op->getResultTypes())
    results.push_back(arith::ConstantOp::create(b, expander.loc, b.getZeroAttr(type)));
  SmallVector<int64_t> strides = computeStrides(vector.getShape());
  for (int64_t i = 0; i < vector.getNumElements(); ++i) {
    SmallVector<int64_t> at = delinearize(i, strides);
    SmallVector<Value> args;
    for (Value operand : op->getOperands())
      args.push_back(isa<VectorType>(operand.getType())
                         ? vector::ExtractOp::create(b, expander.loc, operand, at)
                         : operand);
    SmallVector<Value> scalars = expandScalar(expander, op, args);
    if (scalars.empty())
      return {};
    for (auto [result, scalar] : llvm::zip(results, scalars))
      result = vector::InsertOp::create(b, expander.loc, scalar, result, at);
  }
  return results;
}

namespace {
struct ExpandMath final : posenc::impl::PosEncExpandMathPassBase<ExpandMath> {
  using Base::Base;

  void runOnOperation() override {
    std::optional<Target> kind = llvm::StringSwitch<std::optional<Target>>(target)
                                     .Case("", Target::Any)
                                     .Case("nvvm", Target::NVVM)
                                     .Case("rocdl", Target::ROCDL)
                                     .Default(std::nullopt);
    if (!kind) {
      emitError(getOperation()->getLoc(), "expected target nvvm, rocdl or none but got '")
          << target << "'";
      return signalPassFailure();
    }
    RewritePatternSet patterns(&getContext());
    arith::populateCeilFloorDivExpandOpsPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (isLibraryArith(op) ||
          (isa_and_nonnull<math::MathDialect>(op->getDialect()) && !isBitOp(op)))
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (Operation *op : ops) {
      rewriter.setInsertionPoint(op);
      SmallVector<Value> results = expand({rewriter, op->getLoc(), *kind}, op);
      if (results.empty() || !results.front()) {
        op->emitOpError(
            "expected scalars or fixed vectors of f16, bf16, f32, f64 or integers but got ")
            << op->getResult(0).getType();
        return signalPassFailure();
      }
      rewriter.replaceOp(op, results);
    }
  }

  /// What the conversions to NVVM and ROCDL would turn into library calls.
  static bool isLibraryArith(Operation *op) {
    return isa<arith::RemFOp, arith::MinNumFOp, arith::MaxNumFOp>(op);
  }

  /// Every LLVM target has these; the conversions to the LLVM dialect do them.
  static bool isBitOp(Operation *op) {
    return isa<math::CountLeadingZerosOp, math::CountTrailingZerosOp, math::CtPopOp>(op);
  }
};
} // namespace
