//===- SimulateKernels.cpp - Run gpu.func kernels on fibers ---------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// A test pass, loaded as a plugin: turns kernels and launches of the gpu dialect
// into host code in which every GPU thread is a fiber of FiberRuntime.cpp. It
// covers the ops that the SIMT engine emits and refuses the rest by name.
//===----------------------------------------------------------------------===//

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

using namespace mlir;

namespace {
class SimulateKernels : public PassWrapper<SimulateKernels, OperationPass<ModuleOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SimulateKernels)
  StringRef getArgument() const override { return "posenc-test-simulate-kernels"; }
  StringRef getDescription() const override {
    return "run gpu.func kernels on the host, a fiber per thread";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<func::FuncDialect, LLVM::LLVMDialect, arith::ArithDialect>();
  }
  void runOnOperation() override;

private:
  Value call(OpBuilder &builder, Location loc, StringRef name, Type result,
             ValueRange operands);
  LLVM::LLVMStructType packedType(TypeRange types, LLVMTypeConverter &converter);
  func::FuncOp buildThread(gpu::GPUFuncOp kernel, LLVMTypeConverter &converter);
  void unpack(OpBuilder &builder, gpu::GPUFuncOp kernel, Value packed, IRMapping &map,
              LLVMTypeConverter &converter);
  void launch(gpu::LaunchFuncOp op, func::FuncOp thread, LLVMTypeConverter &converter);
  LogicalResult replaceDeviceOp(Operation *op);
};
} // namespace

static Value convert(OpBuilder &builder, Location loc, Type type, Value value) {
  return UnrealizedConversionCastOp::create(builder, loc, type, value).getResult(0);
}

/// Workgroup memory is ordinary memory here.
static MemRefType withoutSpace(MemRefType type) {
  return MemRefType::get(type.getShape(), type.getElementType(), type.getLayout());
}

Value SimulateKernels::call(OpBuilder &builder, Location loc, StringRef name, Type result,
                            ValueRange operands) {
  SmallVector<Type> results;
  if (result)
    results.push_back(result);
  if (!getOperation().lookupSymbol(name)) {
    auto body = OpBuilder::atBlockEnd(getOperation().getBody());
    auto type = builder.getFunctionType(TypeRange(operands), results);
    func::FuncOp::create(body, loc, name, type).setPrivate();
  }
  auto op = func::CallOp::create(builder, loc, name, results, operands);
  return result ? op.getResult(0) : Value();
}

LLVM::LLVMStructType SimulateKernels::packedType(TypeRange types,
                                                 LLVMTypeConverter &converter) {
  SmallVector<Type> members;
  for (Type type : types)
    members.push_back(converter.convertType(type));
  return LLVM::LLVMStructType::getLiteral(&getContext(), members);
}

void SimulateKernels::unpack(OpBuilder &builder, gpu::GPUFuncOp kernel, Value packed,
                             IRMapping &map, LLVMTypeConverter &converter) {
  Location loc = kernel.getLoc();
  TypeRange types = kernel.getFunctionType().getInputs();
  Value all = LLVM::LoadOp::create(builder, loc, packedType(types, converter), packed);
  for (auto [i, type] : llvm::enumerate(types)) {
    Value member = LLVM::ExtractValueOp::create(builder, loc, all, i);
    map.map(kernel.getArgument(i), convert(builder, loc, type, member));
  }
  for (auto [i, buffer] : llvm::enumerate(kernel.getWorkgroupAttributions())) {
    auto type = withoutSpace(cast<MemRefType>(buffer.getType()));
    auto number = [&](int64_t value) -> Value {
      return LLVM::ConstantOp::create(builder, loc, builder.getI64Type(), value);
    };
    Value bytes = number(type.getNumElements() * type.getElementTypeBitWidth() / 8);
    Value pointer = call(builder, loc, "posencTestWorkgroup",
                         LLVM::LLVMPointerType::get(&getContext()), {number(i), bytes});
    Value descriptor = LLVM::PoisonOp::create(builder, loc, converter.convertType(type));
    auto insert = [&](Value value, ArrayRef<int64_t> at) {
      descriptor = LLVM::InsertValueOp::create(builder, loc, descriptor, value, at);
    };
    insert(pointer, {0});
    insert(pointer, {1});
    insert(number(0), {2});
    insert(number(type.getNumElements()), {3, 0});
    insert(number(1), {4, 0});
    map.map(buffer, convert(builder, loc, type, descriptor));
  }
}

/// Everything that one thread does, as a function of the packed arguments.
func::FuncOp SimulateKernels::buildThread(gpu::GPUFuncOp kernel, LLVMTypeConverter &converter) {
  auto builder = OpBuilder::atBlockEnd(getOperation().getBody());
  auto pointer = LLVM::LLVMPointerType::get(&getContext());
  auto thread =
      func::FuncOp::create(builder, kernel.getLoc(), (kernel.getName() + "_thread").str(),
                           builder.getFunctionType(pointer, {}));
  thread.setPrivate();
  Block *entry = thread.addEntryBlock();
  builder.setInsertionPointToStart(entry);
  IRMapping map;
  unpack(builder, kernel, entry->getArgument(0), map, converter);
  for (Operation &op : kernel.getBody().front())
    builder.clone(op, map);
  AttrTypeReplacer replacer;
  replacer.addReplacement([](MemRefType type) -> std::optional<Type> {
    if (isa_and_nonnull<gpu::AddressSpaceAttr>(type.getMemorySpace()))
      return withoutSpace(type);
    return std::nullopt;
  });
  replacer.recursivelyReplaceElementsIn(thread, /*replaceAttrs=*/true, /*replaceLocs=*/false,
                                        /*replaceTypes=*/true);
  return thread;
}

