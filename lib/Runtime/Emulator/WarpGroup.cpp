//===- WarpGroup.cpp - The threads that execute an instruction --------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WarpGroup.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

using namespace posenc::emulator;

unsigned WarpGroup::elements(unsigned operand) const {
  const auto &operands = group.site->operands;
  return operand < operands.size() ? operands[operand].count : 0;
}

std::string_view WarpGroup::type(unsigned operand) const {
  const auto &operands = group.site->operands;
  return operand < operands.size() ? operands[operand].type : std::string_view();
}

bool WarpGroup::isPoison(unsigned lane, unsigned operand, unsigned element) const {
  const uint8_t *poison = thread(lane).pending.operandPoison;
  return poison && poison[group.site->operands[operand].first + element];
}

void WarpGroup::setPoison(unsigned lane, unsigned element) {
  if (uint8_t *poison = thread(lane).pending.resultPoison)
    poison[element] = 1;
}

bool WarpGroup::load(unsigned lane, const void *address, void *to, size_t bytes) {
  std::memcpy(to, address, bytes);
  return lane < lanes;
}

bool WarpGroup::store(unsigned lane, void *address, const void *from, size_t bytes) {
  std::memcpy(address, from, bytes);
  return lane < lanes;
}

bool WarpGroup::atomic(unsigned lane, void *, size_t) { return lane < lanes; }

void WarpGroup::beginCopy(unsigned, void *to, const void *from, size_t bytes,
                          size_t zeroFilled) {
  std::memcpy(to, from, bytes);
  std::memset(static_cast<char *>(to) + bytes, 0, zeroFilled);
}

void WarpGroup::commitCopies(unsigned) {}
void WarpGroup::waitCopies(unsigned, unsigned) {}
void WarpGroup::arriveAfterCopies(unsigned lane, void *object) { release(lane, object); }

void WarpGroup::release(unsigned lane, const void *object) {
  block.clocks.release(base + lane, object);
}

void WarpGroup::acquire(unsigned lane, const void *object) {
  block.clocks.acquire(base + lane, object);
}

void WarpGroup::orderLanes() {
  unsigned ids[64], count = 0;
  for (unsigned lane = 0; lane < lanes; ++lane)
    if (present(lane))
      ids[count++] = base + lane;
  block.clocks.order(ids, count);
}

void WarpGroup::report(unsigned lane, const std::string &what) {
  block.report(thread(lane), group.site->index, what);
}

void WarpGroup::count(posenc_emu_class class_, uint64_t operations) {
  for (unsigned lane = 0; lane < lanes; ++lane)
    if (present(lane)) {
      thread(lane).counts[class_] += operations;
      return;
    }
}
