//===- Emit.cpp - Terse builders for kernel code --------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Kernel/Emit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"

using namespace mlir;
using namespace mlir::posenc::kernel;

Value Emit::index(int64_t value) const {
  return arith::ConstantIndexOp::create(builder, loc, value);
}
Value Emit::f32(float value) const {
  return arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(value));
}
Value Emit::splat(Type type, float value) const {
  auto vector = dyn_cast<VectorType>(type);
  if (!vector)
    return f32(value);
  return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(vector, value));
}

Value Emit::add(Value a, Value b) const {
  return builder.createOrFold<arith::AddIOp>(loc, a, b);
}
Value Emit::sub(Value a, Value b) const {
  return builder.createOrFold<arith::SubIOp>(loc, a, b);
}
Value Emit::mul(Value a, Value b) const {
  return builder.createOrFold<arith::MulIOp>(loc, a, b);
}
Value Emit::min(Value a, Value b) const {
  return builder.createOrFold<arith::MinSIOp>(loc, a, b);
}
Value Emit::max(Value a, Value b) const {
  return builder.createOrFold<arith::MaxSIOp>(loc, a, b);
}
Value Emit::div(Value a, Value b) const {
  return builder.createOrFold<arith::DivUIOp>(loc, a, b);
}
Value Emit::rem(Value a, Value b) const {
  return builder.createOrFold<arith::RemUIOp>(loc, a, b);
}
Value Emit::ceilDiv(Value a, Value b) const {
  return builder.createOrFold<arith::CeilDivUIOp>(loc, a, b);
}
Value Emit::less(Value a, Value b) const {
  return builder.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::slt, a, b);
}
Value Emit::both(Value a, Value b) const {
  return builder.createOrFold<arith::AndIOp>(loc, a, b);
}
Value Emit::select(Value condition, Value a, Value b) const {
  return builder.createOrFold<arith::SelectOp>(loc, condition, a, b);
}

Value Emit::addF(Value a, Value b) const { return arith::AddFOp::create(builder, loc, a, b); }
Value Emit::mulF(Value a, Value b) const { return arith::MulFOp::create(builder, loc, a, b); }
// math.fma and arith.maxnumf become calls into libdevice; the intrinsics are
// instructions on every chip.
Value Emit::fma(Value a, Value b, Value c) const {
  return LLVM::FMAOp::create(builder, loc, a.getType(), a, b, c);
}
Value Emit::maxF(Value a, Value b) const {
  return LLVM::MaxNumOp::create(builder, loc, a.getType(), a, b);
}

Value Emit::exp2(Value x) const {
  StringRef name =
      target.vendor == Vendor::NVIDIA ? "llvm.nvvm.ex2.approx.ftz.f32" : "llvm.amdgcn.exp2.f32";
  return LLVM::CallIntrinsicOp::create(builder, loc, x.getType(), builder.getStringAttr(name),
                                       ValueRange(x))
      .getResult(0);
}

Value Emit::reduce16(Value value, function_ref<Value(Value, Value)> combine) const {
  for (int32_t step : {8, 4, 2, 1}) {
    Value other;
    if (target.vendor == Vendor::NVIDIA) {
      // Width 32 whatever the group: a narrower one would name a part of the
      // warp as the participants.
      other =
          gpu::ShuffleOp::create(builder, loc, value, step, /*width=*/32, gpu::ShuffleMode::XOR)
              .getShuffleResult();
    } else {
      // row_ror:step, a rotation of 16 lanes that is an operand modifier and
      // costs no LDS traffic. After the steps before, values have period
      // 2 · step, so rotating equals exchanging.
      constexpr int32_t rowRor = 0x120;
      other = ROCDL::DPPUpdateOp::create(builder, loc, value.getType(), value, value,
                                         rowRor | step, 0xf, 0xf, true);
    }
    value = combine(value, other);
  }
  return value;
}

void Emit::barrier() const { gpu::BarrierOp::create(builder, loc); }
