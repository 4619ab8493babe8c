//===- RaisePass.cpp - Raise model IR to posenc ---------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DistanceFunction.h"
#include "Emit.h"
#include "Normalize.h"
#include "Selection.h"

#include "posenc/Dialect/PosEnc/Raise/Passes.h"
#include "posenc/Dialect/PosEnc/Raise/Remarks.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Remarks.h"

#include <memory>

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCRAISEPASS
#include "posenc/Dialect/PosEnc/Raise/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;

namespace {
struct PosEncRaisePass final : posenc::impl::PosEncRaisePassBase<PosEncRaisePass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    simplifier = std::make_shared<const Simplifier>(context);
    return success();
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    std::string error;
    std::optional<Selection> parsed = Selection::parse(only, error);
    if (!parsed) {
      emitError(module.getLoc(), "posenc-raise only: ") << error;
      return signalPassFailure();
    }
    selection = std::move(*parsed);
    SmallVector<func::FuncOp> functions;
    for (auto function : module.getOps<func::FuncOp>())
      if (!function.isExternal() && selection.allowsFunction(function.getSymName()) &&
          mayHoldSoftmax(function))
        functions.push_back(function);
    if (functions.empty())
      return;
    // The copy stands inside the module, so that symbols resolve and passes may
    // run on it; what is not raised leaves no trace.
    OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
    ModuleOp copy = cast<ModuleOp>(module->clone());
    copy.setSymNameAttr(nullptr);
    builder.insert(copy);
    SymbolTable symbols(copy);
    for (func::FuncOp function : functions)
      raiseFunction(function, symbols.lookup<func::FuncOp>(function.getSymName()));
    copy.erase();
  }

private:
  void raiseFunction(func::FuncOp original, func::FuncOp copy) {
    std::string errors;
    lowerScatters(copy);
    std::optional<OpPassManager> tosa = buildTosaPipeline(copy);
    if (tosa && !run(*tosa, copy, errors)) {
      missed(
          original,
          {"expected IR that lowers to linalg, but " + errors, original.getLoc(), "normalise"},
          original);
      return;
    }
    simplifier->normalise(copy);
    decomposeSoftmax(copy);
    splitContractions(copy);
    // One memory of expressions for the function: what layers share, extents
    // above all, is followed back once.
    ExprContext cx(&getContext());
    PullBack pull(cx);
    eraseProvedAsserts(copy, cx, pull);
    SmallVector<linalg::LinalgOp> candidates;
    copy.walk([&](linalg::LinalgOp op) {
      if (AttentionFinder::isCandidate(op))
        candidates.push_back(op);
    });
    bool changed = false;
    for (linalg::LinalgOp op : candidates)
      changed |= raiseContraction(cx, pull, op, original);
    if (!changed)
      return;
    simplifier->clean(copy);
    original.getBody().takeBody(copy.getBody());
  }

  bool raiseContraction(ExprContext &cx, PullBack &pull, linalg::LinalgOp op,
                        func::FuncOp function) {
    cx.restartVars();
    Miss miss;
    std::optional<Attention> found = AttentionFinder(cx, pull).match(op, miss);
    if (!found) {
      if (!miss.reason.empty())
        missed(function, miss, op);
      return false;
    }
    auto accept = [&](AttentionOp attention) {
      return selection.allowsTerms(attention, miss.reason);
    };
    AttentionOp attention = emitAttention(cx, pull, *found, {allowFiniteMasks, accept});
    if (!attention) {
      miss.step = "only";
      missed(function, miss, op);
      return false;
    }
    // The structure is found only for those who want to hear of it.
    if (auto remark = remark::passed(attention.getLoc(), remarkOptions(function)))
      remark << remark::reason("{0}", describeRaised(attention));
    return true;
  }

  /// Runs without printing what fails: the input is fine, only not for us.
  bool run(OpPassManager &pipeline, func::FuncOp function, std::string &errors) {
    ScopedDiagnosticHandler quiet(&getContext(), [&](Diagnostic &diagnostic) {
      if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
        return failure();
      if (errors.empty())
        errors = diagnostic.str();
      return success();
    });
    return succeeded(runPipeline(pipeline, function));
  }

  static remark::RemarkOpts remarkOptions(func::FuncOp function) {
    return remark::RemarkOpts::name("attention")
        .category(kRaiseRemarkCategory)
        .function(function.getSymName());
  }

  void missed(func::FuncOp function, const Miss &miss, Operation *op) {
    Location loc = miss.loc.value_or(op->getLoc());
    remark::missed(loc, remarkOptions(function))
        << remark::reason("{0}", miss.reason) << remark::metric("Step", miss.step)
        << remark::metric("StoppedAt", op->getName().getStringRef());
    if (!strict)
      return;
    emitError(loc, "softmax of a contraction is not raised: ") << miss.reason;
    signalPassFailure();
  }

  Selection selection;
  std::shared_ptr<const Simplifier> simplifier;
};
} // namespace
