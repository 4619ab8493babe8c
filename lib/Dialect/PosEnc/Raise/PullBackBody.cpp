//===- PullBackBody.cpp - Scalar operations as expressions ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PullBack.h"

#include "posenc/Dialect/PosEnc/Analysis/ConvertScalar.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::posenc::raise;

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

Expr PullBack::scalar(Value value) {
  if (Expr known = scalars.lookup(value))
    return known;
  Expr result = nullptr;
  Operation *op = value.getDefiningOp();
  // Operations of this pass's input that compute on scalars only.
  bool pure = op && op->getNumRegions() == 0 && op->getNumResults() == 1 &&
              isa_and_present<arith::ArithDialect, math::MathDialect, tensor::TensorDialect,
                              affine::AffineDialect>(op->getDialect());
  if (pure && nesting <= 600) {
    ++nesting;
    Env env;
    runOp(op, env, {}, Depth::Full);
    result = env.lookup(value);
    --nesting;
  }
  bool known = result && result->kind != Kind::Undef;
  bool isScalar = value.getType().isIntOrIndexOrFloat();
  if (!known)
    result = isScalar && isScalarType(value.getType()) ? cx.sym(value)
                                                       : cx.undef(value.getType(), value);
  return scalars[value] = result;
}

Expr PullBack::lookup(Value value, Env &env) {
  if (Expr known = env.lookup(value))
    return known;
  return scalar(value);
}

Expr PullBack::inBody(linalg::LinalgOp op, ArrayRef<Expr> loops, Value value) {
  Block *body = op.getBlock();
  Env env;
  for (OpOperand &operand : op->getOpOperands()) {
    unsigned n = operand.getOperandNumber();
    if (n >= body->getNumArguments() || body->getArgument(n).use_empty())
      continue;
    bool isTensor = isa<RankedTensorType>(operand.get().getType());
    env[body->getArgument(n)] =
        isTensor ? element(operand.get(), apply(op.getMatchingIndexingMap(&operand), loops),
                           Depth::Full)
                 : scalar(operand.get());
  }
  runBlock(*body, env, loops, Depth::Full);
  return lookup(value, env);
}

void PullBack::runBlock(Block &block, Env &env, ArrayRef<Expr> loops, Depth depth) {
  for (Operation &op : block.without_terminator())
    runOp(&op, env, loops, depth);
}

Expr PullBack::runBranch(scf::IfOp branch, Env &env, ArrayRef<Expr> loops, Depth depth) {
  if (branch.getNumResults() != 1)
    return nullptr;
  runBlock(branch.getThenRegion().front(), env, loops, depth);
  runBlock(branch.getElseRegion().front(), env, loops, depth);
  return cx.select(lookup(branch.getCondition(), env),
                   lookup(branch.thenYield().getOperand(0), env),
                   lookup(branch.elseYield().getOperand(0), env));
}

/// Sums without negations in them, so that a − b, a + (−b) and −(b − a) are one
/// expression. All the same number, but that a zero may have another sign.
static Expr withoutNegations(ExprContext &cx, Expr e) {
  auto isOp = [](Expr x, StringRef name) { return x->kind == Kind::Op && x->name == name; };
  auto make = [&](StringRef name, Expr a, Expr b) {
    return cx.op(name, e->type, {a, b}, e->attr);
  };
  if (isOp(e, "arith.negf")) {
    Expr x = e->ops[0];
    if (isOp(x, "arith.negf"))
      return x->ops[0];
    if (isOp(x, "arith.subf"))
      return make("arith.subf", x->ops[1], x->ops[0]);
    if (isOp(x, "arith.mulf") || isOp(x, "arith.divf"))
      for (unsigned side : {1, 0})
        if (std::optional<double> factor = x->ops[side]->floatValue()) {
          SmallVector<Expr> factors(x->ops.begin(), x->ops.end());
          factors[side] = cx.floatConst(-*factor, x->type);
          return cx.op(x->name, x->type, factors, x->attr);
        }
  }
  if (isOp(e, "arith.subf") && isOp(e->ops[1], "arith.negf"))
    return make("arith.addf", e->ops[0], e->ops[1]->ops[0]);
  if (isOp(e, "arith.addf"))
    for (unsigned side : {1, 0})
      if (isOp(e->ops[side], "arith.negf"))
        return make("arith.subf", e->ops[1 - side], e->ops[side]->ops[0]);
  return e;
}

void PullBack::runOp(Operation *op, Env &env, ArrayRef<Expr> loops, Depth depth) {
  auto all = [&](ValueRange values) {
    SmallVector<Expr> list;
    for (Value v : values)
      list.push_back(lookup(v, env));
    return list;
  };
  if (op->getNumResults() == 0)
    return; // cf.assert: proved or kept by its own step
  Value result = op->getResult(0);
  Expr value =
      llvm::TypeSwitch<Operation *, Expr>(op)
          .Case([&](linalg::IndexOp index) -> Expr {
            return index.getDim() < loops.size() ? loops[index.getDim()] : nullptr;
          })
          .Case([&](tensor::ExtractOp extract) {
            return element(extract.getTensor(), all(extract.getIndices()), depth);
          })
          .Case([&](tensor::DimOp dim) -> Expr {
            std::optional<int64_t> index = dim.getConstantIndex();
            if (!index || !isa<RankedTensorType>(dim.getSource().getType()))
              return nullptr;
            return extent(dim.getSource(), *index);
          })
          .Case([&](affine::AffineApplyOp apply) {
            SmallVector<Expr> o = all(apply.getOperands());
            AffineMap map = apply.getAffineMap();
            ArrayRef<Expr> operands(o);
            return affine(map.getResult(0), operands.take_front(map.getNumDims()),
                          operands.drop_front(map.getNumDims()));
          })
          .Case([&](scf::IfOp branch) { return runBranch(branch, env, loops, depth); })
          .Default([&](Operation *other) -> Expr {
            if (op->getNumResults() != 1 || op->getNumRegions() != 0)
              return nullptr;
            if (!isa_and_present<arith::ArithDialect, math::MathDialect>(op->getDialect()))
              return nullptr;
            Expr value = convertScalarOp(cx, other, all(other->getOperands()));
            return value ? withoutNegations(cx, value) : nullptr;
          });
  for (Value v : op->getResults())
    env[v] = cx.undef(v.getType(), v);
  if (value)
    env[result] = value;
}
