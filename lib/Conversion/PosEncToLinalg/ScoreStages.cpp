//===- ScoreStages.cpp - Score regions stage by stage ---------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScoreStages.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::reference;

Value ScoreStages::buildAt(OpBuilder &b, Location loc, Value wanted, Value score,
                           ArrayRef<Value> at) const {
  ScorePoint point{score, at[0], at[1], at[2], at[3]};
  auto readStage = [&](OpBuilder &inner, Value result) -> Value {
    return tensor::ExtractOp::create(inner, loc, tensors.lookup(result), at);
  };
  return inlineScoreValue(b, loc, region, wanted, point, positions, readStage,
                          keepModifiers);
}

Value ScoreStages::buildYielded(OpBuilder &b, Location loc, Value score,
                                ArrayRef<Value> at) const {
  if (region.empty())
    return score;
  return buildAt(b, loc, cast<YieldOp>(region.front().getTerminator()).getValue(), score, at);
}

Value ScoreStages::buildForAll(OpBuilder &builder, Location loc, Value wanted, Value products,
                               FloatAttr scale) const {
  SmallVector<Operand> inputs;
  if (products)
    inputs.push_back({products, {0, 1, 2, 3}});
  return buildForEach(builder, loc, inputs, buildEmpty(builder, loc, sizes),
                      [&](OpBuilder &b, Location l, ValueRange elements) {
                        Value score = products ? elements[0] : buildF32(b, l, 0.0f);
                        if (products)
                          score = arith::MulFOp::create(
                              b, l, score, arith::ConstantOp::create(b, l, scale));
                        return buildAt(b, l, wanted, score, buildIndices(b, l, 4));
                      });
}

void ScoreStages::build(OpBuilder &builder, Location loc, Value products, FloatAttr scale) {
  if (region.empty())
    return;
  for (auto stage : region.front().getOps<StageOpInterface>()) {
    SmallVector<Value> operands;
    for (Value operand : stage->getOperands())
      operands.push_back(operand.getType().isF32()
                             ? buildForAll(builder, loc, operand, products, scale)
                             : operand);
    tensors[stage->getResult(0)] = stage.buildOnTensors(builder, stage.getLoc(), operands);
  }
}
