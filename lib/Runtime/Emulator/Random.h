//===- Random.h - Seeded numbers for schedules ------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_RANDOM_H
#define POSENC_LIB_RUNTIME_EMULATOR_RANDOM_H

#include <cstdint>

namespace posenc::emulator {

/// SplitMix64: the same numbers on every machine.
class Random {
public:
  explicit Random(uint64_t seed = 0, uint64_t stream = 0)
      : state(seed * 0x9e3779b97f4a7c15 + stream * 0xd1342543de82ef95) {}

  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
  unsigned below(unsigned bound) { return unsigned((next() >> 32) * bound >> 32); }
  bool oneIn(unsigned n) { return below(n) == 0; }

private:
  uint64_t state;
};

/// A permutation of [0, count) without a table, for the order of blocks.
class Permutation {
public:
  Permutation(uint64_t seed, uint64_t count);
  uint64_t operator()(uint64_t i) const {
    return uint64_t((static_cast<unsigned __int128>(i) * factor + offset) % count);
  }

private:
  uint64_t count, factor = 1, offset = 0;
};

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_RANDOM_H
