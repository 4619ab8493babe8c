//===- HostToRuntime.cpp - Host code calls libposenc_runtime --------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ResidentConstants.h"
#include "RuntimeImages.h"
#include "posenc/Codegen/Device/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/FunctionCallUtils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Matchers.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCHOSTTORUNTIMEPASS
#include "posenc/Codegen/Device/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;

namespace {
/// A function that host code calls and the runtime's in its place. The signature
/// is one letter each, the result first: p pointer, l i64, i i32, s i16, b i8, v void.
struct Replacement {
  StringLiteral from, to, signature;
};
} // namespace

static constexpr Replacement replacements[] = {
    {"mgpuStreamCreate", "posenc_rt_stream_create", "p"},
    {"mgpuStreamSynchronize", "posenc_rt_stream_synchronize", "vp"},
    {"mgpuStreamDestroy", "posenc_rt_stream_destroy", "vp"},
    {"mgpuStreamWaitEvent", "posenc_rt_stream_wait_event", "vpp"},
    {"mgpuEventCreate", "posenc_rt_event_create", "p"},
    {"mgpuEventRecord", "posenc_rt_event_record", "vpp"},
    {"mgpuEventSynchronize", "posenc_rt_event_synchronize", "vp"},
    {"mgpuEventDestroy", "posenc_rt_event_destroy", "vp"},
    {"mgpuMemAlloc", "posenc_rt_mem_alloc", "plpb"},
    {"mgpuMemFree", "posenc_rt_mem_free", "vpp"},
    {"mgpuMemcpy", "posenc_rt_memcpy", "vpplp"},
    {"mgpuMemset16", "posenc_rt_memset16", "vpslp"},
    {"mgpuMemset32", "posenc_rt_memset32", "vpilp"},
    {"malloc", "posenc_rt_malloc", "pl"},
    {"aligned_alloc", "posenc_rt_aligned_alloc", "pll"},
    {"free", "posenc_rt_free", "vp"},
    {"memrefCopy", "posenc_rt_memref_copy", "vlpp"},
};

static constexpr StringLiteral launchSignature = "vppllllllippl";

static Type getType(MLIRContext *context, char letter) {
  switch (letter) {
  case 'p':
    return LLVM::LLVMPointerType::get(context);
  case 'v':
    return LLVM::LLVMVoidType::get(context);
  default:
    return IntegerType::get(context, letter == 'l'   ? 64
                                     : letter == 'i' ? 32
                                     : letter == 's' ? 16
                                                     : 8);
  }
}

static LLVM::LLVMFunctionType getSignature(MLIRContext *context, StringRef letters) {
  SmallVector<Type> parameters;
  for (char letter : letters.drop_front())
    parameters.push_back(getType(context, letter));
  return LLVM::LLVMFunctionType::get(getType(context, letters.front()), parameters);
}

namespace {
struct HostToRuntime final : posenc::impl::PosEncHostToRuntimePassBase<HostToRuntime> {
  using Base::Base;

  void runOnOperation() override {
    modules.clear();
    first = LLVM::GlobalOp();
    kernels.clear();
    SmallVector<LLVM::CallOp> calls;
    SmallVector<gpu::LaunchFuncOp> launches;
    // Not into gpu.module: what kernels call is their own.
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isa<gpu::GPUModuleOp>(op))
        return WalkResult::skip();
      if (auto call = dyn_cast<LLVM::CallOp>(op))
        calls.push_back(call);
      else if (auto launch = dyn_cast<gpu::LaunchFuncOp>(op))
        launches.push_back(launch);
      return WalkResult::advance();
    });
    if (failed(createModules()) ||
        llvm::any_of(calls, [&](LLVM::CallOp call) { return failed(replaceCall(call)); }) ||
        llvm::any_of(launches,
                     [&](gpu::LaunchFuncOp launch) { return failed(replaceLaunch(launch)); }))
      return signalPassFailure();
    eraseUnused();
  }

  LogicalResult createModules();
  LogicalResult replaceCall(LLVM::CallOp call);
  LogicalResult replaceAbort(LLVM::CallOp call);
  LogicalResult replaceConstant(LLVM::CallOp call);
  Value takeMessage(OpBuilder &builder, LLVM::CallOp abort);
  LogicalResult replaceLaunch(gpu::LaunchFuncOp launch);
  Value storeArguments(OpBuilder &builder, gpu::LaunchFuncOp launch,
                       SmallVectorImpl<Value> &slots);
  FailureOr<LLVM::LLVMFuncOp> getRuntimeFunction(Operation *user, StringRef name,
                                                 StringRef letters);
  bool isDeclared(StringRef name);
  void eraseUnused();

  /// posenc_module_NAME by NAME.
  llvm::StringMap<LLVM::GlobalOp> modules;
  /// Of these, the first: it keeps the program's constants.
  LLVM::GlobalOp first;
  /// Names of kernels: launches of one share it.
  llvm::DenseMap<StringAttr, LLVM::GlobalOp> kernels;
};
} // namespace

