// What the op computes for one score: posenc takes its structure, its kernels and its
// derivative from this.
#include "SoftWindow.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "posenc/Dialect/PosEnc/IR/ScoreModBuilders.h"

using namespace mlir;

bool soft::SoftWindowOp::isAdditive() { return true; }

Value soft::SoftWindowOp::buildScalar(OpBuilder &b, Location loc, ValueRange operands) {
  Adaptor in(operands, *this);
  Value distance = posenc::buildDistance(b, loc, true, in.getQPosition(), in.getKPosition());
  Value integer = arith::IndexCastOp::create(b, loc, b.getI64Type(), distance);
  Value away =
      math::AbsFOp::create(b, loc, arith::SIToFPOp::create(b, loc, b.getF32Type(), integer));
  Value outside =
      arith::SubFOp::create(b, loc, away, arith::ConstantOp::create(b, loc, getWidthAttr()));
  Value zero = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0.0f));
  Value strength = posenc::buildRead(b, loc, in.getStrength(), {in.getHead()});
  Value bias =
      arith::MulFOp::create(b, loc, strength, arith::MaximumFOp::create(b, loc, outside, zero));
  return arith::SubFOp::create(b, loc, in.getScore(), bias);
}
