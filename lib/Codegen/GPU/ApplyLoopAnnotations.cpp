//===- ApplyLoopAnnotations.cpp - Loop annotations for LLVM ---------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/GPU/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCAPPLYLOOPANNOTATIONSPASS
#include "posenc/Codegen/GPU/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;

namespace {
struct ApplyLoopAnnotations
    : public posenc::impl::PosEncApplyLoopAnnotationsPassBase<ApplyLoopAnnotations> {
  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      constexpr StringLiteral name = "llvm.loop_annotation";
      auto annotation = op->getDiscardableAttr(name);
      auto loop = dyn_cast_or_null<LLVM::LoopAnnotationAttr>(annotation);
      if (!loop)
        return;
      if (auto branch = dyn_cast<LLVM::BrOp>(op))
        branch.setLoopAnnotationAttr(loop);
      else if (auto branch = dyn_cast<LLVM::CondBrOp>(op))
        branch.setLoopAnnotationAttr(loop);
      else
        return;
      op->removeDiscardableAttr(name);
    });
  }
};
} // namespace
