//===- VerifyStack.cpp - Whether a thread's stack is large enough ---------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// An emulated thread has a stack of a fixed size, on which a kernel must not run over:
// nothing would tell. Its variables may be as large as on a GPU, and the depth of its
// calls must be known.
//===----------------------------------------------------------------------===//

#include "Emulate.h"

#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::emulate;

/// Private memory of a thread on NVIDIA's chips, the most that any has. The stacks in
/// lib/Runtime/Emulator/Fiber.h have room for it, and for a byte of shadow for each.
static constexpr uint64_t mostBytes = 512 * 1024;

namespace {
class StackVerifier {
public:
  /// The most bytes of variables that a call of the function has at a time.
  FailureOr<uint64_t> measure(LLVM::LLVMFuncOp func);

private:
  LogicalResult measureCall(LLVM::CallOp call, uint64_t &deepest);

  DenseMap<Operation *, uint64_t> known;
  SmallPtrSet<Operation *, 8> active;
};
} // namespace

static uint64_t getBytes(LLVM::AllocaOp alloca) {
  auto size = alloca.getArraySize().getDefiningOp<LLVM::ConstantOp>();
  APInt count = cast<IntegerAttr>(size.getValue()).getValue();
  uint64_t element =
      DataLayout::closest(alloca).getTypeSize(alloca.getElemType()).getFixedValue();
  return llvm::SaturatingMultiply(count.getLimitedValue(), element);
}

LogicalResult StackVerifier::measureCall(LLVM::CallOp call, uint64_t &deepest) {
  auto callee =
      SymbolTable::lookupNearestSymbolFrom<LLVM::LLVMFuncOp>(call, call.getCalleeAttr());
  if (active.contains(callee))
    return call.emitError() << "'llvm.call' op is not modelled by the emulator: recursive call";
  FailureOr<uint64_t> bytes = measure(callee);
  if (failed(bytes))
    return failure();
  deepest = std::max(deepest, *bytes);
  return success();
}

FailureOr<uint64_t> StackVerifier::measure(LLVM::LLVMFuncOp func) {
  if (auto found = known.find(func); found != known.end())
    return found->second;
  active.insert(func);
  uint64_t own = 0, deepest = 0;
  WalkResult result = func.walk([&](Operation *op) {
    if (auto alloca = dyn_cast<LLVM::AllocaOp>(op))
      own = llvm::SaturatingAdd(own, getBytes(alloca));
    else if (auto call = dyn_cast<LLVM::CallOp>(op); call && failed(measureCall(call, deepest)))
      return WalkResult::interrupt();
    return WalkResult::advance();
  });
  active.erase(func);
  if (result.wasInterrupted())
    return failure();
  return known[func] = llvm::SaturatingAdd(own, deepest);
}

LogicalResult emulate::verifyStack(gpu::GPUModuleOp module) {
  StackVerifier verifier;
  for (auto func : module.getOps<LLVM::LLVMFuncOp>()) {
    if (!isKernel(func) || func.isExternal())
      continue;
    FailureOr<uint64_t> bytes = verifier.measure(func);
    if (failed(bytes))
      return failure();
    if (*bytes > mostBytes)
      return func.emitError() << "expected at most " << mostBytes
                              << " bytes of private memory in kernel @" << func.getName()
                              << " but got " << *bytes;
  }
  return success();
}
