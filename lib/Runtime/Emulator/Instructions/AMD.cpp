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
          amdTransposeInstructions(), amdMathInstructions(), amdConversionInstructions(),
          amdHintInstructions()})
      all.insert(all.end(), table.begin, table.begin + table.size);
    return all;
  }();
  return {all.data(), all.size()};
}

static bool isNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

/// Whether a part of an intrinsic's name is a type it is overloaded for: i32, v2f16, p8.
static bool isType(std::string_view part) {
  if (part.substr(0, 1) == "v")
    part.remove_prefix(std::min(part.find_first_not_of("0123456789", 1), part.size()));
  if (part.substr(0, 1) == "b")
    part.remove_prefix(1);
  return !part.empty() && std::string_view("ifp").find(part[0]) != std::string_view::npos &&
         isNumber(part.substr(1));
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
