//===- AMDChips.cpp - Which of AMD's chips has an instruction ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AMDChips.h"

#include "Masks.h"
#include "Operands.h"

#include <map>
#include <mutex>
#include <string>

using namespace posenc::emulator;

unsigned posenc::emulator::chipSet(std::string_view chip) {
  if (chip.substr(0, 3) != "gfx")
    return 0;
  std::string_view name = chip.substr(3);
  if (name.size() == 4) // Major version, then minor version and stepping.
    return name.substr(0, 2) == "10"          ? kGfx10
           : name.substr(0, 2) == "11"        ? kGfx11
           : name == "1200" || name == "1201" ? kGfx12
                                              : 0;
  if (name == "908")
    return kGfx908;
  if (name == "90a")
    return kGfx90a;
  if (name == "942")
    return kGfx942;
  if (name == "950")
    return kGfx950;
  return name.size() == 3 && name[0] == '9' ? kOldGCN : 0;
}

const char *posenc::emulator::chipNames(unsigned chips) {
  static std::mutex mutex;
  static std::map<unsigned, std::string> texts;
  std::lock_guard<std::mutex> lock(mutex);
  std::string &text = texts[chips];
  if (!text.empty())
    return text.c_str();
  static const char *const names[] = {"gfx900", "gfx908", "gfx90a", "gfx942",
                                      "gfx950", "gfx10",  "gfx11",  "gfx12"};
  for (unsigned bit = 0; bit < 8; ++bit)
    if (chips >> bit & 1)
      text += (text.empty()         ? ""
               : chips >> (bit + 1) ? ", "
                                    : " or ") +
              std::string(names[bit]);
  return text.c_str();
}

int64_t posenc::emulator::immediate(const Group &group, std::string_view attribute,
                                    unsigned operand) {
  if (std::string_view(group.site().op).substr(0, 5) == "llvm.")
    return group.get<int32_t>(firstLane(group), operand);
  std::string_view text = group.attribute(attribute);
  return text == "true" ? 1 : integer(text);
}

bool posenc::emulator::checkWholeWave(Group &group) {
  std::string missing;
  for (unsigned lane = 0; lane < group.size(); ++lane)
    if (!group.present(lane))
      missing += (missing.empty() ? "" : ", ") + std::to_string(lane);
  if (missing.empty())
    return true;
  group.report(firstLane(group),
               std::string("lanes missing from ") + group.site().op + ": " + missing);
  return false;
}

bool posenc::emulator::checkUniform(Group &group, unsigned operand, unsigned element,
                                    const char *what) {
  unsigned first = firstLane(group);
  uint64_t expected = scalarBits(group, first, operand, element);
  bool good = true;
  forEachLane(group, [&](unsigned lane) {
    uint64_t value = scalarBits(group, lane, operand, element);
    if (!good || value == expected)
      return;
    group.report(lane, std::string("expected ") + what + " to be the same in all lanes, " +
                           hex(expected) + ", but got " + hex(value));
    good = false;
  });
  return good;
}

unsigned posenc::emulator::firstLane(const Group &group) {
  unsigned lane = 0;
  while (lane + 1 < group.size() && !group.present(lane))
    ++lane;
  return lane;
}

uint64_t posenc::emulator::scalarBits(const Group &group, unsigned lane, unsigned operand,
                                      unsigned element) {
  uint64_t bits = group.get<uint64_t>(lane, operand, element);
  unsigned bytes = bytesOf(group.type(operand));
  return bytes < 8 ? bits & ((uint64_t(1) << (8 * bytes)) - 1) : bits;
}

unsigned posenc::emulator::bytesOf(std::string_view type) {
  if (type == "bf16")
    return 2;
  if (type.substr(0, 3) == "ptr")
    return 8;
  if (type.size() < 2 || (type[0] != 'i' && type[0] != 'f'))
    return 0;
  unsigned bits = 0;
  for (char digit : type.substr(1))
    bits = digit >= '0' && digit <= '9' ? bits * 10 + unsigned(digit - '0') : 0;
  return (bits + 7) / 8;
}
