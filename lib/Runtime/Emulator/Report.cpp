//===- Report.cpp - What the emulator found wrong ---------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace posenc::emulator;

void Reports::add(uint64_t block, Report report) {
  std::lock_guard<std::mutex> guard(lock);
  auto [entry, isNew] = found.try_emplace(
      {std::move(report.kind), report.site, report.otherSite}, Found{block, found.size(), {}});
  if (isNew || block < entry->second.block)
    entry->second = {block, entry->second.order, std::move(report.text)};
}

/// By block, and within a block as they came up.
std::vector<const Reports::Found *> Reports::sorted() const {
  std::vector<const Found *> all;
  for (const auto &entry : found)
    all.push_back(&entry.second);
  std::sort(all.begin(), all.end(), [](const Found *a, const Found *b) {
    return std::tie(a->block, a->order) < std::tie(b->block, b->order);
  });
  return all;
}

std::string Reports::print() const {
  std::string text;
  std::vector<const Found *> all = sorted();
  for (size_t i = 0; i < std::min(all.size(), kPrinted); ++i)
    text += all[i]->text + "\n";
  if (all.size() > kPrinted)
    text += "emulator: " + std::to_string(all.size() - kPrinted) + " more reports\n";
  return text;
}

std::string posenc::emulator::position(uint64_t linear, const uint32_t size[3]) {
  uint64_t x = linear % size[0], y = linear / size[0] % size[1], z = linear / size[0] / size[1];
  return "(" + std::to_string(x) + "," + std::to_string(y) + "," + std::to_string(z) + ")";
}

std::string posenc::emulator::formatHex(uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof(text), "0x%llx", static_cast<unsigned long long>(value));
  return text;
}
