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

#include <map>

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

/// "main.arg0" for an argument of the host function @main; else empty.
static std::string describeArgument(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  auto function = argument ? dyn_cast<FunctionOpInterface>(argument.getOwner()->getParentOp())
                           : FunctionOpInterface();
  if (!function || !argument.getOwner()->isEntryBlock())
    return "";
  return (function.getName() + ".arg" + Twine(argument.getArgNumber())).str();
}

/// The value that gives the extent of `axis` of a buffer that the host itself made; null
/// where it is no value.
static Value getExtent(Value buffer, int64_t axis) {
  Operation *op = buffer.getDefiningOp();
  auto pick = [&](ValueRange dynamic) -> Value {
    auto type = cast<MemRefType>(buffer.getType());
    return type.isDynamicDim(axis) ? dynamic[type.getDynamicDimIndex(axis)] : Value();
  };
  if (auto alloc = dyn_cast_or_null<memref::AllocOp>(op))
    return pick(alloc.getDynamicSizes());
  if (auto alloc = dyn_cast_or_null<gpu::AllocOp>(op))
    return pick(alloc.getDynamicSizes());
  if (auto view = dyn_cast_or_null<memref::ReinterpretCastOp>(op))
    return pick(view.getSizes());
  return Value();
}

namespace {
/// An expression over the extents of buffers; empty where there is none.
struct Number {
  std::string text;
  bool isNonNegative = false;
};

/// Describes what a launch takes. Values are shared: each is described once.
class NumberDescriber {
public:
  const Number &describe(Value value);

private:
  Number build(Value value);
  Number buildExtent(Value buffer, int64_t axis);
  Number buildOperation(Operation *op);

  // Stable: descriptions are built while others are looked at.
  std::map<void *, Number> known;
};
} // namespace

static StringRef getInfix(Operation *op) {
  if (auto compare = dyn_cast<arith::CmpIOp>(op)) {
    using Predicate = arith::CmpIPredicate;
    switch (compare.getPredicate()) {
    case Predicate::eq:
      return " == ";
    case Predicate::ne:
      return " != ";
    case Predicate::slt:
      return " < ";
    case Predicate::sle:
      return " <= ";
    case Predicate::sgt:
      return " > ";
    case Predicate::sge:
      return " >= ";
    default:
      return "";
    }
  }
  return isa<arith::MulIOp>(op)                    ? " * "
         : isa<arith::AddIOp>(op)                  ? " + "
         : isa<arith::SubIOp>(op)                  ? " - "
         : isa<arith::DivSIOp, arith::DivUIOp>(op) ? " // "
                                                   : "";
}

static StringRef getFunction(Operation *op) {
  return isa<arith::CeilDivSIOp, arith::CeilDivUIOp>(op) ? "ceildiv"
         : isa<arith::MinSIOp, arith::MinUIOp>(op)       ? "min"
         : isa<arith::MaxSIOp, arith::MaxUIOp>(op)       ? "max"
         : isa<arith::SelectOp>(op)                      ? "select"
                                                         : "";
}

const Number &NumberDescriber::describe(Value value) {
  void *key = value.getAsOpaquePointer();
  auto found = known.find(key);
  if (found != known.end())
    return found->second;
  Number number = build(value);
  // Nobody reads a longer one; shared parts would double it at every step.
  if (number.text.size() > 2000)
    number.text.clear();
  return known[key] = std::move(number);
}

Number NumberDescriber::build(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return {std::to_string(constant.getSExtValue()), constant.isNonNegative()};
  Operation *op = value.getDefiningOp();
  if (!op)
    return {describeArgument(value), false};
  if (auto dim = dyn_cast<memref::DimOp>(op)) {
    std::optional<int64_t> axis = dim.getConstantIndex();
    return axis ? buildExtent(dim.getSource(), *axis) : Number();
  }
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(op))
    return describe(op->getOperand(0));
  return buildOperation(op);
}

Number NumberDescriber::buildExtent(Value buffer, int64_t axis) {
  std::string source = describeArgument(buffer);
  if (!source.empty())
    return {source + ".shape[" + std::to_string(axis) + "]", true};
  Value extent = getExtent(buffer, axis);
  return {extent ? describe(extent).text : "", true};
}

Number NumberDescriber::buildOperation(Operation *op) {
  StringRef infix = getInfix(op), function = getFunction(op);
  if (infix.empty() && function.empty())
    return {};
  // Extents are no less than 0: what guards against that is not worth a word.
  auto isZero = [](Value v) { return matchPattern(v, m_Zero()); };
  if (isa<arith::MaxSIOp>(op) && isZero(op->getOperand(1)) &&
      describe(op->getOperand(0)).isNonNegative)
    return describe(op->getOperand(0));
  if (auto select = dyn_cast<arith::SelectOp>(op))
    if (auto test = select.getCondition().getDefiningOp<arith::CmpIOp>();
        test && test.getPredicate() == arith::CmpIPredicate::slt && isZero(test.getRhs()) &&
        describe(test.getLhs()).isNonNegative)
      return describe(select.getFalseValue());
  Number number{function.str() + "(", !isa<arith::SubIOp>(op)};
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    const Number &part = describe(operand);
    if (part.text.empty())
      return {};
    number.text += (i == 0 ? "" : infix.empty() ? ", " : infix.str()) + part.text;
    number.isNonNegative &= part.isNonNegative || operand.getType().isInteger(1);
  }
  number.text += ")";
  return number;
}

/// The same as JSON: a number, an expression or null.
static json::Value describeNumber(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant.getSExtValue();
  std::string text = NumberDescriber().describe(value).text;
  return text.empty() ? json::Value(nullptr) : json::Value(std::move(text));
}

static json::Array describeExtents(gpu::KernelDim3 extents) {
  return json::Array{describeNumber(extents.x), describeNumber(extents.y),
                     describeNumber(extents.z)};
}

/// Plain attributes as JSON; others as they print. A text that is a number is one.
static json::Value convert(Attribute attribute) {
  if (auto text = dyn_cast<StringAttr>(attribute)) {
    int64_t number;
    if (!text.getValue().getAsInteger(10, number))
      return number;
    return text.getValue().str();
  }
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
  json::Object result{{"symbol", kernel.getName().str()},
                      {"engine", nullptr},
                      {"grid", nullptr},
                      {"block", nullptr},
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
    auto name =
        names && index < names.size() ? dyn_cast<StringAttr>(names[index]) : StringAttr();
    json::Object argument =
        describeValue(name ? name.str() : "arg" + std::to_string(index), type);
    argument["first_parameter"] = parameters.size();
    if (launch && !isa<ShapedType>(type))
      argument["value"] = describeNumber(launch.getKernelOperand(index));
    appendParameters(type, parameters);
    arguments.push_back(std::move(argument));
  }
  result["arguments"] = std::move(arguments);
  result["parameters"] = std::move(parameters);
  return result;
}

void KernelRecorder::record(ModuleOp module) {
  llvm::DenseMap<StringAttr, gpu::LaunchFuncOp> launches;
  module.walk(
      [&](gpu::LaunchFuncOp launch) { launches.try_emplace(launch.getKernelName(), launch); });
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
