//===- ExpandModifiers.cpp - Modifiers to arith before bufferization ------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Transforms/Passes.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCEXPANDMODIFIERS
#include "posenc/Dialect/PosEnc/Transforms/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;

namespace {
struct ExpandModifiers final : posenc::impl::PosEncExpandModifiersBase<ExpandModifiers> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<ScoreModOpInterface> mods;
    getOperation()->walk([&](ScoreModOpInterface mod) {
      bool readsTensor = llvm::any_of(mod->getOperandTypes(), llvm::IsaPred<TensorType>);
      if (readsTensor && !isa<bufferization::BufferizableOpInterface>(mod.getOperation()))
        mods.push_back(mod);
    });
    IRRewriter rewriter(&getContext());
    for (ScoreModOpInterface mod : mods) {
      rewriter.setInsertionPoint(mod);
      rewriter.replaceOp(mod, mod.buildScalar(rewriter, mod.getLoc(), mod->getOperands()));
    }
  }
};
} // namespace
