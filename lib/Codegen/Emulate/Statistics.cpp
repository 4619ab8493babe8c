//===- Statistics.cpp - What a kernel computes ---------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include "Scalars.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::emulate;

static bool isAnyOf(StringRef name, ArrayRef<StringLiteral> prefixes) {
  return llvm::any_of(prefixes, [&](StringRef prefix) { return name.starts_with(prefix); });
}

static std::optional<posenc_emu_class> classifyFloat(StringRef name) {
  if (isAnyOf(name, {"llvm.intr.fma", "llvm.intr.fmuladd", "llvm.fma.", "llvm.fmuladd."}))
    return POSENC_EMU_FMA;
  if (isAnyOf(name, {"llvm.intr.exp", "llvm.exp"}))
    return POSENC_EMU_EXP;
  if (isAnyOf(name, {"llvm.f", "llvm.intr.", "llvm.sitofp", "llvm.uitofp", "llvm.vector."}))
    return POSENC_EMU_FLOAT;
  return std::nullopt;
}

/// Moving bits is no operation; instructions of a target are counted by their model.
static std::optional<posenc_emu_class> classify(Operation *op) {
  if (isInstruction(op) || op->getNumResults() != 1 || op->getNumOperands() == 0)
    return std::nullopt;
  StringRef name = getInstructionName(op);
  if (name == "llvm.freeze")
    return std::nullopt;
  Type from = getElementTypeOrSelf(op->getOperand(0).getType());
  Type to = getElementTypeOrSelf(op->getResult(0).getType());
  if (isa<FloatType>(from) || isa<FloatType>(to))
    return classifyFloat(name);
  if (isAnyOf(name, {"llvm.add", "llvm.sub", "llvm.mul", "llvm.udiv", "llvm.sdiv", "llvm.urem",
                     "llvm.srem", "llvm.and", "llvm.or", "llvm.xor", "llvm.shl", "llvm.lshr",
                     "llvm.ashr", "llvm.icmp", "llvm.intr."}))
    return POSENC_EMU_INTEGER;
  return std::nullopt;
}

void Lowering::countOperations() {
  Type i32 = builder.getI32Type(), i64 = builder.getI64Type();
  for (Block &block : frame.getFunc().getBody()) {
    uint64_t counts[POSENC_EMU_CLASSES] = {};
    for (Operation &op : block)
      if (auto kind = classify(&op))
        counts[*kind] += std::max(countScalars(op.getResult(0).getType()),
                                  countScalars(op.getOperand(0).getType()));
    Operation *end = block.getTerminator();
    builder.setInsertionPoint(end);
    for (unsigned kind = 0; kind < POSENC_EMU_CLASSES; ++kind)
      if (counts[kind] != 0)
        frame.callAPI(builder, end->getLoc(), offsetof(posenc_emu_api, count),
                      {frame.getConstant(i32, kind), frame.getConstant(i64, counts[kind])});
    auto loop = end->getAttrOfType<StringAttr>("posenc.loop");
    if (!loop)
      continue;
    uint32_t site =
        module.tables.addSite(POSENC_EMU_LOOP, getInstructionName(end), formatLocation(end),
                              ("loop=" + loop.getValue()).str());
    frame.callAPI(builder, end->getLoc(), offsetof(posenc_emu_api, trip),
                  {frame.getConstant(i32, site)});
  }
}
