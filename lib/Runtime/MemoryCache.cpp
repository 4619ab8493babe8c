//===- MemoryCache.cpp - Device memory that is used again -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MemoryCache.h"

using namespace posenc::runtime;

/// Sizes in steps of an eighth of the next lower power of two: at most 12.5 % are
/// wasted, and tensors of similar sizes share blocks.
static uint64_t roundSize(uint64_t bytes) {
  constexpr uint64_t smallest = 512, steps = 8;
  uint64_t power = smallest;
  while (power <= bytes / 2)
    power *= 2;
  uint64_t step = power < smallest * steps ? smallest : power / steps;
  uint64_t rounded = (bytes + step - 1) / step * step;
  return rounded < bytes ? bytes : rounded;
}

posenc_status MemoryCache::allocate(uint64_t bytes, void *stream, void **memory) {
  bytes = roundSize(bytes);
  std::lock_guard<std::mutex> lock(mutex);
  auto found = idle.find({stream, bytes});
  if (found != idle.end() && !found->second.empty()) {
    void *block = found->second.back();
    used.emplace(block, bytes);
    found->second.pop_back();
    *memory = block;
    return POSENC_OK;
  }
  posenc_status status = backend->mem_alloc(device, bytes, nullptr, 0, memory);
  if (status == POSENC_ERROR_OUT_OF_MEMORY && !idle.empty()) {
    trimLocked();
    status = backend->mem_alloc(device, bytes, nullptr, 0, memory);
  }
  if (status)
    return status;
  try {
    used.emplace(*memory, bytes);
  } catch (...) {
    backend->mem_free(device, *memory, nullptr);
    throw;
  }
  return POSENC_OK;
}

bool MemoryCache::release(void *memory, void *stream) {
  std::lock_guard<std::mutex> lock(mutex);
  auto found = used.find(memory);
  if (found == used.end())
    return false;
  idle[{stream, found->second}].push_back(memory);
  used.erase(found);
  return true;
}

bool MemoryCache::handOver(void *memory) {
  std::lock_guard<std::mutex> lock(mutex);
  return used.erase(memory) != 0;
}

void MemoryCache::trim() {
  std::lock_guard<std::mutex> lock(mutex);
  trimLocked();
}

void MemoryCache::trimLocked() {
  // A null stream waits for whatever still uses a block.
  for (auto &[key, blocks] : idle)
    for (void *block : blocks)
      backend->mem_free(device, block, nullptr);
  idle.clear();
}