LogicalResult HostToRuntime::createModules() {
  SmallVector<SymbolOpInterface> found;
  for (Operation &op : *getOperation().getBody())
    if (isa<gpu::GPUModuleOp, gpu::BinaryOp>(op))
      found.push_back(cast<SymbolOpInterface>(op));
  for (SymbolOpInterface op : found) {
    FailureOr<LLVM::GlobalOp> global = posenc::createRuntimeModule(getOperation(), op);
    if (failed(global))
      return failure();
    modules[op.getName()] = *global;
    if (!first)
      first = *global;
  }
  return success();
}

/// A program's own function of such a name is none of ours.
bool HostToRuntime::isDeclared(StringRef name) {
  auto function = getOperation().lookupSymbol<LLVM::LLVMFuncOp>(name);
  return function && function.isExternal();
}

FailureOr<LLVM::LLVMFuncOp> HostToRuntime::getRuntimeFunction(Operation *user, StringRef name,
                                                              StringRef letters) {
  LLVM::LLVMFunctionType type = getSignature(&getContext(), letters);
  OpBuilder builder(&getContext());
  FailureOr<LLVM::LLVMFuncOp> function = LLVM::lookupOrCreateFn(
      builder, getOperation(), name, type.getParams(), type.getReturnType());
  if (failed(function))
    return user->emitError("expected @") << name << " to have the runtime's type " << type;
  // C's callee relies on the caller to extend narrow integers.
  for (auto [index, parameter] : llvm::enumerate(type.getParams()))
    if (parameter.isInteger(8) || parameter.isInteger(16))
      function->setArgAttr(index, LLVM::LLVMDialect::getZExtAttrName(), builder.getUnitAttr());
  return function;
}

LogicalResult HostToRuntime::replaceCall(LLVM::CallOp call) {
  std::optional<StringRef> callee = call.getCallee();
  if (!callee || !isDeclared(*callee))
    return success();
  if (*callee == "abort")
    return replaceAbort(call);
  if (*callee == posenc::kConstantOnDevice)
    return replaceConstant(call);
  const auto *found =
      llvm::find_if(replacements, [&](const Replacement &r) { return r.from == *callee; });
  if (found == std::end(replacements)) {
    if (callee->starts_with("mgpu"))
      return call.emitOpError("expected a call that the runtime has but got @") << *callee;
    return success();
  }
  LLVM::LLVMFunctionType type = getSignature(&getContext(), found->signature);
  if (call.getCalleeFunctionType() != type)
    return call.emitOpError("expected @") << *callee << " to have the type " << type
                                          << " but got " << call.getCalleeFunctionType();
  FailureOr<LLVM::LLVMFuncOp> function = getRuntimeFunction(call, found->to, found->signature);
  if (failed(function))
    return failure();
  call.setCallee(found->to);
  return success();
}

