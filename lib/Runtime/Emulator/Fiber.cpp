//===- Fiber.cpp - Stacks and switches of emulated threads ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fiber.h"

#include <cstddef>
#include <cstdint>

#include <sys/mman.h>

using namespace posenc::emulator;

static void *map(size_t bytes) {
  void *made = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return made == MAP_FAILED ? nullptr : made;
}

bool Stacks::reserve(unsigned wanted) {
  if (wanted <= count)
    return true;
  release();
  memory = static_cast<char *>(map(wanted * kStride));
  if (!memory)
    return false;
  count = wanted;
  for (unsigned i = 0; i < wanted; ++i)
    if (mprotect(memory + i * kStride, kPage, PROT_NONE) != 0) {
      release();
      return false;
    }
  return true;
}

uint8_t *Stacks::states() {
  if (!shadow)
    shadow = static_cast<uint8_t *>(map(count * kStride));
  return shadow;
}

void Stacks::clearStates() {
  if (shadow)
    madvise(shadow, count * kStride, MADV_DONTNEED);
}

Context Stacks::start(unsigned index, void (*entry)(Transfer)) const {
  // Different cache lines of their pages for the busy ends of the stacks.
  size_t colour = index * 9 % 64 * 64;
  return make_fcontext(low(index) + kUsable - colour, kUsable - colour, entry);
}

void Stacks::release() {
  if (memory)
    munmap(memory, count * kStride);
  if (shadow)
    munmap(shadow, count * kStride);
  memory = nullptr;
  shadow = nullptr;
  count = 0;
}
