//===- LinearBias.cpp - Linear biases as functions of the key -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LinearBias.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::posenc;

bool posenc::isLinearInKeys(BiasFnOp op, bool isCausal) {
  if (op.getFn() != BiasFnKind::Linear || op.getMultiply())
    return false;
  return op.getDistance() != DistanceKind::Absolute || isCausal;
}

/// The slope as f32.
static Value buildSlope(OpBuilder &b, BiasFnOp op) {
  SmallVector<Value> at;
  if (op.getHead())
    at.push_back(op.getHead());
  auto type = cast<ShapedType>(op.getParams().getType());
  // One element: [] or [1].
  while (int64_t(at.size()) < type.getRank())
    at.insert(at.begin(), arith::ConstantIndexOp::create(b, op.getLoc(), 0));
  Value slope;
  if (isa<TensorType>(type))
    slope = tensor::ExtractOp::create(b, op.getLoc(), op.getParams(), at);
  else
    slope = memref::LoadOp::create(b, op.getLoc(), op.getParams(), at);
  if (slope.getType().isF32())
    return slope;
  return arith::ExtFOp::create(b, op.getLoc(), b.getF32Type(), slope);
}

void posenc::reduceToKeys(RewriterBase &rewriter, BiasFnOp op) {
  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);
  Value slope = buildSlope(rewriter, op), key = op.getKPosition();
  if (key.getType().isIndex()) {
    key = arith::IndexCastOp::create(rewriter, loc, rewriter.getI64Type(), key);
    key = arith::SIToFPOp::create(rewriter, loc, rewriter.getF32Type(), key);
  }
  Value part = arith::MulFOp::create(rewriter, loc, slope, key);
  if (op.getDistance() == DistanceKind::KMinusQ)
    rewriter.replaceOpWithNewOp<arith::AddFOp>(op, op.getScore(), part);
  else
    rewriter.replaceOpWithNewOp<arith::SubFOp>(op, op.getScore(), part);
}
