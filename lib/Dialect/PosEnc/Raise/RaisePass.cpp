//===- RaisePass.cpp - Raise model IR to posenc ---------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DistanceFunction.h"
#include "Emit.h"
#include "Lookups.h"
#include "Normalize.h"

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

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<func::FuncOp> functions;
    for (auto function : module.getOps<func::FuncOp>())
      if (!function.isExternal() && mayHoldSoftmax(function))
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
    OpPassManager normalise = buildNormalizePipeline(copy), clean = buildCleanupPipeline();
    std::string errors;
    lowerScatters(copy);
    if (!run(normalise, copy, errors)) {
      missed(original.getLoc(), original, "expected IR that lowers to linalg, but " + errors);
      return;
    }
    decomposeSoftmax(copy);
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
    if (changed)
      raiseLookups(cx, pull, copy);
    if (!changed || !run(clean, copy, errors))
      return;
    original.getBody().takeBody(copy.getBody());
  }

  bool raiseContraction(ExprContext &cx, PullBack &pull, linalg::LinalgOp op,
                        func::FuncOp function) {
    cx.restartVars();
    Miss miss;
    std::optional<Attention> found = AttentionFinder(cx, pull).match(op, miss);
    if (!found) {
      if (!miss.reason.empty())
        missed(miss.loc.value_or(op->getLoc()), function, miss.reason);
      return false;
    }
    AttentionOp attention = emitAttention(cx, pull, *found);
    remark::passed(attention.getLoc(), remarkOptions(function))
        << remark::reason("{0}", std::string("raised to posenc.attention"));
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

  void missed(Location loc, func::FuncOp function, const std::string &reason) {
    remark::missed(loc, remarkOptions(function)) << remark::reason("{0}", reason);
    if (!strict)
      return;
    emitError(loc, "softmax of a contraction is not raised: ") << reason;
    signalPassFailure();
  }
};
} // namespace
