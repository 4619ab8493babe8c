//===- Watch.h - Whether a thread only repeats itself -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// A thread that polls a lock or a flag does the same again and again: the same ops at the
// same addresses find the same values, and change none. Once a thread has used up its
// slice, each of its steps is compared with the last ones until that is decided. One that
// polls gets short slices from then on (Block.cpp); when all threads of a launch poll, or
// wait for each other, that is a deadlock (Grid.cpp).
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_WATCH_H
#define POSENC_LIB_RUNTIME_EMULATOR_WATCH_H

#include <cstdint>

namespace posenc::emulator {

/// An access to memory or an instruction.
struct Step {
  uint32_t site;
  const void *address; ///< null: an instruction
  uint64_t bytes;
  bool writes;
  uint64_t values; ///< a hash of what it found
};

/// A hash of some bytes, continued from `seed`.
uint64_t hashBytes(const void *bytes, uint64_t count, uint64_t seed);

class Watch {
public:
  /// Polls between two turns of a thread that polls.
  static constexpr uint32_t kTurn = 16;
  /// So many in vain, by each thread of a launch, are a deadlock.
  static constexpr uint32_t kPatience = 1 << 12;

  bool isOn() const { return on; }
  void start();
  void stop() { on = false; }
  /// Whether it is a repetition that changes nothing.
  bool repeats(const Step &step);
  /// Whether the thread did enough that is new to be no more watched.
  bool isBusy() const { return fresh >= kFresh; }
  /// Counts a poll; those since the launch's latest event, `epoch`, are in vain.
  void poll(uint64_t epoch);
  bool endsTurn() const { return turn == kTurn; }
  bool isPatient(uint64_t now) const { return on && epoch == now && polls >= kPatience; }

  /// What stands for the loop in a report: an access rather than an instruction.
  const Step &loop() const;

private:
  static constexpr unsigned kPlaces = 32; ///< steps of a loop that may count as polling
  static constexpr unsigned kFresh = 64;

  bool on = false;
  unsigned count = 0, fresh = 0;
  uint32_t polls = 0, turn = 0; ///< in vain; of this turn
  uint64_t epoch = 0;
  Step steps[kPlaces];
  Step written = {}; ///< the last access that may have changed something
};

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_WATCH_H
