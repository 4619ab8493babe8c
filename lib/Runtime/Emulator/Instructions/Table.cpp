//===- Table.cpp - All instruction models by name ------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tables.h"

#include <algorithm>
#include <unordered_map>

using namespace posenc::emulator;

static const auto &models() {
  static const auto all = [] {
    std::unordered_map<std::string_view, const Instruction *> map;
    for (Table table : {nvidiaInstructions(), amdInstructions(), barrierInstructions()})
      for (size_t i = 0; i < table.size; ++i)
        map.emplace(table.begin[i].op, &table.begin[i]);
    return map;
  }();
  return all;
}

const Instruction *posenc::emulator::findInstruction(std::string_view op) {
  const auto &all = models();
  auto found = all.find(op);
  return found == all.end() ? findAmdIntrinsic(op) : found->second;
}

std::vector<std::string_view> posenc::emulator::listInstructions() {
  std::vector<std::string_view> names;
  for (const auto &model : models())
    names.push_back(model.first);
  std::sort(names.begin(), names.end());
  return names;
}
