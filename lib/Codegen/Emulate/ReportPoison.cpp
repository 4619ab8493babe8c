//===- ReportPoison.cpp - Where poison must not get ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Defined.h"
#include "Lowering.h"
#include "Scalars.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::emulate;

/// One function that has the branch keeps callers free of blocks.
StringRef Lowering::getReporter() {
  if (!module.reporter.empty())
    return module.reporter;
  module.reporter = module.tables.getTableName("report_poison_if");
  Location loc = module.source.getLoc();
  OpBuilder builder(module.source);
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Type i1 = builder.getI1Type(), i32 = builder.getI32Type();
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(builder.getContext()),
                                          {pointer, i1, i32});
  auto func =
      LLVM::LLVMFuncOp::create(builder, loc, module.reporter, type, LLVM::Linkage::Internal);
  func.setAlwaysInlineAttr(builder.getUnitAttr());
  Block *entry = func.addEntryBlock(builder);
  Block *report = builder.createBlock(&func.getBody(), func.getBody().end());
  Frame inner(func);
  builder.setInsertionPointToEnd(report);
  inner.callAPI(builder, loc, offsetof(posenc_emu_api, poison), {entry->getArgument(2)});
  Block *done = builder.createBlock(&func.getBody(), func.getBody().end());
  LLVM::ReturnOp::create(builder, loc, ValueRange());
  builder.setInsertionPointToEnd(report);
  LLVM::BrOp::create(builder, loc, ValueRange(), done);
  builder.setInsertionPointToEnd(entry);
  LLVM::CondBrOp::create(builder, loc, entry->getArgument(1), report, done);
  return module.reporter;
}

void Lowering::reportIf(Operation *op, Value condition, posenc_emu_kind kind) {
  if (!condition)
    return;
  uint32_t site = module.tables.addSite(kind, getInstructionName(op), formatLocation(op));
  LLVM::CallOp::create(
      builder, op->getLoc(), TypeRange(), getReporter(),
      ValueRange{frame.getThread(), condition, frame.getConstant(builder.getI32Type(), site)});
}

/// A divisor that is poison or zero, and a quotient that the type does not have.
void Lowering::reportDivision(Operation *op) {
  Value dividend = op->getOperand(0), divisor = op->getOperand(1);
  Type type = divisor.getType();
  unsigned width = getElementTypeOrSelf(type).getIntOrFloatBitWidth();
  Location loc = op->getLoc();
  auto equals = [&](Value value, const APInt &constant) -> Value {
    return LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::eq, value,
                                createSplat(builder, loc, type, constant));
  };
  Lanes bad;
  if (!isKnownNot(divisor, APInt(width, 0)))
    splitScalars(builder, loc, equals(divisor, APInt(width, 0)), bad);
  if (isa<LLVM::SDivOp, LLVM::SRemOp>(op) && !isKnownNot(divisor, APInt::getAllOnes(width)))
    splitScalars(builder, loc,
                 LLVM::AndOp::create(builder, loc,
                                     equals(dividend, APInt::getSignedMinValue(width)),
                                     equals(divisor, APInt::getAllOnes(width))),
                 bad);
  llvm::append_range(bad, rules.get(divisor));
  reportIf(op, rules.any(bad), POSENC_EMU_INSTRUCTION);
}

void Lowering::reportAssumption(LLVM::AssumeOp op) {
  Value no = LLVM::XOrOp::create(builder, op.getLoc(), op.getCond(),
                                 frame.getConstant(builder.getI1Type(), 1));
  reportIf(op, rules.either(no, rules.any(rules.get(op.getCond()))), POSENC_EMU_BRANCH);
}

void Lowering::reportPoison(Operation *op) {
  auto check = [&](Value value, posenc_emu_kind kind) {
    reportIf(op, rules.any(rules.get(value)), kind);
  };
  TypeSwitch<Operation *>(op)
      .Case([&](LLVM::LoadOp load) { check(load.getAddr(), POSENC_EMU_ADDRESS); })
      .Case([&](LLVM::StoreOp store) {
        check(store.getAddr(), POSENC_EMU_ADDRESS);
        check(store.getValue(), POSENC_EMU_STORE);
      })
      .Case([&](LLVM::AtomicRMWOp atomic) {
        check(atomic.getPtr(), POSENC_EMU_ADDRESS);
        check(atomic.getVal(), POSENC_EMU_STORE);
      })
      .Case([&](LLVM::AtomicCmpXchgOp atomic) {
        check(atomic.getPtr(), POSENC_EMU_ADDRESS);
        check(atomic.getCmp(), POSENC_EMU_STORE);
        check(atomic.getVal(), POSENC_EMU_STORE);
      })
      .Case<LLVM::MemcpyOp, LLVM::MemmoveOp, LLVM::MemsetOp>([&](auto) {
        for (Value operand : op->getOperands())
          check(operand, POSENC_EMU_ADDRESS);
      })
      .Case([&](LLVM::CondBrOp branch) { check(branch.getCondition(), POSENC_EMU_BRANCH); })
      .Case([&](LLVM::SwitchOp branch) { check(branch.getValue(), POSENC_EMU_BRANCH); })
      .Case([&](LLVM::AssumeOp assume) { reportAssumption(assume); })
      .Case<LLVM::UDivOp, LLVM::SDivOp, LLVM::URemOp, LLVM::SRemOp>(
          [&](auto) { reportDivision(op); });
}
