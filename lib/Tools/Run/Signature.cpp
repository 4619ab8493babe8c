//===- Signature.cpp - What a function takes and gives --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Signature.h"

#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace mlir::posenc;

static std::optional<DType> getIntegerType(IntegerType type) {
  bool isUnsigned = type.isUnsigned();
  switch (type.getWidth()) {
  case 1:
    return DType::Bool;
  case 8:
    return isUnsigned ? DType::U8 : DType::I8;
  case 16:
    return isUnsigned ? DType::U16 : DType::I16;
  case 32:
    return isUnsigned ? DType::U32 : DType::I32;
  case 64:
    return isUnsigned ? DType::U64 : DType::I64;
  default:
    return std::nullopt;
  }
}

static std::optional<DType> getDType(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return getIntegerType(integer);
  if (type.isIndex())
    return DType::I64;
  if (type.isF16())
    return DType::F16;
  if (type.isBF16())
    return DType::BF16;
  if (type.isF32())
    return DType::F32;
  if (type.isF64())
    return DType::F64;
  return std::nullopt;
}

static std::optional<ValueSpec> getSpec(Type type) {
  ValueSpec spec;
  auto tensor = dyn_cast<RankedTensorType>(type);
  Type element = tensor ? tensor.getElementType() : type;
  std::optional<DType> dtype = getDType(element);
  if (!dtype)
    return std::nullopt;
  spec.type = *dtype;
  spec.isTensor = static_cast<bool>(tensor);
  spec.isSignless = element.isSignlessInteger() || element.isIndex();
  if (tensor)
    for (int64_t extent : tensor.getShape())
      spec.shape.push_back(ShapedType::isDynamic(extent) ? -1 : extent);
  return spec;
}

static LogicalResult addSpecs(TypeRange types, StringRef what, std::vector<ValueSpec> &specs,
                              func::FuncOp function, const Driver &driver) {
  for (auto [index, type] : llvm::enumerate(types)) {
    std::optional<ValueSpec> spec = getSpec(type);
    if (!spec) {
      std::string text;
      llvm::raw_string_ostream(text) << type;
      return driver.fail(
          Twine(what) + " " + Twine(index) + " of @" + function.getName() +
          ": expected a ranked tensor or a scalar of a type that .npy files hold but "
          "got " +
          text);
    }
    specs.push_back(std::move(*spec));
  }
  return success();
}

FailureOr<Signature> mlir::posenc::getSignature(func::FuncOp function, const Driver &driver) {
  Signature signature;
  signature.name = function.getName().str();
  if (failed(addSpecs(function.getArgumentTypes(), "argument", signature.arguments, function,
                      driver)) ||
      failed(
          addSpecs(function.getResultTypes(), "result", signature.results, function, driver)))
    return failure();
  return signature;
}
