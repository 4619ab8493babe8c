//===- LowerHostAsserts.cpp - cf.assert on a processor ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/CPU/Passes.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/LLVMIR/FunctionCallUtils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCLOWERHOSTASSERTS
#include "posenc/Codegen/CPU/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;

namespace {
struct LowerHostAssertsPass final
    : posenc::impl::PosEncLowerHostAssertsBase<LowerHostAssertsPass> {
  void runOnOperation() override {
    messages.clear();
    SmallVector<cf::AssertOp> asserts;
    getOperation().walk([&](cf::AssertOp op) { asserts.push_back(op); });
    for (cf::AssertOp op : asserts)
      if (failed(lower(op)))
        return signalPassFailure();
  }

  LogicalResult lower(cf::AssertOp op);
  LLVM::GlobalOp getMessage(Location loc, StringRef text);

  /// Equal messages share a global.
  llvm::StringMap<LLVM::GlobalOp> messages;
};
} // namespace

LLVM::GlobalOp LowerHostAssertsPass::getMessage(Location loc, StringRef text) {
  LLVM::GlobalOp &global = messages[text];
  if (global)
    return global;
  OpBuilder builder(&getContext());
  auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), text.size());
  global =
      LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true, LLVM::Linkage::Private,
                             "assert_message", builder.getStringAttr(text));
  // Renames if the module has such a symbol.
  SymbolTable(getOperation()).insert(global, getOperation().getBody()->begin());
  return global;
}

LogicalResult LowerHostAssertsPass::lower(cf::AssertOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  auto ptr = LLVM::LLVMPointerType::get(&getContext());
  Type i32 = builder.getI32Type(), i64 = builder.getI64Type();
  auto voidType = LLVM::LLVMVoidType::get(&getContext());
  auto write = LLVM::lookupOrCreateFn(builder, getOperation(), "write", {i32, ptr, i64}, i64);
  auto abort = LLVM::lookupOrCreateFn(builder, getOperation(), "abort", {}, voidType);
  if (failed(write) || failed(abort))
    return failure();

  std::string text = op.getMsg().str() + "\n";
  LLVM::GlobalOp message = getMessage(loc, text);
  Block *before = op->getBlock();
  Block *after = before->splitBlock(op->getIterator());
  Block *fail = builder.createBlock(after);
  builder.setInsertionPointToEnd(before);
  cf::CondBranchOp::create(builder, loc, op.getArg(), after, fail);

  builder.setInsertionPointToStart(fail);
  Value stderrFile = LLVM::ConstantOp::create(builder, loc, i32, 2);
  Value address = LLVM::AddressOfOp::create(builder, loc, message);
  Value size = LLVM::ConstantOp::create(builder, loc, i64, int64_t(text.size()));
  LLVM::CallOp::create(builder, loc, *write, ValueRange{stderrFile, address, size});
  LLVM::CallOp::create(builder, loc, *abort, ValueRange{});
  LLVM::UnreachableOp::create(builder, loc);
  op.erase();
  return success();
}
