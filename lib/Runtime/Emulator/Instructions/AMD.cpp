//===- AMD.cpp - Models of AMD's instructions ----------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AMDTables.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

using namespace posenc::emulator;

Table posenc::emulator::amdInstructions() {
  static const auto all = [] {
    std::vector<Instruction> all;
    for (Table table :
         {amdMatrixInstructions(), amdWaveMatrixInstructions(), amdDppInstructions(),
          amdLaneInstructions(), amdBufferInstructions(), amdCopyInstructions(),
          amdMathInstructions(), amdConversionInstructions(), amdHintInstructions()})
      all.insert(all.end(), table.begin, table.begin + table.size);
    return all;
  }();
  return {all.data(), all.size()};
}

/// Whether a part of an intrinsic's name is a type it is overloaded for: i32, v2f16, p8.
static bool isType(std::string_view part) {
  auto digits = [&](size_t begin) {
    size_t end = begin;
    while (end < part.size() && part[end] >= '0' && part[end] <= '9')
      ++end;
    return end == begin ? 0 : end;
  };
  if (size_t end = part.substr(0, 1) == "v" ? digits(1) : 0)
    part.remove_prefix(end);
  return part == "bf16" ||
         (!part.empty() && std::string_view("ifp").find(part[0]) != std::string_view::npos &&
          digits(1) == part.size());
}

const Instruction *posenc::emulator::findAmdIntrinsic(std::string_view name) {
  static const auto all = [] {
    std::unordered_map<std::string, const Instruction *> map;
    Table table = amdInstructions();
    for (size_t i = 0; i < table.size; ++i) {
      std::string op = table.begin[i].op;
      std::replace(op.begin(), op.end(), '_', '.');
      map.emplace(op.substr(op.find('.') + 1), &table.begin[i]);
    }
    return map;
  }();
  constexpr std::string_view prefix = "llvm.amdgcn.";
  if (name.substr(0, prefix.size()) != prefix)
    return nullptr;
  for (name.remove_prefix(prefix.size());; name = name.substr(0, name.rfind('.'))) {
    if (auto found = all.find(std::string(name)); found != all.end())
      return found->second;
    size_t dot = name.rfind('.');
    if (dot == name.npos || !isType(name.substr(dot + 1)))
      return nullptr;
  }
}
