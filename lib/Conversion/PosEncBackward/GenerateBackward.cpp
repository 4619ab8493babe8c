//===- GenerateBackward.cpp - --posenc-generate-backward ------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BackwardFunction.h"

#include "posenc/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCGENERATEBACKWARD
#include "posenc/Conversion/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::backward;

namespace {
struct GenerateBackwardPass final
    : posenc::impl::PosEncGenerateBackwardBase<GenerateBackwardPass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *ctx) override {
    RewritePatternSet set(ctx);
    populatePosEncToLinalgPatterns(set, /*keepAttention=*/true);
    linalg::populateElementwiseToLinalgConversionPatterns(set);
    patterns = FrozenRewritePatternSet(std::move(set));
    return success();
  }

  void runOnOperation() override {
    LogicalResult result = functions.empty() ? generateForAttention() : generateForFunctions();
    if (failed(result))
      signalPassFailure();
  }

private:
  LogicalResult generateForAttention();
  LogicalResult generateForFunctions();
  /// A name that nothing has, or a diagnostic at `op`.
  FailureOr<std::string> nameBackward(Operation *op, FunctionOpInterface function,
                                      StringRef suffix);
  LogicalResult finish(FailureOr<BackwardFunction> backward);

  FrozenRewritePatternSet patterns;
};
} // namespace

FailureOr<std::string> GenerateBackwardPass::nameBackward(Operation *op,
                                                          FunctionOpInterface function,
                                                          StringRef suffix) {
  std::string name = (function.getName() + "_backward" + suffix).str();
  if (SymbolTable::lookupNearestSymbolFrom(function->getParentOp(),
                                           StringAttr::get(&getContext(), name)))
    return op->emitOpError() << "expected no function of the name @" << name
                             << ", which its backward gets, but got one";
  return name;
}

LogicalResult GenerateBackwardPass::finish(FailureOr<BackwardFunction> backward) {
  if (failed(backward) || failed(buildBackward(*backward, patterns)))
    return failure();
  OpPassManager cleanup("func.func");
  cleanup.addPass(createCSEPass());
  cleanup.addPass(createCanonicalizerPass());
  cleanup.addPass(createCSEPass());
  return runPipeline(cleanup, backward->function);
}

LogicalResult GenerateBackwardPass::generateForAttention() {
  llvm::MapVector<Operation *, SmallVector<AttentionOp>> attention;
  WalkResult found = getOperation()->walk([&](AttentionOp op) {
    auto function = op->getParentOfType<FunctionOpInterface>();
    if (!function) {
      op.emitOpError("expected a function around it");
      return WalkResult::interrupt();
    }
    if (!op.hasPureTensor()) {
      op.emitOpError("expected tensors but got memrefs: the backward is built before "
                     "bufferization");
      return WalkResult::interrupt();
    }
    attention[function].push_back(op);
    return WalkResult::advance();
  });
  if (found.wasInterrupted())
    return failure();
  for (auto &[parent, ops] : attention) {
    OpBuilder builder(&getContext());
    builder.setInsertionPointAfter(parent);
    for (auto [number, op] : llvm::enumerate(ops)) {
      std::string suffix = ops.size() == 1 ? "" : "_" + std::to_string(number);
      auto name = nameBackward(op, cast<FunctionOpInterface>(parent), suffix);
      if (failed(name) || failed(finish(buildForward(builder, op, *name, lseGradient))))
        return failure();
    }
  }
  return success();
}

LogicalResult GenerateBackwardPass::generateForFunctions() {
  for (const std::string &symbol : functions) {
    auto function = dyn_cast_or_null<func::FuncOp>(
        SymbolTable::lookupSymbolIn(getOperation(), StringRef(symbol)));
    if (!function || function.isExternal())
      return getOperation()->emitError()
             << "expected a function with a body of the name @" << symbol << " but got none";
    OpBuilder builder(&getContext());
    builder.setInsertionPointAfter(function);
    auto name = nameBackward(function, function, "");
    if (failed(name) || failed(finish(buildForward(builder, function, *name, lseGradient))))
      return failure();
  }
  return success();
}
