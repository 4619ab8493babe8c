//===- Activation.cpp - Functions between layers --------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Activation.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/Support/ErrorHandling.h"

using namespace mlir;
using namespace mlir::posenc;

static Value constant(OpBuilder &b, Location loc, float value) {
  return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
}

Value regionops::buildSigmoid(OpBuilder &b, Location loc, Value x) {
  Value one = constant(b, loc, 1.0f);
  Value negated = arith::NegFOp::create(b, loc, x);
  Value exp = math::ExpOp::create(b, loc, negated);
  return arith::DivFOp::create(b, loc, one, arith::AddFOp::create(b, loc, one, exp));
}

Value regionops::buildActivation(OpBuilder &b, Location loc, Activation activation, Value x) {
  auto times = [&](Value a, Value c) -> Value { return arith::MulFOp::create(b, loc, a, c); };
  switch (activation) {
  case Activation::ReLU:
    return arith::MaximumFOp::create(b, loc, x, constant(b, loc, 0.0f));
  case Activation::SiLU:
    return times(x, buildSigmoid(b, loc, x));
  case Activation::GELU: {
    Value erf = math::ErfOp::create(b, loc, times(x, constant(b, loc, 0.70710678118654752f)));
    Value sum = arith::AddFOp::create(b, loc, erf, constant(b, loc, 1.0f));
    return times(times(x, constant(b, loc, 0.5f)), sum);
  }
  case Activation::Tanh:
    return math::TanhOp::create(b, loc, x);
  case Activation::LeakyReLU:
    return arith::MaximumFOp::create(b, loc, x, times(x, constant(b, loc, 0.01f)));
  }
  llvm_unreachable("all activations are covered");
}
