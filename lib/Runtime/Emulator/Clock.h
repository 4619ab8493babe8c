//===- Clock.h - Which accesses happened before which -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// A block has one count of time. An access carries the time at which its thread last
// told the others something ("clock"); a thread that synchronises with another learns up
// to which clock the other's accesses are behind it. What a thread knows of the others
// is a Knowledge, which threads that synchronised together share, as all of a block do
// after each barrier: then "before everything that is known of everybody" is one compare.
// This is FastTrack (Flanagan and Freund, 2009) with shared vectors.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_CLOCK_H
#define POSENC_LIB_RUNTIME_EMULATOR_CLOCK_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace posenc::emulator {

/// Per thread of a block, the clock up to which its accesses are known to be past.
struct Knowledge {
  uint32_t least = 0; ///< of all threads
  uint32_t users = 0;
  std::vector<uint32_t> past;
};

/// What checks of a thread's accesses need, in one place.
struct View {
  uint32_t clock, least; ///< its own, and that of what it knows
  const Knowledge *known;
};

/// The clocks of a block. Used by one worker at a time.
class Clocks {
public:
  void reset(unsigned threads, unsigned wave);

  const View &view(unsigned thread) const { return views[thread]; }
  uint32_t now() const { return time; }
  size_t objectCount() const { return objects.size(); }
  bool hasObject(const void *object) const { return objects.count(object) != 0; }
  /// Whether some order was not of the whole block, or not of whole warps.
  bool hasOrderedSome() const { return orderedSome; }
  bool hasOrderedLanes() const { return orderedLanes; }

  /// All threads of the block see each other's accesses.
  void orderAll();
  void order(const unsigned *threads, unsigned count);
  void release(unsigned thread, const void *object);
  void acquire(unsigned thread, const void *object);

private:
  Knowledge *make();
  void set(unsigned thread, Knowledge *value);
  static void learn(Knowledge &into, const Knowledge &from);

  uint32_t time = 1;
  unsigned wave = 32;
  bool orderedSome = false, orderedLanes = false;
  std::vector<View> views;
  std::vector<Knowledge *> knowledge; ///< as in views, to be changed
  std::unordered_map<const void *, Knowledge *> objects;
  std::vector<std::unique_ptr<Knowledge>> all;
  std::vector<Knowledge *> unused;
};

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_CLOCK_H
