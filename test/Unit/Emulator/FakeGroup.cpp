//===- FakeGroup.cpp - A warp and its memory, for tests of models ---------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeGroup.h"

#include <cstring>
#include <sstream>

using namespace posenc::emulator;

void FakeBlock::allow(const void *address, size_t bytes) {
  ranges.push_back({static_cast<const char *>(address), bytes});
}

bool FakeBlock::isValid(const void *address, size_t bytes) const {
  auto *begin = static_cast<const char *>(address);
  for (auto &[start, size] : ranges)
    if (begin >= start && begin + bytes <= start + size)
      return true;
  return false;
}

/// Types of a list like `i32x4,bf16x2` with the number of scalars of each.
static std::vector<std::pair<std::string, unsigned>> parseTypes(const std::string &list) {
  std::vector<std::pair<std::string, unsigned>> types;
  std::istringstream stream(list);
  for (std::string item; std::getline(stream, item, ',');) {
    size_t times = item.find('x');
    types.push_back({item.substr(0, times),
                     times == item.npos ? 1 : unsigned(std::stoul(item.substr(times + 1)))});
  }
  return types;
}

static unsigned countScalars(const std::vector<std::pair<std::string, unsigned>> &types) {
  unsigned count = 0;
  for (auto &type : types)
    count += type.second;
  return count;
}

FakeGroup::FakeGroup(FakeBlock &block, std::string op, std::string attributes,
                     std::string signature, unsigned lanes, uint64_t mask)
    : block(block), op(std::move(op)), attributes(std::move(attributes)),
      signature(std::move(signature)) {
  this->lanes = lanes;
  this->mask = mask;
  raw = {this->op.c_str(),        "test:1:1", this->attributes.c_str(),
         this->signature.c_str(), 0,          POSENC_EMU_INSTRUCTION};
  size_t arrow = this->signature.find('>');
  operands = parseTypes(this->signature.substr(0, arrow));
  unsigned in = countScalars(operands);
  unsigned out = countScalars(parseTypes(this->signature.substr(arrow + 1)));
  slots.assign(lanes, std::vector<uint64_t>(in));
  operandPoison.assign(lanes, std::vector<bool>(in));
  results.assign(lanes, std::vector<uint64_t>(out, ~uint64_t(0)));
  resultPoison.assign(lanes, std::vector<bool>(out));
}

void FakeGroup::poison(unsigned lane, unsigned operand, unsigned element) {
  operandPoison[lane][offset(operand) + element] = true;
}

Outcome FakeGroup::run() {
  const Instruction *instruction = findInstruction(op);
  if (!instruction) {
    reports.push_back("no model");
    return Outcome::Done;
  }
  if (!instruction->tracksPoison)
    for (unsigned lane = 0; lane < lanes; ++lane)
      for (bool undefined : operandPoison[lane])
        if (present(lane) && undefined) {
          report(lane, "poison reaches an instruction");
          return Outcome::Done;
        }
  return instruction->run(*this);
}

const char *FakeGroup::refusal() const {
  const Instruction *instruction = findInstruction(op);
  if (!instruction)
    return "no model";
  return instruction->refuse ? instruction->refuse(raw) : nullptr;
}

const char *FakeGroup::lacking(std::string_view chip) const {
  const Instruction *instruction = findInstruction(op);
  return instruction && instruction->lacks ? instruction->lacks(raw, chip) : nullptr;
}

std::string_view FakeGroup::attribute(std::string_view name) const {
  std::string_view rest = attributes;
  while (!rest.empty()) {
    std::string_view item = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    if (item.substr(0, item.find('=')) == name)
      return item.substr(item.find('=') + 1);
  }
  return {};
}

bool FakeGroup::isPoison(unsigned lane, unsigned operand, unsigned element) const {
  return operandPoison[lane][offset(operand) + element];
}

void FakeGroup::setPoison(unsigned lane, unsigned element) {
  resultPoison[lane][element] = true;
}

bool FakeGroup::check(unsigned lane, const char *what, const void *address, size_t bytes) {
  if (block.isValid(address, bytes))
    return true;
  report(lane, std::string("out-of-bounds ") + what);
  return false;
}

bool FakeGroup::load(unsigned lane, const void *address, void *to, size_t bytes) {
  if (!check(lane, "read", address, bytes))
    return false;
  std::memcpy(to, address, bytes);
  return true;
}

bool FakeGroup::store(unsigned lane, void *address, const void *from, size_t bytes) {
  if (!check(lane, "write", address, bytes))
    return false;
  std::memcpy(address, from, bytes);
  return true;
}

bool FakeGroup::atomic(unsigned lane, void *address, size_t bytes) {
  return check(lane, "atomic access", address, bytes);
}

void FakeGroup::beginCopy(unsigned lane, void *to, const void *from, size_t bytes,
                          size_t zeroFilled) {
  if (check(lane, "write", to, bytes + zeroFilled) && check(lane, "read", from, bytes))
    block.loose[lane].push_back(
        {lane, static_cast<char *>(to), static_cast<const char *>(from), bytes, zeroFilled});
}

void FakeGroup::commitCopies(unsigned lane) {
  block.groups[lane].push_back(std::move(block.loose[lane]));
  block.loose[lane].clear();
}

static void finish(const std::vector<FakeCopy> &copies) {
  for (const FakeCopy &copy : copies) {
    std::memcpy(copy.to, copy.from, copy.bytes);
    std::memset(copy.to + copy.bytes, 0, copy.zeroFilled);
  }
}

void FakeGroup::waitCopies(unsigned lane, unsigned pending) {
  auto &groups = block.groups[lane];
  while (groups.size() > pending) {
    finish(groups.front());
    groups.erase(groups.begin());
  }
}

void FakeGroup::record(const char *what, unsigned lane, const void *object) {
  auto *at = static_cast<const char *>(object);
  std::string key = block.base && at >= block.base && at < block.base + 4096
                        ? std::to_string(at - block.base)
                        : "elsewhere";
  block.events.push_back(std::string(what) + " " + std::to_string(lane) + " " + key);
}

void FakeGroup::arriveAfterCopies(unsigned lane, void *object) {
  for (auto &group : block.groups[lane])
    finish(group);
  finish(block.loose[lane]);
  block.groups[lane].clear();
  block.loose[lane].clear();
  record("copied", lane, object);
}

void FakeGroup::release(unsigned lane, const void *object) { record("release", lane, object); }
void FakeGroup::acquire(unsigned lane, const void *object) { record("acquire", lane, object); }
void FakeGroup::orderLanes() { block.events.push_back("order lanes"); }

uint64_t *FakeGroup::state(const void *object, unsigned words) {
  auto &state = block.states[object];
  if (state.size() < words)
    state.resize(words);
  return state.data();
}

void FakeGroup::report(unsigned lane, const std::string &what) {
  reports.push_back(std::to_string(lane) + ": " + what);
}

void FakeGroup::count(posenc_emu_class class_, uint64_t operations) {
  block.counts[class_] += operations;
}

unsigned FakeGroup::offset(unsigned operand) const {
  unsigned offset = 0;
  for (unsigned i = 0; i < operand; ++i)
    offset += operands[i].second;
  return offset;
}

const uint64_t *FakeGroup::operandSlot(unsigned lane, unsigned operand,
                                       unsigned element) const {
  return &slots.at(lane).at(offset(operand) + element);
}

uint64_t *FakeGroup::resultSlot(unsigned lane, unsigned element) {
  return &results.at(lane).at(element);
}
