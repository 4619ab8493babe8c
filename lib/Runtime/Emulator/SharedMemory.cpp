//===- SharedMemory.cpp - Shared memory of an emulated block ----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SharedMemory.h"

#include "Report.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include <sys/mman.h>

using namespace posenc::emulator;

/// The window with one of the same size unmapped on both sides, and room to align it.
static constexpr uint64_t kMapped = 4 * SharedMemory::kWindow;
/// States, word cells, byte cells.
static constexpr uint64_t kShadow = (1 + 4 + 16) * SharedMemory::kWindow;
/// Between static and dynamic memory, and what the latter is aligned to.
static constexpr uint64_t kGap = 256, kAlignment = 1024;

SharedMemory::~SharedMemory() {
  if (mapping)
    munmap(mapping, kMapped);
  if (states)
    munmap(states, kShadow);
}

static void *map(uint64_t bytes, int protection) {
  void *made =
      mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return made == MAP_FAILED ? nullptr : made;
}

bool SharedMemory::reserve(std::string &error) {
  error = "out of memory: no shared memory for a block";
  if (!mapping) {
    mapping = static_cast<char *>(map(kMapped, PROT_NONE));
    if (!mapping)
      return false;
    uint64_t aligned = (reinterpret_cast<uint64_t>(mapping) + 2 * kWindow - 1) & ~(kWindow - 1);
    base = reinterpret_cast<char *>(aligned);
    if (mprotect(base, kWindow, PROT_READ | PROT_WRITE) != 0)
      return false;
  }
  if (checks && !states) {
    states = static_cast<uint8_t *>(map(kShadow, PROT_READ | PROT_WRITE));
    if (!states)
      return false;
    wordCells = reinterpret_cast<uint64_t *>(states + kWindow);
    byteCells = reinterpret_cast<uint64_t *>(states + 5 * kWindow);
  }
  error.clear();
  return true;
}

bool SharedMemory::layOut(const posenc_emu_module &module, uint32_t dynamic, bool checked,
                          std::string &error) {
  image = &module;
  checks = checked;
  dynamicBytes = dynamic;
  dynamicOffset = 0;
  if (module.shared_bytes)
    dynamicOffset = (module.shared_bytes + kGap + kAlignment - 1) / kAlignment * kAlignment;
  end = dynamicOffset + dynamic;
  if (module.shared_bytes > kWindow || end > kWindow) {
    error = "expected at most " + std::to_string(kWindow) + " bytes of shared memory but got " +
            std::to_string(module.shared_bytes) + " and " + std::to_string(dynamic);
    return false;
  }
  if (!reserve(error) || !checks)
    return error.empty();
  std::memset(states, Gap, marked);
  marked = end;
  fresh.assign(end, Gap);
  for (uint32_t i = 0; i < module.shared_count; ++i)
    std::fill_n(fresh.begin() + module.shared[i].offset, module.shared[i].bytes, Undefined);
  std::fill_n(fresh.begin() + dynamicOffset, dynamic, Undefined);
  return true;
}

void SharedMemory::reset() {
  if (!checks || !end)
    return;
  std::memcpy(states, fresh.data(), end);
  std::memset(wordCells, 0, (end + 3) / 4 * 2 * sizeof(uint64_t));
  // What is read before it is written is the same, and not a number, in every block.
  std::memset(base, 0xff, end);
}

std::string SharedMemory::describe(const void *address) const {
  auto at = int64_t(offset(address));
  std::string text =
      at < 0 ? "shared-" + formatHex(uint64_t(-at)) : "shared+" + formatHex(uint64_t(at));
  for (uint32_t i = 0; i < image->shared_count; ++i) {
    const posenc_emu_shared &buffer = image->shared[i];
    if (uint64_t(at) >= buffer.offset && uint64_t(at) < buffer.offset + buffer.bytes)
      return text + " (buffer " + buffer.name + ")";
  }
  if (uint64_t(at) >= dynamicOffset && uint64_t(at) < dynamicOffset + dynamicBytes)
    return text + " (dynamic shared memory)";
  return text + " (no buffer)";
}
