//===- Copies.cpp - Asynchronous copies -------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// A copy happens as late as it may: when its thread waits for it. From its begin on its
// target may not be touched and its source not be written. The target counts as
// written by the thread, at the begin and at the end.
//===----------------------------------------------------------------------===//

#include "Block.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

using namespace posenc::emulator;

void Block::beginCopy(Thread &t, uint32_t site, void *to, const void *from, uint64_t bytes,
                      uint64_t zeroFilled) {
  Copy copy{static_cast<char *>(to),
            static_cast<const char *>(from),
            bytes,
            zeroFilled,
            site,
            t.copyGroup};
  if (!launch->checks())
    return finishCopy(t, copy);
  if (bytes && !access<AccessKind::Read>(t, from, bytes, site, 1))
    return;
  if (!access<AccessKind::Write>(t, to, bytes + zeroFilled, site, 1))
    return;
  mark(copy.to, copy.size(), Defined, Copying);
  // Device memory is read by too many to be marked.
  if (shared.contains(from))
    mark(copy.from, bytes, Defined, Read);
  t.copies.push_back(copy);
  if (pendingCopies++ == 0) {
    firstSource = copy.from;
    lastSource = copy.from;
  }
  firstSource = std::min(firstSource, copy.from);
  lastSource = std::max(lastSource, copy.from + copy.bytes);
}

uint8_t *Block::stateOf(const void *address) {
  if (shared.contains(address))
    return shared.state(shared.offset(address));
  return global->contains(address) ? global->state(global->offset(address)) : nullptr;
}

void Block::mark(const char *address, uint64_t bytes, uint8_t before, uint8_t after) {
  if (uint8_t *state = stateOf(address))
    std::replace(state, state + bytes, before, after);
}

void Block::finishCopy(Thread &t, const Copy &copy) {
  std::memcpy(copy.to, copy.from, copy.bytes);
  std::memset(copy.to + copy.bytes, 0, copy.zeroFilled);
  if (!launch->checks())
    return;
  mark(copy.to, copy.size(), Copying, Defined);
  if (shared.contains(copy.from))
    mark(copy.from, copy.bytes, Read, Defined);
  // Seen by others only after they are ordered after the wait.
  if (shared.contains(copy.to))
    sharedRaces.access<true>(t.id, shared.offset(copy.to), copy.size(), copy.site);
  else if (global->contains(copy.to))
    globalRaces.access<AccessKind::Write>(t.id, global->offset(copy.to), copy.size(),
                                          copy.site);
  --pendingCopies;
}

void Block::waitCopies(Thread &t, uint64_t pending) {
  uint64_t end = t.copyGroup > pending ? t.copyGroup - pending : 0;
  auto first = t.copies.begin(), last = first;
  while (last != t.copies.end() && last->group < end)
    finishCopy(t, *last++);
  t.copies.erase(first, last);
}

void Block::finishCopies(Thread &t) {
  for (const Copy &copy : t.copies)
    finishCopy(t, copy);
  t.copies.clear();
}

/// A thread exits: nothing may be on its way.
void Block::checkCopies(Thread &t) {
  if (t.copies.empty())
    return;
  report(t, t.copies.front().site, "asynchronous copy that is never waited for",
         describe(t.copies.front().to));
  finishCopies(t);
}

/// A write to memory of the device: no copy of the block may still read it.
void Block::checkSources(Thread &t, const void *address, uint64_t bytes, uint32_t site) {
  const char *begin = static_cast<const char *>(address), *end = begin + bytes;
  if (begin >= lastSource || end <= firstSource)
    return;
  for (unsigned i = 0; i < launch->threads; ++i)
    for (const Copy &copy : threads[i].copies)
      if (begin < copy.from + copy.bytes && copy.from < end)
        return report(t, site, "write to memory that an asynchronous operation still reads",
                      describe(address), /*fatal=*/false, copy.site,
                      "the copy, begun by " + name(threads[i]));
}

/// An access to the target of a copy, or a write to its source in shared memory.
void Block::reportCopy(Thread &t, uint32_t site, const char *address, AccessKind kind) {
  for (unsigned i = 0; i < launch->threads; ++i)
    for (const Copy &copy : threads[i].copies) {
      bool isTarget = address >= copy.to && address < copy.to + copy.size();
      if (!isTarget && !(address >= copy.from && address < copy.from + copy.bytes))
        continue;
      std::string what = "read of memory that an asynchronous copy still writes";
      if (kind != AccessKind::Read)
        what = std::string("write to memory that an asynchronous operation still ") +
               (isTarget ? "writes" : "reads");
      return report(t, site, what, describe(address), /*fatal=*/false, copy.site,
                    "the copy, begun by " + name(threads[i]));
    }
}
