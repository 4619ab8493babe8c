//===- RewritePass.cpp - posenc-test-rewrite, a pass plugin ---------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// posenc-opt --load-pass-plugin=posenc-test-rewrites.so
//   --pass-pipeline='builtin.module(func.func(posenc-test-rewrite{names=swap-operands
//   seed=1}))'
//===----------------------------------------------------------------------===//

#include "Rewrites.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::posenc::test;

namespace {
struct TestRewrite final : PassWrapper<TestRewrite, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestRewrite)

  TestRewrite() = default;
  TestRewrite(const TestRewrite &other) : PassWrapper(other) {}

  StringRef getArgument() const override { return "posenc-test-rewrite"; }
  StringRef getDescription() const override {
    return "Spell a function another way, at places drawn from a seed";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<affine::AffineDialect, arith::ArithDialect, linalg::LinalgDialect,
                    math::MathDialect, tensor::TensorDialect>();
  }

  void runOnOperation() override {
    Random random(seed);
    for (const std::string &name : names) {
      std::optional<Rewrite> rewrite = find(name);
      if (!rewrite) {
        emitError(getOperation().getLoc(), "posenc-test-rewrite: expected a rewrite but got '")
            << name << "'";
        return signalPassFailure();
      }
      unsigned count = rewrite->apply(getOperation(), random, share);
      llvm::errs() << "rewrite " << name << ": " << count << "\n";
    }
  }

private:
  static std::optional<Rewrite> find(StringRef name) {
    for (ArrayRef<Rewrite> list :
         {getScalarRewrites(), getScaleRewrites(), getTensorRewrites(), getLinalgRewrites()})
      for (const Rewrite &rewrite : list)
        if (rewrite.name == name)
          return rewrite;
    return std::nullopt;
  }

  ListOption<std::string> names{*this, "names", llvm::cl::desc("Rewrites, in order")};
  Option<uint64_t> seed{*this, "seed", llvm::cl::desc("What places are drawn from"),
                        llvm::cl::init(0)};
  Option<double> share{*this, "share", llvm::cl::desc("Of places that are rewritten"),
                       llvm::cl::init(0.5)};
};
} // namespace

extern "C" LLVM_ATTRIBUTE_WEAK PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "posenc-test-rewrites", LLVM_VERSION_STRING,
          [] { PassRegistration<TestRewrite>(); }};
}