LogicalResult SimulateKernels::replaceDeviceOp(Operation *op) {
  OpBuilder builder(op);
  Location loc = op->getLoc();
  Value result;
  if (isa<gpu::ReturnOp>(op)) {
    func::ReturnOp::create(builder, loc);
  } else if (isa<gpu::BarrierOp>(op)) {
    call(builder, loc, "posencTestBarrier", {}, {});
  } else if (auto id = dyn_cast<gpu::ThreadIdOp>(op);
             id && id.getDimension() == gpu::Dimension::x) {
    result = call(builder, loc, "posencTestThreadId", builder.getIndexType(), {});
  } else if (auto id = dyn_cast<gpu::BlockIdOp>(op);
             id && id.getDimension() == gpu::Dimension::x) {
    result = call(builder, loc, "posencTestBlockId", builder.getIndexType(), {});
  } else if (auto shuffle = dyn_cast<gpu::ShuffleOp>(op);
             shuffle && shuffle.getMode() == gpu::ShuffleMode::XOR) {
    result =
        call(builder, loc, "posencTestShuffleXor", builder.getF32Type(), shuffle.getOperands());
    shuffle.getValid().replaceAllUsesWith(
        arith::ConstantIntOp::create(builder, loc, 1, /*width=*/1));
  } else if (auto dpp = dyn_cast<ROCDL::DPPUpdateOp>(op)) {
    Value control = arith::ConstantIntOp::create(builder, loc, dpp.getDppCtrl(), 32);
    result = call(builder, loc, "posencTestDpp", builder.getF32Type(), {dpp.getSrc(), control});
  } else if (auto intrinsic = dyn_cast<LLVM::CallIntrinsicOp>(op)) {
    if (!intrinsic.getIntrin().ends_with("ex2.approx.ftz.f32") &&
        intrinsic.getIntrin() != "llvm.amdgcn.exp2.f32")
      return op->emitOpError() << "is an intrinsic that the simulator does not know";
    result = LLVM::Exp2Op::create(builder, loc, intrinsic.getResult(0).getType(),
                                  intrinsic.getArgs());
  } else if (isa<gpu::GPUDialect, ROCDL::ROCDLDialect>(op->getDialect())) {
    return op->emitOpError() << "is an op that the simulator does not know";
  } else {
    return success();
  }
  if (result)
    op->getResult(0).replaceAllUsesWith(result);
  op->erase();
  return success();
}

void SimulateKernels::launch(gpu::LaunchFuncOp op, func::FuncOp thread,
                             LLVMTypeConverter &converter) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  auto type = packedType(TypeRange(op.getKernelOperands()), converter);
  Value packed = LLVM::PoisonOp::create(builder, loc, type);
  for (auto [i, operand] : llvm::enumerate(op.getKernelOperands()))
    packed = LLVM::InsertValueOp::create(builder, loc, packed,
                                         convert(builder, loc, type.getBody()[i], operand), i);
  auto pointer = LLVM::LLVMPointerType::get(&getContext());
  Value one = LLVM::ConstantOp::create(builder, loc, builder.getI64Type(), 1);
  Value memory = LLVM::AllocaOp::create(builder, loc, pointer, type, one);
  LLVM::StoreOp::create(builder, loc, packed, memory);
  Value function = convert(
      builder, loc, pointer,
      func::ConstantOp::create(builder, loc, thread.getFunctionType(), thread.getName()));
  call(builder, loc, "posencTestLaunch", {},
       {op.getGridSizeX(), op.getBlockSizeX(), function, memory});
  op.erase();
}

void SimulateKernels::runOnOperation() {
  LLVMTypeConverter converter(&getContext());
  DenseMap<Operation *, func::FuncOp> threads;
  SmallVector<gpu::LaunchFuncOp> launches;
  getOperation().walk([&](gpu::LaunchFuncOp op) { launches.push_back(op); });
  for (gpu::LaunchFuncOp op : launches) {
    auto kernel =
        cast<gpu::GPUFuncOp>(SymbolTable::lookupNearestSymbolFrom(op, op.getKernelAttr()));
    func::FuncOp &thread = threads[kernel];
    if (!thread)
      thread = buildThread(kernel, converter);
    launch(op, thread, converter);
  }
  for (auto module : llvm::make_early_inc_range(getOperation().getOps<gpu::GPUModuleOp>()))
    module.erase();
  WalkResult result = getOperation().walk([&](Operation *op) {
    return failed(replaceDeviceOp(op)) ? WalkResult::interrupt() : WalkResult::advance();
  });
  if (result.wasInterrupted())
    signalPassFailure();
}

extern "C" LLVM_ATTRIBUTE_WEAK PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "posenc-test-simulator", LLVM_VERSION_STRING,
          [] { PassRegistration<SimulateKernels>(); }};
}
