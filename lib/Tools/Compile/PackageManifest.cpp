//===- PackageManifest.cpp - What a package says about itself -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../../Runtime/PackageFormat.h"
#include "Package.h"

using namespace mlir;
using namespace mlir::posenc;
namespace json = llvm::json;

/// The runtime's names of types; "si" for integers that are signed for sure.
static std::string getTypeName(const ValueSpec &spec) {
  switch (spec.type) {
  case DType::Bool:
    return "bool";
  case DType::F16:
    return "f16";
  case DType::BF16:
    return "bf16";
  case DType::F32:
    return "f32";
  case DType::F64:
    return "f64";
  default:
    break;
  }
  std::string bits = std::to_string(8 * getByteWidth(spec.type));
  bool isUnsigned = spec.type == DType::U8 || spec.type == DType::U16 ||
                    spec.type == DType::U32 || spec.type == DType::U64;
  return (isUnsigned ? "u" : spec.isSignless ? "i" : "si") + bits;
}

static json::Object describe(const std::string &name, const ValueSpec &spec,
                             ArrayRef<int64_t> symbols) {
  json::Array shape;
  for (auto [extent, symbol] : llvm::zip_equal(spec.shape, symbols)) {
    if (extent >= 0)
      shape.push_back(extent);
    else if (symbol >= 0)
      shape.push_back("s" + std::to_string(symbol));
    else
      shape.push_back("?");
  }
  json::Object value{{"name", name},
                     {"dtype", getTypeName(spec)},
                     {"kind", spec.isTensor ? "tensor" : "scalar"},
                     {"shape", std::move(shape)}};
  if (spec.isTensor)
    value["layout"] = "row-major";
  return value;
}

static json::Object describe(const PackageEntry &entry) {
  auto describeAll = [&](const char *prefix, const std::vector<ValueSpec> &specs,
                         size_t first) {
    json::Array values;
    for (auto [index, spec] : llvm::enumerate(specs))
      values.push_back(
          describe(prefix + std::to_string(index), spec, entry.symbols[first + index]));
    return values;
  };
  const Signature &signature = entry.signature;
  return json::Object{
      {"name", signature.name},
      {"arguments", describeAll("arg", signature.arguments, 0)},
      {"results", describeAll("result", signature.results, signature.arguments.size())}};
}

std::string mlir::posenc::makeManifest(ArrayRef<PackageEntry> entries,
                                       ArrayRef<PackageTarget> targets) {
  json::Array entryList, targetList;
  for (const PackageEntry &entry : entries)
    entryList.push_back(describe(entry));
  for (const PackageTarget &target : targets)
    targetList.push_back(
        json::Object{{"target", target.getName()},
                     {"format", target.format},
                     {"host", json::Object{{"cpu", target.hostChip},
                                           {"features", json::Array(target.hostFeatures)}}},
                     {"kernels", json::Array(target.kernels)},
                     {"images", json::Array(target.images)}});
  json::Object manifest{{"format", int64_t(::posenc::runtime::kPackageFormat)},
                        {"posenc", POSENC_VERSION},
                        {"runtime", POSENC_RUNTIME_LIBRARY},
                        {"machine", "x86-64"},
                        {"entries", std::move(entryList)},
                        {"targets", std::move(targetList)}};
  std::string text;
  llvm::raw_string_ostream(text) << llvm::formatv("{0:2}", json::Value(std::move(manifest)))
                                 << '\n';
  return text;
}
