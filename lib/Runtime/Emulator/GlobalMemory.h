//===- GlobalMemory.h - Emulated device memory ------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// One reserved range of addresses. Beside it lies one byte of state per byte, and the
// cells of the race checker: both at a fixed distance, and touched only where kernels
// touch the memory. Allocations lie apart, and what was freed is not handed out again
// for a while.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_GLOBALMEMORY_H
#define POSENC_LIB_RUNTIME_EMULATOR_GLOBALMEMORY_H

#include "Shadow.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace posenc::emulator {

class GlobalMemory {
public:
  /// Without checks there is no shadow.
  explicit GlobalMemory(bool checks);
  ~GlobalMemory();
  GlobalMemory(const GlobalMemory &) = delete;
  GlobalMemory &operator=(const GlobalMemory &) = delete;

  bool reserved() const { return base != nullptr; }

  /// Null without memory. `isDefined`: reads of it are never of uninitialised memory.
  void *allocate(uint64_t bytes, bool isDefined);
  /// False if there is no such allocation.
  bool release(void *memory);
  /// False and `error` where a device side is not within one allocation.
  bool copy(void *to, const void *from, uint64_t bytes, std::string &error);
  /// `count` elements of `width` bytes.
  bool set(void *memory, uint32_t value, uint32_t width, uint64_t count, std::string &error);

  bool contains(const void *address) const {
    return uint64_t(static_cast<const char *>(address) - base) < capacity;
  }
  uint64_t offset(const void *address) const {
    return uint64_t(static_cast<const char *>(address) - base);
  }
  uint8_t *state(uint64_t offset) { return states + offset; }
  std::atomic<uint64_t> *words(uint64_t offset) { return wordCells + offset / 4 * 2; }
  std::atomic<uint64_t> *bytes(uint64_t offset) { return byteCells + offset * 2; }
  std::atomic<uint32_t> *sites(uint64_t offset) { return siteCells + offset / 4 * 2; }

  /// "global+0x40 (allocation of 4096 bytes)", from the allocation's begin.
  std::string describe(const void *address);
  /// After a kernel whose accesses were not seen: all of it may have been written.
  void defineAll();
  /// Forgets all accesses, so that tags of launches can start anew.
  void forgetAccesses();

private:
  struct Range {
    uint64_t begin, bytes, reserved;
    bool isFreed;
  };
  using Ranges = std::map<uint64_t, Range>; ///< by begin

  bool map(uint64_t wanted, bool checks);
  void unmap();
  uint64_t place(uint64_t reserved);
  void recycle(uint64_t begin);
  Ranges::iterator find(const void *address);
  bool check(const void *address, uint64_t bytes, const char *what, std::string &error);

  char *base = nullptr;
  uint64_t capacity = 0, top = 0;
  uint8_t *states = nullptr;
  std::atomic<uint64_t> *wordCells = nullptr, *byteCells = nullptr;
  std::atomic<uint32_t> *siteCells = nullptr;

  std::mutex lock;
  Ranges ranges;
  std::map<uint64_t, uint64_t> holes; ///< begin to bytes
  std::deque<uint64_t> quarantine;    ///< freed ranges, oldest first
  uint64_t quarantined = 0;
};

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_GLOBALMEMORY_H
