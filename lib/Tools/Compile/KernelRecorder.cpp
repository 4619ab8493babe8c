//===- KernelRecorder.cpp - What a caller of kernels must know ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassInstrumentation.h"

using namespace mlir;
using namespace mlir::posenc;
namespace json = llvm::json;

static std::string print(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

json::Object mlir::posenc::describeValue(StringRef name, Type type) {
  json::Object value{{"name", name.str()}, {"type", print(type)}};
  if (auto shaped = dyn_cast<ShapedType>(type); shaped && shaped.hasRank()) {
    value["element"] = print(shaped.getElementType());
    value["rank"] = shaped.getRank();
  }
  return value;
}

/// The parameters of the machine-level kernel that an argument becomes: a
/// memref is its descriptor, member by member.
static void appendParameters(Type type, json::Array &parameters) {
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref) {
    parameters.push_back(type.isIndex() ? "i64" : print(type));
    return;
  }
  for (StringRef pointer : {"ptr", "ptr"})
    parameters.push_back(pointer);
  for (int64_t i = 0, words = 1 + 2 * memref.getRank(); i < words; ++i)
    parameters.push_back("i64");
}

/// A launch extent as an expression over the extents of buffers; null where it
/// depends on more than that. `depth` bounds the expression.
static std::string describeExtent(Value value, unsigned depth) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return std::to_string(constant.getSExtValue());
  Operation *op = value.getDefiningOp();
  if (!op || depth == 0)
    return "";
  if (auto dim = dyn_cast<memref::DimOp>(op)) {
    auto argument = dyn_cast<BlockArgument>(dim.getSource());
    std::optional<int64_t> axis = dim.getConstantIndex();
    bool ofFunction = argument && axis && isa<FunctionOpInterface>(argument.getOwner()->getParentOp());
    return ofFunction ? "arg" + std::to_string(argument.getArgNumber()) + ".shape[" +
                            std::to_string(*axis) + "]"
                      : "";
  }
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(op))
    return describeExtent(op->getOperand(0), depth - 1);
  StringRef name = isa<arith::MulIOp>(op)                            ? "mul"
                   : isa<arith::AddIOp>(op)                          ? "add"
                   : isa<arith::SubIOp>(op)                          ? "sub"
                   : isa<arith::CeilDivSIOp, arith::CeilDivUIOp>(op) ? "ceildiv"
                   : isa<arith::DivSIOp, arith::DivUIOp>(op)         ? "div"
                   : isa<arith::MinSIOp, arith::MinUIOp>(op)         ? "min"
                   : isa<arith::MaxSIOp, arith::MaxUIOp>(op)         ? "max"
                                                                     : "";
  if (name.empty())
    return "";
  std::string left = describeExtent(op->getOperand(0), depth - 1);
  std::string right = describeExtent(op->getOperand(1), depth - 1);
  return left.empty() || right.empty() ? "" : (name + "(" + left + ", " + right + ")").str();
}

static json::Array describeExtents(gpu::KernelDim3 extents) {
  json::Array result;
  for (Value value : {extents.x, extents.y, extents.z}) {
    std::string text = describeExtent(value, /*depth=*/16);
    APInt constant;
    if (text.empty())
      result.push_back(nullptr);
    else if (matchPattern(value, m_ConstantInt(&constant)))
      result.push_back(constant.getSExtValue());
    else
      result.push_back(text);
  }
  return result;
}

/// Plain attributes as JSON; others as they print.
static json::Value convert(Attribute attribute) {
  if (auto text = dyn_cast<StringAttr>(attribute))
    return text.getValue().str();
  if (auto integer = dyn_cast<IntegerAttr>(attribute))
    return integer.getValue().getSExtValue();
  if (auto array = dyn_cast<ArrayAttr>(attribute)) {
    json::Array values;
    for (Attribute element : array)
      values.push_back(convert(element));
    return values;
  }
  std::string text;
  llvm::raw_string_ostream(text) << attribute;
  return text;
}

static int64_t getStaticSharedMemory(gpu::GPUFuncOp kernel) {
  int64_t bytes = 0;
  for (BlockArgument buffer : kernel.getWorkgroupAttributions()) {
    auto type = cast<MemRefType>(buffer.getType());
    bytes += type.getNumElements() * llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  }
  return bytes;
}

static json::Object describeKernel(gpu::GPUFuncOp kernel, gpu::LaunchFuncOp launch) {
  json::Object result{{"symbol", kernel.getName().str()}, {"engine", nullptr},
                      {"grid", nullptr},           {"block", nullptr},
                      {"alignment", nullptr}};
  result["shared_memory"] = getStaticSharedMemory(kernel);
  if (launch) {
    result["grid"] = describeExtents(launch.getGridSizeOperandValues());
    result["block"] = describeExtents(launch.getBlockSizeOperandValues());
  }
  // What the engine says is better than what the launch shows.
  auto known = kernel->getAttrOfType<DictionaryAttr>("posenc.kernel");
  ArrayAttr names = known ? known.getAs<ArrayAttr>("arguments") : ArrayAttr();
  for (StringRef key : {"engine", "grid", "block", "shared_memory", "alignment"})
    if (Attribute attribute = known ? known.get(key) : Attribute())
      result[key] = convert(attribute);

  json::Array arguments, parameters;
  for (auto [index, type] : llvm::enumerate(kernel.getArgumentTypes())) {
    auto name = names && index < names.size() ? dyn_cast<StringAttr>(names[index]) : StringAttr();
    json::Object argument =
        describeValue(name ? name.str() : "arg" + std::to_string(index), type);
    argument["first_parameter"] = parameters.size();
    appendParameters(type, parameters);
    arguments.push_back(std::move(argument));
  }
  result["arguments"] = std::move(arguments);
  result["parameters"] = std::move(parameters);
  return result;
}

void KernelRecorder::record(ModuleOp module) {
  llvm::DenseMap<StringAttr, gpu::LaunchFuncOp> launches;
  module.walk([&](gpu::LaunchFuncOp launch) { launches.try_emplace(launch.getKernelName(), launch); });
  kernels.clear();
  module.walk([&](gpu::GPUFuncOp kernel) {
    if (kernel.isKernel())
      kernels.push_back(describeKernel(kernel, launches.lookup(kernel.getNameAttr())));
  });
}

namespace {

struct RecordOnAttach final : PassInstrumentation {
  explicit RecordOnAttach(KernelRecorder &recorder) : recorder(recorder) {}

  void runBeforePass(Pass *pass, Operation *op) override {
    auto module = dyn_cast<ModuleOp>(op);
    if (module && pass->getArgument().ends_with("-attach-target"))
      recorder.record(module);
  }

  KernelRecorder &recorder;
};

} // namespace

std::unique_ptr<PassInstrumentation> KernelRecorder::makeInstrumentation() {
  return std::make_unique<RecordOnAttach>(*this);
}
