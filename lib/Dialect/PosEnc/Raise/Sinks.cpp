//===- Sinks.cpp - What else stands in a softmax's sum --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Σ exp(z_n − c) + exp(y − c): a sink of logit y, for whatever c both have
// subtracted. It stands in the sum as one more column, which a concatenation
// appended and a slice drops, or as one more summand; exp(0) may be written 1.
//
//===----------------------------------------------------------------------===//

#include "Emit.h"
#include "FindAttention.h"

#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;

static bool isOp(Expr e, StringRef name) { return e->kind == Kind::Op && e->name == name; }

std::optional<SoftmaxSum> mlir::posenc::raise::splitSum(ExprContext &cx, PullBack &pull,
                                                        Expr divisor, const Axis &key) {
  SoftmaxSum result;
  auto take = [&](Expr e) {
    result.sum = pull.reduction(stripCasts(e), key.index, Depth::Full);
    return result.sum && result.sum->combiner == "arith.addf";
  };
  if (isOp(divisor, "arith.addf"))
    for (unsigned side : {0, 1})
      if (take(divisor->ops[side])) {
        result.sink = stripCasts(divisor->ops[1 - side]);
        return result;
      }
  if (!take(divisor))
    return std::nullopt;
  // One column more than there are keys.
  Expr shorter = cx.sub(result.sum->extent, cx.intConst(1));
  if (!pull.sameExtent(result.sum->extent, key.extent) &&
      pull.sameExtent(shorter, key.extent)) {
    auto last = pull.reduction(stripCasts(divisor), shorter, Depth::Full);
    result.sink = stripCasts(last->body);
    result.sum->extent = key.extent;
  }
  return result;
}

/// The exponent of a summand: of exp(y), or of a positive constant.
static Expr exponentOf(ExprContext &cx, Expr summand) {
  if (isOp(summand, "math.exp") || isOp(summand, "math.exp2"))
    return naturalExponent(cx, summand);
  std::optional<double> value = summand->floatValue();
  if (value && *value > 0.0 && std::isfinite(*value))
    return cx.floatConst(std::log(*value), summand->type);
  return nullptr;
}

bool mlir::posenc::raise::dropCommon(ExprContext &cx, Expr &z, Expr &y, Expr key) {
  auto varies = [&](Expr e) { return (e->vars & key->vars) != 0; };
  while (true) {
    if (isOp(z, "arith.subf") && !varies(z->ops[1])) {
      Expr common = z->ops[1];
      if (isOp(y, "arith.subf") && y->ops[1] == common)
        y = y->ops[0];
      else if (isOp(y, "arith.negf") && y->ops[0] == common)
        y = cx.floatConst(0.0, y->type);
      else
        break;
      z = z->ops[0];
      continue;
    }
    if (isOp(z, "arith.addf") && isOp(y, "arith.addf")) {
      unsigned side = varies(z->ops[0]) ? 1 : 0;
      Expr common = z->ops[side];
      bool in0 = y->ops[0] == common, in1 = y->ops[1] == common;
      if (!varies(common) && (in0 || in1)) {
        z = z->ops[1 - side];
        y = y->ops[in0 ? 1 : 0];
        continue;
      }
    }
    break;
  }
  return !varies(y);
}

/// Whether z, a sum, has a row's maximum in it: then the other summand has not.
static bool hasRowMaximum(PullBack &pull, Expr z, Expr key) {
  SmallVector<Expr> work{z};
  while (!work.empty()) {
    Expr e = work.pop_back_val();
    if (isOp(e, "arith.addf") || isOp(e, "arith.subf"))
      llvm::append_range(work, e->ops);
    std::optional<Reduction> top;
    if (!(e->vars & key->vars))
      top = pull.reduction(stripCasts(e), key, Depth::Full);
    if (top && top->combiner != "arith.addf")
      return true;
  }
  return false;
}

bool mlir::posenc::raise::findSink(ExprContext &cx, PullBack &pull, Expr z, Expr summand,
                                   Attention &found, Miss &miss) {
  Location loc = found.contraction->getLoc();
  Expr y = exponentOf(cx, summand);
  if (!y || !dropCommon(cx, z, y, found.key.index) ||
      hasRowMaximum(pull, z, found.key.index)) {
    miss = {"expected what the softmax's sum has besides the keys to be an exponential", loc};
    return false;
  }
  if (y->vars & ~found.head.index->vars) {
    miss = {"expected a sink per head, but got one that depends on more", loc};
    return false;
  }
  found.score = z;
  found.sink = y;
  return true;
}

Value mlir::posenc::raise::buildSinks(ExprContext &cx, PullBack &pull, OpBuilder &builder,
                                      Location loc, const Attention &attention) {
  Expr sink = attention.sink, head = attention.head.index;
  Type f32 = builder.getF32Type();
  if (sink->kind == Kind::Read && sink->type == f32 && sink->ops.size() == 1 &&
      sink->ops[0] == head &&
      pull.sameExtent(pull.extent(sink->value, 0), attention.head.extent))
    return sink->value;
  Emitter outer(cx, pull, builder, loc);
  Value init = tensor::EmptyOp::create(
      builder, loc, ArrayRef<OpFoldResult>{outer.fold(attention.head.extent)}, f32);
  auto generic = linalg::GenericOp::create(
      builder, loc, init.getType(), ValueRange(), init, builder.getMultiDimIdentityMap(1),
      utils::IteratorType::parallel, [&](OpBuilder &b, Location l, ValueRange) {
        Emitter emitter(cx, pull, b, l);
        if (head->kind == Kind::Var)
          emitter.bind(head, linalg::IndexOp::create(b, l, 0));
        Value value = emitter.emitFloat(sink);
        if (value.getType().getIntOrFloatBitWidth() > 32)
          value = arith::TruncFOp::create(b, l, f32, value);
        else if (value.getType() != f32)
          value = arith::ExtFOp::create(b, l, f32, value);
        linalg::YieldOp::create(b, l, value);
      });
  return generic.getResult(0);
}
