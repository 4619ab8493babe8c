//===- BiasLowRankOp.cpp - A product of rows as a bias --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::regionops;

/// A longer sum is a loop: unrolled it would be most of a kernel's code.
static constexpr int64_t kMaxUnrolled = 16;

bool BiasLowRankOp::isAdditive() { return true; }

ScoreModForm BiasLowRankOp::getForm() { return ScoreModForm::LowRank; }

std::optional<ScoreFactors> BiasLowRankOp::getFactors() {
  auto numbers = [](OperandRange range) {
    unsigned first = range.getBeginOperandIndex();
    return llvm::to_vector(llvm::seq<unsigned>(first, first + range.size()));
  };
  ScoreFactors factors;
  factors.left = getUMutable().getOperandNumber();
  factors.right = getVMutable().getOperandNumber();
  factors.leftIndices = numbers(getUAt());
  factors.rightIndices = numbers(getVAt());
  if (getWeight())
    factors.weight = (*this)->getNumOperands() - 1;
  return factors;
}

/// u[…, r] · v[…, r].
static Value buildProduct(OpBuilder &b, Location loc, BiasLowRankOp::Adaptor &in, Value r) {
  SmallVector<Value> left(in.getUAt()), right(in.getVAt());
  left.push_back(r);
  right.push_back(r);
  Value u = buildRead(b, loc, in.getU(), left), v = buildRead(b, loc, in.getV(), right);
  return arith::MulFOp::create(b, loc, u, v);
}

Value BiasLowRankOp::buildScalar(OpBuilder &b, Location loc, ValueRange operands) {
  Adaptor in(operands, *this);
  int64_t last = in.getUAt().size();
  bool known = !cast<ShapedType>(in.getU().getType()).isDynamicDim(last);
  int64_t rank = cast<ShapedType>((known ? in.getU() : in.getV()).getType()).getShape().back();
  Value sum;
  if (!ShapedType::isDynamic(rank) && rank > 0 && rank <= kMaxUnrolled) {
    for (int64_t r = 0; r < rank; ++r) {
      Value number = arith::ConstantIndexOp::create(b, loc, r);
      Value product = buildProduct(b, loc, in, number);
      sum = sum ? arith::AddFOp::create(b, loc, sum, product).getResult() : product;
    }
    return buildWeightedSum(b, loc, in.getScore(), in.getWeight(), sum);
  }
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value end = ShapedType::isDynamic(rank)
                  ? regionops::buildExtent(b, loc, in.getU(), last)
                  : arith::ConstantIndexOp::create(b, loc, rank).getResult();
  Value none = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0.0f));
  auto body = [&](OpBuilder &inner, Location l, Value r, ValueRange carried) {
    Value product = buildProduct(inner, l, in, r);
    Value next = arith::AddFOp::create(inner, l, carried[0], product);
    scf::YieldOp::create(inner, l, next);
  };
  sum = scf::ForOp::create(b, loc, zero, end, one, none, body).getResult(0);
  return buildWeightedSum(b, loc, in.getScore(), in.getWeight(), sum);
}

LogicalResult BiasLowRankOp::verify() {
  auto check = [&](StringRef name, Value tensor, size_t indices) -> LogicalResult {
    auto type = cast<ShapedType>(tensor.getType());
    if (type.hasRank() && type.getRank() == int64_t(indices) + 1)
      return success();
    return emitOpError() << "(N1) expected " << name << " of rank " << indices + 1 << " for "
                         << indices << " indices but got " << tensor.getType();
  };
  if (failed(check("u", getU(), getUAt().size())) ||
      failed(check("v", getV(), getVAt().size())))
    return failure();
  int64_t u = cast<ShapedType>(getU().getType()).getShape().back();
  int64_t v = cast<ShapedType>(getV().getType()).getShape().back();
  if (!compatible(u, v))
    return emitOpError() << "(N2) expected u and v to agree in the last extent but got " << u
                         << " and " << v;
  return success();
}

/// A factor of zeros adds nothing, but for an infinite weight or factor.
OpFoldResult BiasLowRankOp::fold(FoldAdaptor adaptor) {
  bool zero = isZeroSplat(adaptor.getU()) && isZeroSplat(adaptor.getV());
  return zero && !getWeight() ? OpFoldResult(getScore()) : OpFoldResult();
}

void BiasLowRankOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  addMemrefEffects(MutableArrayRef<OpOperand>(getUMutable()), {}, effects);
  addMemrefEffects(MutableArrayRef<OpOperand>(getVMutable()), {}, effects);
}
