//===- Instructions.cpp - Instructions of GPUs as calls -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emulate.h"
#include "Scalars.h"

#include "posenc/Runtime/Emulator/Instruction.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::emulate;

//===----------------------------------------------------------------------===//
// What a thread knows
//===----------------------------------------------------------------------===//

std::optional<size_t> emulate::findThreadField(StringRef name) {
  (void)(name.consume_front("llvm.nvvm.") || name.consume_front("nvvm.") ||
         name.consume_front("llvm.amdgcn.") || name.consume_front("rocdl."));
  struct Register {
    StringLiteral name;
    size_t offset;
  };
  static constexpr Register registers[] = {
      {"read.ptx.sreg.tid.", offsetof(posenc_emu_thread, thread_id)},
      {"read.ptx.sreg.ctaid.", offsetof(posenc_emu_thread, block_id)},
      {"read.ptx.sreg.ntid.", offsetof(posenc_emu_thread, block_size)},
      {"read.ptx.sreg.nctaid.", offsetof(posenc_emu_thread, grid_size)},
      {"workitem.id.", offsetof(posenc_emu_thread, thread_id)},
      {"workgroup.id.", offsetof(posenc_emu_thread, block_id)},
      {"workgroup.dim.", offsetof(posenc_emu_thread, block_size)},
      {"grid.dim.", offsetof(posenc_emu_thread, grid_size)},
  };
  for (const Register &known : registers)
    if (name.consume_front(known.name) && name.size() == 1)
      return known.offset + (name[0] - 'x') * sizeof(uint32_t);
  return std::nullopt;
}

bool emulate::readsLane(StringRef name) { return name.ends_with("read.ptx.sreg.laneid"); }

static bool readsWave(StringRef name) {
  return name.ends_with("read.ptx.sreg.warpsize") || name.ends_with(".wavefrontsize");
}

bool emulate::readsThread(Operation *op) {
  StringRef name = getInstructionName(op);
  return isInstruction(op) && op->getNumOperands() == 0 &&
         (findThreadField(name) || readsLane(name) || readsWave(name));
}

//===----------------------------------------------------------------------===//
// What has a model
//===----------------------------------------------------------------------===//

bool emulate::isInstruction(Operation *op) {
  if (isa<LLVM::CallIntrinsicOp>(op)) {
    StringRef name = getInstructionName(op);
    return name.starts_with("llvm.nvvm.") || name.starts_with("llvm.amdgcn.");
  }
  return isa_and_nonnull<NVVM::NVVMDialect, ROCDL::ROCDLDialect>(op->getDialect());
}

/// True for ops of the LLVM dialect that the host runs as they are, or that
/// lowerFunction knows.
static bool runsOnHost(Operation *op) {
  if (!isa_and_nonnull<LLVM::LLVMDialect>(op->getDialect()))
    return false;
  if (isMemoryEffectFree(op) || isa<LLVM::CallIntrinsicOp>(op))
    return true;
  return isa<LLVM::LLVMFuncOp, LLVM::LoadOp, LLVM::StoreOp, LLVM::AtomicRMWOp,
             LLVM::AtomicCmpXchgOp, LLVM::FenceOp, LLVM::AllocaOp, LLVM::CallOp, LLVM::BrOp,
             LLVM::CondBrOp, LLVM::SwitchOp, LLVM::ReturnOp, LLVM::UnreachableOp,
             LLVM::MemcpyOp, LLVM::MemmoveOp, LLVM::MemsetOp, LLVM::AssumeOp,
             LLVM::LifetimeStartOp, LLVM::LifetimeEndOp, LLVM::NoAliasScopeDeclOp,
             LLVM::DbgValueOp, LLVM::DbgDeclareOp, LLVM::DbgLabelOp>(op);
}

static LogicalResult refuse(Operation *op, StringRef why = "") {
  // emitError: the instruction's name is an intrinsic's, not the op's.
  InFlightDiagnostic error = op->emitError() << "'" << getInstructionName(op)
                                             << "' op is not modelled by the emulator";
  if (!why.empty())
    error << ": " << why;
  return error;
}

