//===- Watch.cpp - Whether a thread only repeats itself ---------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Watch.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

using namespace posenc::emulator;

uint64_t posenc::emulator::hashBytes(const void *bytes, uint64_t count, uint64_t seed) {
  const char *at = static_cast<const char *>(bytes);
  for (uint64_t word; count;
       at += std::min<uint64_t>(count, 8), count -= std::min<uint64_t>(count, 8)) {
    word = 0;
    std::memcpy(&word, at, std::min<uint64_t>(count, 8));
    seed = (seed ^ word) * 0x9e3779b97f4a7c15;
    seed ^= seed >> 32;
  }
  return seed;
}

void Watch::start() {
  on = true;
  count = fresh = 0;
  polls = turn = 0;
  written = {};
}

bool Watch::repeats(const Step &step) {
  // Before this step the last one has had its effect.
  bool changed = written.address &&
                 hashBytes(written.address, written.bytes, written.site) != written.values;
  written = step.writes ? step : Step{};
  unsigned i = 0, known = std::min(count, kPlaces);
  while (i < known && (steps[i].site != step.site || steps[i].address != step.address))
    ++i;
  bool isSame = i < known && steps[i].values == step.values && !changed;
  steps[i < known ? i : count++ % kPlaces] = step;
  if (!isSame) {
    ++fresh;
    polls = 0;
  }
  return isSame;
}

void Watch::poll(uint64_t now) {
  if (epoch != now) {
    epoch = now;
    polls = 0;
  }
  ++polls;
  if (turn == kTurn)
    turn = 0;
  if (++turn == kTurn)
    fresh = 0;
}

const Step &Watch::loop() const {
  const Step *best = &steps[0];
  for (const Step &step : steps) {
    if (&step - steps >= count)
      break;
    bool isBetter = bool(step.address) != bool(best->address) ? step.address != nullptr
                                                              : step.site < best->site;
    if (isBetter)
      best = &step;
  }
  return *best;
}
