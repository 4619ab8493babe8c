//===- AttentionToGPU.cpp - Attention on memrefs to kernels ---------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/GPU/Passes.h"
#include "posenc/Codegen/Kernel/Engine.h"
#include "posenc/Dialect/PosEnc/Plan/PlanZones.h"
#include "posenc/Dialect/PosEnc/Utils/NeedsReference.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCATTENTIONTOGPUPASS
#include "posenc/Codegen/GPU/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::kernel;

namespace {
struct AttentionToGPU : public posenc::impl::PosEncAttentionToGPUPassBase<AttentionToGPU> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<AttentionOp> ops;
    getOperation().walk([&](AttentionOp op) { ops.push_back(op); });
    if (ops.empty())
      return;
    std::optional<GPUTarget> target = GPUTarget::parse(chip);
    if (!target) {
      getOperation().emitError() << "expected a chip (sm_XX, or gfxXXX of generation 9 to 12) "
                                    "but got '"
                                 << chip << "'";
      return signalPassFailure();
    }
    for (AttentionOp op : ops)
      if (failed(lower(op, *target)))
        return signalPassFailure();
  }

  LogicalResult lower(AttentionOp op, const GPUTarget &target) {
    if (op.hasPureTensor())
      return op.emitOpError() << "expected attention on memrefs but got tensors";
    if (failed(verifyForKernels(op)))
      return failure();
    const Engine *chosen = choose(op, target);
    if (!chosen || failed(verifyPlanFor(op, *chosen, target)))
      return failure();
    OpBuilder host(op);
    chosen->emitHost(Emit{host, op.getLoc(), target}, op);
    outlineAttention(
        op, target, chosen->getName(),
        chosen->configure(op, target, getTile(*chosen, op, target)),
        [&](const Emit &emit, AttentionKernel &kernel) { chosen->emitBody(emit, kernel); });
    return success();
  }

  /// A plan is refused where its region or its engine is no longer what it was
  /// made for.
  static LogicalResult verifyPlanFor(AttentionOp op, const Engine &engine,
                                     const GPUTarget &target) {
    PlanAttr plan = PlanAttr::of(op);
    if (!plan)
      return success();
    std::string reason;
    if (!acceptsPlan(engine, op, target, plan, reason))
      return op.emitOpError() << reason;
    ScoreStructure structure(op);
    return verifyPlan(op, plan, ScoreSteps(structure));
  }

  /// Null after an error. The last engine is the most general: its reason is
  /// the one to hear.
  const Engine *choose(AttentionOp op, const GPUTarget &target) {
    PlanAttr plan = PlanAttr::of(op);
    std::string name = plan && engine.empty() ? plan.getEngine().str() : engine;
    std::string reason = "expected the name of an engine but got '" + name + "'";
    for (const std::unique_ptr<Engine> &candidate : getEngines())
      if (name.empty() || candidate->getName() == name)
        if (candidate->supports(op, target, reason))
          return candidate.get();
    op.emitOpError() << reason;
    return nullptr;
  }
};
} // namespace
