//===- PackageManifest.cpp - What a package says about itself -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PackageManifest.h"

#include "PackageFormat.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

using namespace posenc::runtime;
using nlohmann::json;

static constexpr struct {
  const char *name;
  uint64_t bytes;
} kTypes[] = {{"bool", 1}, {"i8", 1},  {"u8", 1},  {"i16", 2}, {"u16", 2},
              {"i32", 4},  {"u32", 4}, {"i64", 8}, {"u64", 8}, {"f16", 2},
              {"bf16", 2}, {"f32", 4}, {"f64", 8}};
static constexpr size_t kTypeCount = sizeof(kTypes) / sizeof(kTypes[0]);
static_assert(kTypeCount == POSENC_F64 + 1, "one per posenc_dtype");

uint64_t posenc_dtype_bytes(posenc_dtype dtype) {
  return size_t(dtype) < kTypeCount ? kTypes[dtype].bytes : 0;
}

const char *posenc_dtype_name(posenc_dtype dtype) {
  return size_t(dtype) < kTypeCount ? kTypes[dtype].name : nullptr;
}

namespace {
/// A part of the manifest and how to get there; every access is checked.
class Node {
public:
  Node(const json &value, std::string path) : value(value), path(std::move(path)) {}

  [[noreturn]] void fail(const std::string &expected) const {
    throw std::runtime_error("expected " + path + " to be " + expected);
  }
  Node get(const char *key) const {
    std::string inner = path.empty() ? key : path + "." + key;
    auto found = value.is_object() ? value.find(key) : value.end();
    if (!value.is_object() || found == value.end())
      throw std::runtime_error("expected a value " + inner);
    return Node(*found, inner);
  }
  std::string text() const {
    if (!value.is_string())
      fail("a string");
    return value.get<std::string>();
  }
  bool boolean() const {
    if (!value.is_boolean())
      fail("true or false");
    return value.get<bool>();
  }
  bool isText() const { return value.is_string(); }
  int64_t extent() const {
    if (!value.is_number_integer() || (value.is_number_unsigned() && value > INT64_MAX) ||
        value < 0)
      fail("an extent");
    return value.get<int64_t>();
  }
  std::vector<Node> list() const {
    if (!value.is_array())
      fail("a list");
    std::vector<Node> nodes;
    for (size_t i = 0; i < value.size(); ++i)
      nodes.emplace_back(value[i], path + "[" + std::to_string(i) + "]");
    return nodes;
  }

private:
  const json &value;
  std::string path;
};
} // namespace

static posenc_dtype parseType(const Node &node, uint32_t &isSignless) {
  std::string name = node.text();
  isSignless = 0;
  // "si32" is signed for sure; "i32" is whatever the caller has.
  std::string plain = name.compare(0, 2, "si") == 0 ? name.substr(1) : name;
  for (size_t i = 0; i < kTypeCount; ++i)
    if (plain == kTypes[i].name) {
      isSignless = name[0] == 'i';
      return posenc_dtype(i);
    }
  node.fail("a type of elements but got '" + name + "'");
}

static int32_t getSymbol(const std::string &name, std::vector<std::string> &symbols) {
  if (name == "?")
    return -1;
  auto found = std::find(symbols.begin(), symbols.end(), name);
  if (found == symbols.end())
    found = symbols.insert(found, name);
  return int32_t(found - symbols.begin());
}

static ManifestValue parseValue(const Node &node, std::vector<std::string> &symbols) {
  ManifestValue result;
  result.name = node.get("name").text();
  result.value.dtype = parseType(node.get("dtype"), result.value.is_signless);
  std::string kind = node.get("kind").text();
  if (kind != "tensor" && kind != "scalar")
    node.get("kind").fail("tensor or scalar");
  result.value.is_tensor = kind == "tensor";
  std::vector<Node> shape = node.get("shape").list();
  if (shape.size() > (result.value.is_tensor ? POSENC_MAX_RANK : 0))
    node.get("shape").fail("a shape of at most " + std::to_string(POSENC_MAX_RANK) +
                           " dimensions, of none for a scalar");
  if (result.value.is_tensor && node.get("layout").text() != "row-major")
    node.get("layout").fail("row-major");
  result.value.rank = uint32_t(shape.size());
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    bool isStatic = !shape[axis].isText();
    result.value.shape[axis] = isStatic ? shape[axis].extent() : -1;
    result.value.symbol[axis] = isStatic ? -1 : getSymbol(shape[axis].text(), symbols);
  }
  return result;
}

static ManifestEntry parseEntry(const Node &node) {
  ManifestEntry entry;
  entry.name = node.get("name").text();
  for (const Node &value : node.get("arguments").list())
    entry.arguments.push_back(parseValue(value, entry.symbols));
  for (const Node &value : node.get("results").list())
    entry.results.push_back(parseValue(value, entry.symbols));
  return entry;
}

static ManifestTarget parseTarget(const Node &node) {
  ManifestTarget target;
  target.name = node.get("target").text();
  size_t colon = target.name.find(':');
  if (colon == std::string::npos)
    node.get("target").fail("KIND:CHIP");
  target.backend = target.name.substr(0, colon);
  target.chip = target.name.substr(colon + 1);
  target.format = node.get("format").text();
  for (const Node &feature : node.get("host").get("features").list())
    target.cpuFeatures.push_back(feature.text());
  return target;
}

bool posenc::runtime::parseManifest(std::string_view text, Manifest &manifest,
                                    std::string &error) {
  try {
    json value = json::parse(text.begin(), text.end());
    Node root(value, "");
    for (const Node &entry : root.get("entries").list())
      manifest.entries.push_back(parseEntry(entry));
    for (const Node &target : root.get("targets").list())
      manifest.targets.push_back(parseTarget(target));
    manifest.runtime = root.get("runtime").text();
    return true;
  } catch (const std::exception &exception) {
    error = std::string("the manifest is not as it must be: ") + exception.what();
    return false;
  }
}
