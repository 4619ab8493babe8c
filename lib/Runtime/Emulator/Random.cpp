//===- Random.cpp - Seeded numbers for schedules ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Random.h"

#include <numeric>

using namespace posenc::emulator;

Permutation::Permutation(uint64_t seed, uint64_t count) : count(count) {
  if (seed == 0 || count < 2)
    return;
  Random random(seed);
  offset = random.next() % count;
  do
    factor = random.next() % count;
  while (std::gcd(factor, count) != 1);
}
