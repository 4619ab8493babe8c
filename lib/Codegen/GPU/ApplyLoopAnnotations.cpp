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

/// What keeps LLVM from unrolling.
static void applyAnnotation(Operation *op) {
  constexpr StringLiteral name = "llvm.loop_annotation";
  auto loop = dyn_cast_or_null<LLVM::LoopAnnotationAttr>(op->getDiscardableAttr(name));
  if (!loop)
    return;
  if (auto branch = dyn_cast<LLVM::BrOp>(op))
    branch.setLoopAnnotationAttr(loop);
  else if (auto branch = dyn_cast<LLVM::CondBrOp>(op))
    branch.setLoopAnnotationAttr(loop);
  else
    return;
  op->removeDiscardableAttr(name);
}

/// The name by which the emulator counts trips.
static void applyName(Operation *op) {
  constexpr StringLiteral name = "posenc.loop";
  auto tag = dyn_cast_or_null<LLVM::MMRATagAttr>(op->getDiscardableAttr(name));
  if (tag && isa<LLVM::BrOp, LLVM::CondBrOp>(op))
    op->setDiscardableAttr(name, StringAttr::get(op->getContext(), tag.getSuffix()));
}

namespace {
struct ApplyLoopAnnotations
    : public posenc::impl::PosEncApplyLoopAnnotationsPassBase<ApplyLoopAnnotations> {
  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      applyAnnotation(op);
      applyName(op);
    });
  }
};
} // namespace