/// True if a scalar of the type does not fit into a slot.
static bool isWide(Type type) {
  SmallVector<Type> scalars;
  getScalarTypes(type, scalars);
  return llvm::any_of(scalars, [](Type scalar) {
    return isa<IntegerType, FloatType>(scalar) && scalar.getIntOrFloatBitWidth() > 64;
  });
}

static LogicalResult verifyInstruction(Operation *op, StringRef chip) {
  StringRef name = getInstructionName(op);
  if (readsThread(op))
    return success();
  const ::posenc::emulator::Instruction *model =
      ::posenc::emulator::findInstruction(std::string_view(name.data(), name.size()));
  if (!model)
    return refuse(op);
  if (llvm::any_of(op->getOperandTypes(), isWide) || llvm::any_of(op->getResultTypes(), isWide))
    return refuse(op, "scalars of more than 64 bits");
  std::string text = name.str(), location = formatLocation(op),
              attributes = formatAttributes(op),
              signature = formatSignature(op->getOperandTypes(), op->getResultTypes());
  posenc_emu_site site = {
      text.c_str(),          location.c_str(), attributes.c_str(), signature.c_str(), 0,
      POSENC_EMU_INSTRUCTION};
  if (const char *why = model->refuse ? model->refuse(site) : nullptr)
    return refuse(op, why);
  const char *where =
      model->lacks ? model->lacks(site, std::string_view(chip.data(), chip.size())) : nullptr;
  if (where)
    return op->emitError() << "'" << name << "' op does not exist on '" << chip
                           << "': expected " << where;
  return success();
}

static LogicalResult verifyCall(LLVM::CallOp call) {
  if (!call.getCallee())
    return refuse(call, "indirect call");
  auto callee =
      SymbolTable::lookupNearestSymbolFrom<LLVM::LLVMFuncOp>(call, call.getCalleeAttr());
  if (!callee || callee.isExternal())
    return refuse(call, ("no body of @" + *call.getCallee()).str());
  return success();
}

/// bf16 is an integer on the host.
static LogicalResult verifyAtomic(LLVM::AtomicRMWOp op) {
  if (op.getVal().getType().isBF16() && op.getBinOp() != LLVM::AtomicBinOp::xchg)
    return refuse(op, "arithmetic on bf16 in memory");
  return success();
}

static LogicalResult verifyAlloca(LLVM::AllocaOp alloca) {
  if (!alloca.getArraySize().getDefiningOp<LLVM::ConstantOp>())
    return refuse(alloca, "variable size");
  return success();
}

LogicalResult emulate::verifyModelled(gpu::GPUModuleOp module, StringRef chip) {
  bool good = true;
  for (auto func : module.getOps<LLVM::LLVMFuncOp>())
    func.walk([&](Operation *op) {
      LogicalResult result = success();
      if (isInstruction(op))
        result = verifyInstruction(op, chip);
      else if (!runsOnHost(op))
        result = refuse(op);
      else if (auto call = dyn_cast<LLVM::CallOp>(op))
        result = verifyCall(call);
      else if (auto alloca = dyn_cast<LLVM::AllocaOp>(op))
        result = verifyAlloca(alloca);
      else if (auto atomic = dyn_cast<LLVM::AtomicRMWOp>(op))
        result = verifyAtomic(atomic);
      good = good && succeeded(result);
    });
  return success(good);
}

bool emulate::mayReturnPoison(Operation *op, function_ref<bool(Value)> isPoison) {
  if (readsThread(op))
    return false;
  StringRef name = getInstructionName(op);
  const ::posenc::emulator::Instruction *model =
      ::posenc::emulator::findInstruction(std::string_view(name.data(), name.size()));
  return model && model->tracksPoison &&
         (model->scope == ::posenc::emulator::Scope::Warp ||
          llvm::any_of(op->getOperands(), isPoison));
}
