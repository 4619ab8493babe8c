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

/// The greatest power of two that divides the size, at most 16.
static uint32_t alignmentOf(size_t bytes) {
  return bytes ? uint32_t(std::min<size_t>(bytes & -bytes, 16)) : 1;
}

bool WarpGroup::load(unsigned lane, const void *address, void *to, size_t bytes) {
  if (block.counts())
    block.logAccess(thread(lane), address, bytes, group.site->index, /*isWrite=*/false);
  if (block.launch->checks() &&
      !block.access<AccessKind::Read>(thread(lane), address, bytes, group.site->index,
                                      alignmentOf(bytes)))
    return false;
  std::memcpy(to, address, bytes);
  return true;
}

bool WarpGroup::store(unsigned lane, void *address, const void *from, size_t bytes) {
  if (block.counts())
    block.logAccess(thread(lane), address, bytes, group.site->index, /*isWrite=*/true);
  if (block.launch->checks() &&
      !block.access<AccessKind::Write>(thread(lane), address, bytes, group.site->index,
                                       alignmentOf(bytes)))
    return false;
  std::memcpy(address, from, bytes);
  return true;
}

bool WarpGroup::atomic(unsigned lane, void *address, size_t bytes) {
  if (block.counts())
    block.logAccess(thread(lane), address, bytes, group.site->index, /*isWrite=*/true);
  return !block.launch->checks() ||
         block.access<AccessKind::Atomic>(thread(lane), address, bytes, group.site->index,
                                          alignmentOf(bytes));
}

void WarpGroup::beginCopy(unsigned lane, void *to, const void *from, size_t bytes,
                          size_t zeroFilled) {
  if (block.counts()) {
    block.logAccess(thread(lane), from, bytes, group.site->index, /*isWrite=*/false);
    block.logAccess(thread(lane), to, bytes + zeroFilled, group.site->index, /*isWrite=*/true);
  }
  block.beginCopy(thread(lane), group.site->index, to, from, bytes, zeroFilled);
}

void WarpGroup::commitCopies(unsigned lane) { ++thread(lane).copyGroup; }

void WarpGroup::waitCopies(unsigned lane, unsigned pending) {
  block.waitCopies(thread(lane), pending);
}

void WarpGroup::arriveAfterCopies(unsigned lane, void *object) {
  block.finishCopies(thread(lane));
  release(lane, object);
}

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
