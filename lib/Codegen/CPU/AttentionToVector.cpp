//===- AttentionToVector.cpp - posenc.attention for vector units ----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"

#include "posenc/Codegen/CPU/CPUTarget.h"
#include "posenc/Codegen/CPU/Passes.h"
#include "posenc/Dialect/PosEnc/Utils/NeedsReference.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCATTENTIONTOVECTOR
#include "posenc/Codegen/CPU/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;

/// Rows × vectors of accumulators that fill about two thirds of the registers:
/// enough products in flight to hide their latency, with room for operands.
static cpu::RegisterTile getRegisterTile(const CPUTarget &target, int64_t width) {
  return {target.vectorRegisters >= 32 ? 8 : 6, 2, width};
}

/// More than threads, so that they get about as much each, and no more scratch
/// than the last-level cache takes.
static constexpr int64_t kWorkers = 64;

namespace {
struct AttentionToVectorPass final
    : posenc::impl::PosEncAttentionToVectorBase<AttentionToVectorPass> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<AttentionOp> ops;
    getOperation()->walk([&](AttentionOp op) { ops.push_back(op); });
    if (ops.empty())
      return;
    FailureOr<cpu::KernelShape> shape = getShape();
    if (failed(shape))
      return signalPassFailure();
    for (AttentionOp op : ops)
      if (failed(lower(op, *shape)))
        return signalPassFailure();
  }

  FailureOr<cpu::KernelShape> getShape() {
    FailureOr<CPUTarget> target = CPUTarget::get(chip);
    if (failed(target)) {
      getOperation()->emitError() << "expected chip to be host or LLVM's name of an x86 or "
                                     "AArch64 processor but got '"
                                  << chip << "'";
      return failure();
    }
    int64_t width = vectorWidth ? vectorWidth : target->vectorBits / 32;
    cpu::RegisterTile tile = getRegisterTile(*target, width);
    // Rows up to a multiple of the tile's; keys in whole panels.
    return cpu::KernelShape{int64_t(llvm::alignTo(blockM, tile.rows)),
                            int64_t(llvm::alignTo(blockN, tile.columns())), kWorkers, tile};
  }

  LogicalResult lower(AttentionOp op, const cpu::KernelShape &shape);
};
} // namespace

/// Memrefs whose layout is no strides have no flat view.
static LogicalResult verifyLayouts(AttentionOp op) {
  for (Value operand : op->getOperands()) {
    auto type = dyn_cast<MemRefType>(operand.getType());
    if (type && !type.isStrided())
      return op.emitOpError() << "expected operands with a strided layout but got " << type;
  }
  return success();
}

LogicalResult AttentionToVectorPass::lower(AttentionOp op, const cpu::KernelShape &shape) {
  if (op.hasPureTensor())
    return op.emitOpError() << "expected memrefs but got tensors: run one-shot-bufferize first";
  if (failed(verifyForKernels(op)) || failed(verifyLayouts(op)))
    return failure();
  ImplicitLocOpBuilder builder(op.getLoc(), op);
  // Everything the kernel is made of stands between here and the op.
  Operation *before = op->getPrevNode();
  cpu::AttentionKernel(op, shape, builder).build();
  Block::iterator first = before ? std::next(before->getIterator()) : op->getBlock()->begin();

  // Of the functions on vectors these two have polynomials that are as good as
  // libm's in the range that matters; the others are called lane by lane.
  SmallVector<Operation *> functions;
  for (Operation &part : llvm::make_range(first, op->getIterator()))
    part.walk([&](Operation *nested) {
      if (isa<math::TanhOp, math::LogOp>(nested) &&
          isa<VectorType>(nested->getResult(0).getType()))
        functions.push_back(nested);
    });
  op.erase();
  RewritePatternSet patterns(&getContext());
  populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
    return name == math::TanhOp::getOperationName() || name == math::LogOp::getOperationName();
  });
  GreedyRewriteConfig config;
  config.setStrictness(GreedyRewriteStrictness::ExistingOps);
  return applyOpPatternsGreedily(functions, std::move(patterns), config);
}
