//===- ProtectArguments.cpp - The caller's tensors are read-only ----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Device/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCPROTECTARGUMENTSPASS
#include "posenc/Codegen/Device/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;

namespace {
struct ProtectArguments final : posenc::impl::PosEncProtectArgumentsPassBase<ProtectArguments> {
  using Base::Base;
  void runOnOperation() override {
    StringRef name = bufferization::BufferizationDialect::kWritableAttrName;
    auto no = BoolAttr::get(&getContext(), false);
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      if (!func.isPublic() || func.isExternal())
        continue;
      for (BlockArgument arg : func.getArguments())
        if (isa<TensorType>(arg.getType()) && !func.getArgAttr(arg.getArgNumber(), name))
          func.setArgAttr(arg.getArgNumber(), name, no);
    }
  }
};
} // namespace