/// What is printed just before abort, with the call that prints erased, or a text
/// that says as much as there is to say.
Value HostToRuntime::takeMessage(OpBuilder &builder, LLVM::CallOp abort) {
  Location loc = abort.getLoc();
  auto print = dyn_cast_or_null<LLVM::CallOp>(abort->getPrevNode());
  StringRef callee = print ? print.getCallee().value_or("") : "";
  if (callee == "puts" && isDeclared(callee) && print.getArgOperands().size() == 1) {
    Value message = print.getArgOperands()[0];
    print.erase();
    return message;
  }
  std::string text = "the program called abort";
  llvm::APInt size;
  if (callee == "write" && isDeclared(callee) && print.getArgOperands().size() == 3 &&
      matchPattern(print.getArgOperands()[2], m_ConstantInt(&size))) {
    auto address = print.getArgOperands()[1].getDefiningOp<LLVM::AddressOfOp>();
    auto global = address ? getOperation().lookupSymbol<LLVM::GlobalOp>(address.getGlobalName())
                          : LLVM::GlobalOp();
    auto value = global ? dyn_cast_or_null<StringAttr>(global.getValueOrNull()) : StringAttr();
    if (value) {
      text = value.getValue().take_front(size.getZExtValue()).rtrim('\n').str();
      print.erase();
    }
  }
  LLVM::GlobalOp message =
      posenc::createRuntimeString(getOperation(), loc, "posenc_message", text);
  return LLVM::AddressOfOp::create(builder, loc, message);
}

LogicalResult HostToRuntime::replaceAbort(LLVM::CallOp call) {
  FailureOr<LLVM::LLVMFuncOp> function =
      getRuntimeFunction(call, "posenc_rt_assert_failed", "vp");
  if (failed(function))
    return failure();
  OpBuilder builder(call);
  Value message = takeMessage(builder, call);
  LLVM::CallOp::create(builder, call.getLoc(), *function, message);
  call.erase();
  return success();
}

LogicalResult HostToRuntime::replaceConstant(LLVM::CallOp call) {
  Location loc = call.getLoc();
  FailureOr<LLVM::LLVMFuncOp> function = getRuntimeFunction(call, "posenc_rt_constant", "pppl");
  if (failed(function))
    return failure();
  if (!first) {
    FailureOr<LLVM::GlobalOp> empty = posenc::createEmptyRuntimeModule(getOperation(), loc);
    if (failed(empty))
      return failure();
    first = *empty;
  }
  OpBuilder builder(call);
  SmallVector<Value> operands = {LLVM::AddressOfOp::create(builder, loc, first)};
  llvm::append_range(operands, call.getArgOperands());
  auto replacement = LLVM::CallOp::create(builder, loc, *function, operands);
  call.replaceAllUsesWith(replacement.getResults());
  call.erase();
  return success();
}

/// A struct of the arguments and an array of pointers into it, in the function's frame:
/// an allocation in a loop would grow the stack.
Value HostToRuntime::storeArguments(OpBuilder &builder, gpu::LaunchFuncOp launch,
                                    SmallVectorImpl<Value> &slots) {
  Location loc = launch.getLoc();
  auto ptr = LLVM::LLVMPointerType::get(&getContext());
  auto function = launch->getParentOfType<LLVM::LLVMFuncOp>();
  OpBuilder entry = OpBuilder::atBlockBegin(&function.getBody().front());
  Value one =
      LLVM::ConstantOp::create(entry, loc, entry.getI64Type(), entry.getI64IntegerAttr(1));
  SmallVector<Type> types(launch.getKernelOperands().getTypes());
  auto valuesType = LLVM::LLVMStructType::getLiteral(&getContext(), types);
  auto pointersType = LLVM::LLVMArrayType::get(ptr, types.size());
  for (Type type : {Type(valuesType), Type(pointersType)}) {
    slots.push_back(LLVM::AllocaOp::create(entry, loc, ptr, type, one));
    LLVM::LifetimeStartOp::create(builder, loc, slots.back());
  }
  for (auto [index, argument] : llvm::enumerate(launch.getKernelOperands())) {
    LLVM::GEPArg position[] = {0, int32_t(index)};
    Value value = LLVM::GEPOp::create(builder, loc, ptr, valuesType, slots[0], position);
    LLVM::StoreOp::create(builder, loc, argument, value);
    Value pointer = LLVM::GEPOp::create(builder, loc, ptr, pointersType, slots[1], position);
    LLVM::StoreOp::create(builder, loc, value, pointer);
  }
  return slots[1];
}

