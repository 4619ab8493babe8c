//===- Fiber.cpp - Stacks and switches of emulated threads ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fiber.h"

#include <sys/mman.h>

using namespace posenc::emulator;

bool Stacks::reserve(unsigned wanted) {
  if (wanted <= count)
    return true;
  release();
  void *made = mmap(nullptr, wanted * kStride, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (made == MAP_FAILED)
    return false;
  memory = static_cast<char *>(made);
  count = wanted;
  for (unsigned i = 0; i < wanted; ++i)
    if (mprotect(memory + i * kStride, kPage, PROT_NONE) != 0) {
      release();
      return false;
    }
  return true;
}

Context Stacks::start(unsigned index, void (*entry)(Transfer)) const {
  // Different cache lines of their pages for the busy ends of the stacks.
  size_t colour = index * 9 % 64 * 64;
  return make_fcontext(low(index) + kUsable - colour, kUsable - colour, entry);
}

void Stacks::release() {
  if (memory)
    munmap(memory, count * kStride);
  memory = nullptr;
  count = 0;
}
