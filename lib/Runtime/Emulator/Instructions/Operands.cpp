//===- Operands.cpp - Reading a site's attributes and signature ----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Operands.h"

#include <algorithm>
#include <charconv>

using namespace posenc::emulator;

/// Cuts off what comes before `separator`.
static std::string_view next(std::string_view &rest, char separator) {
  size_t end = std::min(rest.find(separator), rest.size());
  std::string_view item = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return item;
}

static std::string_view trim(std::string_view text) {
  size_t begin = text.find_first_not_of(' ');
  if (begin == text.npos)
    return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

std::string_view posenc::emulator::attribute(const posenc_emu_site &site,
                                             std::string_view name) {
  std::string_view rest = site.attributes ? site.attributes : "";
  while (!rest.empty()) {
    std::string_view item = next(rest, ';');
    if (trim(item.substr(0, item.find('='))) == name)
      return item.find('=') == item.npos ? "unit" : trim(item.substr(item.find('=') + 1));
  }
  return {};
}

std::string_view posenc::emulator::keyword(std::string_view attribute) {
  size_t begin = attribute.find('<'), end = attribute.rfind('>');
  if (begin != attribute.npos && end != attribute.npos && begin < end)
    attribute = trim(attribute.substr(begin + 1, end - begin - 1));
  size_t space = attribute.rfind(' ');
  return space == attribute.npos ? attribute : attribute.substr(space + 1);
}

int64_t posenc::emulator::integer(std::string_view attribute, int64_t otherwise) {
  int64_t value = otherwise;
  std::from_chars(attribute.data(), attribute.data() + attribute.size(), value);
  return value;
}

int64_t posenc::emulator::parameter(std::string_view attribute, std::string_view name) {
  size_t begin = std::min(attribute.find('<'), attribute.size());
  std::string_view rest = attribute.substr(begin, attribute.rfind('>') - begin);
  if (!rest.empty())
    rest.remove_prefix(1);
  while (!rest.empty()) {
    std::string_view item = next(rest, ',');
    size_t equal = item.find('=');
    if (equal != item.npos && trim(item.substr(0, equal)) == name)
      return integer(trim(item.substr(equal + 1)), -1);
  }
  return -1;
}

bool posenc::emulator::isSet(std::string_view attribute) {
  return attribute == "unit" || attribute.substr(0, 4) == "true";
}

/// How many types a list like `i32x4,bf16x2` has.
static unsigned countTypes(std::string_view list) {
  return list.empty() ? 0 : unsigned(std::count(list.begin(), list.end(), ',') + 1);
}

static std::string_view results(const posenc_emu_site &site) {
  std::string_view signature = site.signature;
  next(signature, '>');
  return signature;
}

unsigned posenc::emulator::operandCount(const posenc_emu_site &site) {
  std::string_view signature = site.signature;
  return countTypes(next(signature, '>'));
}

unsigned posenc::emulator::resultCount(const posenc_emu_site &site) {
  std::string_view rest = results(site);
  unsigned count = 0;
  while (!rest.empty()) {
    std::string_view type = next(rest, ',');
    size_t times = type.find('x');
    count += times == type.npos ? 1 : unsigned(integer(type.substr(times + 1), 1));
  }
  return count;
}

std::string_view posenc::emulator::resultType(const posenc_emu_site &site, unsigned result) {
  std::string_view rest = results(site), type;
  for (unsigned i = 0; i <= result; ++i)
    type = next(rest, ',');
  return type.substr(0, type.find('x'));
}

std::string posenc::emulator::hex(uint64_t value) {
  char digits[16];
  auto end = std::to_chars(digits, digits + sizeof(digits), value, 16).ptr;
  return "0x" + std::string(digits, end);
}
