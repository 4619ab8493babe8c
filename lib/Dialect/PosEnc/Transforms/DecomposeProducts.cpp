//===- DecomposeProducts.cpp - Products of rows before attention ----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A modifier of the form `Product` asks a kernel for Σ_d (x + u) · t[row] per
// score. All rows of the table are fewer than the scores of a row of attention,
// or about as many: their products make a curve R[…, row], one matrix product
// before attention, that the region then reads an element of. No op is known by
// name here.
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Transforms/Passes.h"

#include "ProductCurve.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCDECOMPOSEPRODUCTS
#include "posenc/Dialect/PosEnc/Transforms/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;

namespace {
struct DecomposeProducts final : posenc::impl::PosEncDecomposeProductsBase<DecomposeProducts> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<ScoreModOpInterface> products;
    getOperation()->walk([&](ScoreModOpInterface mod) {
      if (mod.getForm() == ScoreModForm::Product)
        products.push_back(mod);
    });
    for (ScoreModOpInterface mod : products)
      decompose(mod);
  }

  void decompose(ScoreModOpInterface mod) {
    Location loc = mod.getLoc();
    ProductCurve curve(mod);
    std::string reason = curve.whyNot(maxRatio);
    if (!reason.empty())
      return missed(mod, reason);
    IRRewriter rewriter(mod.getContext());
    rewriter.setInsertionPoint(curve.getOwner());
    Value table = curve.build(rewriter);
    rewriter.setInsertionPoint(mod);
    Value result =
        mod.buildFromProduct(rewriter, loc, mod->getOperands(), [&](Value row) -> Value {
          return tensor::ExtractOp::create(rewriter, loc, table, curve.getIndices(row));
        });
    if (!result)
      return missed(mod, "the op does not say how it uses the product");
    std::string type;
    llvm::raw_string_ostream(type) << table.getType();
    remark::passed(loc, remarkOptions(mod))
        << remark::reason("{0}", "a product of rows is computed before attention, as " + type);
    rewriter.replaceOp(mod, result);
  }

  static void missed(ScoreModOpInterface mod, const std::string &reason) {
    remark::missed(mod.getLoc(), remarkOptions(mod))
        << remark::reason("{0}", "a product of rows stays a loop per score: " + reason);
  }

  static remark::RemarkOpts remarkOptions(ScoreModOpInterface mod) {
    return remark::RemarkOpts::name("product")
        .category("posenc-decompose")
        .subCategory(mod->getName().getStringRef());
  }
};
} // namespace