/// Extents are i64 for the runtime; posenc-host-to-llvm leaves i32 ones as they are.
static Value extendToI64(OpBuilder &builder, Location loc, Value value) {
  if (value.getType().isInteger(64))
    return value;
  return LLVM::ZExtOp::create(builder, loc, builder.getI64Type(), value);
}

static LogicalResult checkLaunch(gpu::LaunchFuncOp launch) {
  if (launch.hasClusterSize())
    return launch.emitOpError("expected a launch without clusters");
  if (launch.getAsyncToken() || !launch.getAsyncDependencies().empty())
    return launch.emitOpError("expected a launch on a stream but got one with tokens");
  for (Value operand : launch->getOperands())
    if (!LLVM::isCompatibleType(operand.getType()))
      return launch.emitOpError("expected operands of the LLVM dialect but got ")
             << operand.getType();
  if (!launch->getParentOfType<LLVM::LLVMFuncOp>())
    return launch.emitOpError("expected a launch in an llvm.func");
  return success();
}

LogicalResult HostToRuntime::replaceLaunch(gpu::LaunchFuncOp launch) {
  if (failed(checkLaunch(launch)))
    return failure();
  FailureOr<LLVM::LLVMFuncOp> function =
      getRuntimeFunction(launch, "posenc_rt_launch", launchSignature);
  if (failed(function))
    return failure();
  LLVM::GlobalOp module = modules.lookup(launch.getKernelModuleName());
  if (!module)
    return launch.emitOpError("expected a gpu.module or gpu.binary @")
           << launch.getKernelModuleName().getValue() << " in the module";
  Location loc = launch.getLoc();
  OpBuilder builder(launch);
  auto ptr = LLVM::LLVMPointerType::get(&getContext());
  LLVM::GlobalOp &name = kernels[launch.getKernelName()];
  if (!name)
    name = posenc::createRuntimeString(getOperation(), loc, "posenc_kernel",
                                       launch.getKernelName().getValue());
  SmallVector<Value> operands = {LLVM::AddressOfOp::create(builder, loc, module),
                                 LLVM::AddressOfOp::create(builder, loc, name)};
  gpu::KernelDim3 grid = launch.getGridSizeOperandValues();
  gpu::KernelDim3 block = launch.getBlockSizeOperandValues();
  for (Value extent : {grid.x, grid.y, grid.z, block.x, block.y, block.z})
    operands.push_back(extendToI64(builder, loc, extent));
  Value shared = launch.getDynamicSharedMemorySize();
  operands.push_back(shared ? shared
                            : LLVM::ConstantOp::create(builder, loc, builder.getI32Type(),
                                                       builder.getI32IntegerAttr(0)));
  Value stream = launch.getAsyncObject();
  operands.push_back(stream ? stream : LLVM::ZeroOp::create(builder, loc, ptr));
  SmallVector<Value> slots;
  operands.push_back(storeArguments(builder, launch, slots));
  operands.push_back(
      LLVM::ConstantOp::create(builder, loc, builder.getI64Type(),
                               builder.getI64IntegerAttr(launch.getNumKernelOperands())));
  LLVM::CallOp::create(builder, loc, *function, operands);
  for (Value slot : slots)
    LLVM::LifetimeEndOp::create(builder, loc, slot);
  launch.erase();
  return success();
}

/// Declarations that nothing calls any more, and binaries.
void HostToRuntime::eraseUnused() {
  SymbolTable symbols(getOperation());
  SmallVector<Operation *> unused;
  for (gpu::BinaryOp binary : getOperation().getOps<gpu::BinaryOp>())
    unused.push_back(binary);
  for (auto function : getOperation().getOps<LLVM::LLVMFuncOp>()) {
    StringRef name = function.getName();
    bool replaced =
        name == "abort" || name == posenc::kConstantOnDevice || name == "puts" ||
        name == "write" ||
        llvm::any_of(replacements, [&](const Replacement &r) { return r.from == name; });
    if (replaced && function.isExternal() &&
        SymbolTable::symbolKnownUseEmpty(function, getOperation()))
      unused.push_back(function);
  }
  for (Operation *op : unused)
    op->erase();
}
