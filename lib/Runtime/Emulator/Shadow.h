//===- Shadow.h - What the emulator knows of each byte of memory ------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_SHADOW_H
#define POSENC_LIB_RUNTIME_EMULATOR_SHADOW_H

#include <atomic>
#include <cstdint>
#include <cstring>

namespace posenc::emulator {

/// State of a byte.
enum ByteState : uint8_t {
  Gap = 0,       ///< no buffer
  Undefined = 1, ///< of a buffer, never written
  Defined = 2,
  Freed = 3,
  Copying = 4, ///< an asynchronous copy will write it
  Read = 5,    ///< defined, and an asynchronous copy still reads it
};

/// Whether all `bytes` states from `state` on are `value`.
inline bool allAre(const uint8_t *state, uint64_t bytes, uint8_t value) {
  const uint64_t eight = value * 0x0101010101010101ull;
  uint64_t wide, more;
  uint32_t word;
  uint16_t half;
  switch (bytes) {
  case 1:
    return *state == value;
  case 2:
    std::memcpy(&half, state, 2);
    return half == uint16_t(eight);
  case 4:
    std::memcpy(&word, state, 4);
    return word == uint32_t(eight);
  case 8:
    std::memcpy(&wide, state, 8);
    return wide == eight;
  case 16:
    std::memcpy(&wide, state, 8);
    std::memcpy(&more, state + 8, 8);
    return wide == eight && more == eight;
  default:
    for (uint64_t i = 0; i < bytes; ++i)
      if (state[i] != value)
        return false;
    return true;
  }
}

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_SHADOW_H
