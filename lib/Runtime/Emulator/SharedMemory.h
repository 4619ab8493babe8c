//===- SharedMemory.h - Shared memory of an emulated block ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// A window of addresses whose low 18 bits count from 0, as kernels that make 32-bit
// shared addresses expect, with unmapped space around it: the module's static buffers
// as the module lays them out, a gap, and what the launch asks for in addition.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_SHAREDMEMORY_H
#define POSENC_LIB_RUNTIME_EMULATOR_SHAREDMEMORY_H

#include "Shadow.h"

#include "posenc/Runtime/Emulator/EmulatedCode.h"

#include <cstdint>
#include <string>
#include <vector>

namespace posenc::emulator {

class SharedMemory {
public:
  static constexpr uint64_t kWindow = 1 << 18;

  SharedMemory() = default;
  ~SharedMemory();
  SharedMemory(const SharedMemory &) = delete;
  SharedMemory &operator=(const SharedMemory &) = delete;

  /// For the blocks of a launch; false and `error` if it does not fit.
  bool layOut(const posenc_emu_module &image, uint32_t dynamicBytes, bool checks,
              std::string &error);
  /// For the next block: everything is uninitialised.
  void reset();

  char *staticBase() const { return base; }
  char *dynamicBase() const { return base + dynamicOffset; }
  uint64_t used() const { return end; }

  /// Whether the address is in the window, which is more than the buffers.
  bool contains(const void *address) const { return offset(address) < kWindow; }
  /// Also just outside of it, where wrong indices lead.
  bool isNear(const void *address) const { return offset(address) + kWindow < 3 * kWindow; }
  uint64_t offset(const void *address) const {
    return uint64_t(static_cast<const char *>(address) - base);
  }
  uint8_t *state(uint64_t offset) { return states + offset; }
  uint64_t *word(uint64_t offset) { return wordCells + offset / 4 * 2; }
  uint64_t *byte(uint64_t offset) { return byteCells + offset * 2; }

  /// "shared+0x40 (buffer NAME)".
  std::string describe(const void *address) const;

private:
  bool reserve(std::string &error);

  char *mapping = nullptr, *base = nullptr;
  uint8_t *states = nullptr;
  uint64_t *wordCells = nullptr, *byteCells = nullptr;
  const posenc_emu_module *image = nullptr;
  uint64_t dynamicOffset = 0, dynamicBytes = 0, end = 0;
  uint64_t marked = 0; ///< bytes whose states an earlier launch may have set
  bool checks = false;
  std::vector<uint8_t> fresh; ///< states of an unused block
};

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_SHAREDMEMORY_H
