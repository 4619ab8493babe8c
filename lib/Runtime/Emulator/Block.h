//===- Block.h - The threads of a block and what they wait for --------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Threads are fibers of one worker. One runs until it comes to an instruction that
// other lanes must come to as well, waits for something, or has run for long; then the
// scheduler picks another. With schedule 0 that is the next lane of the same warp, and
// the next warp once all lanes of this one wait; else a random one, by priorities that
// change now and then, so that warps run far ahead of others. A thread that only polls
// (Watch.h) runs for a few polls at a time; when all that could run do, the block ends its
// turn, so that the worker can run another that they may wait for.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_BLOCK_H
#define POSENC_LIB_RUNTIME_EMULATOR_BLOCK_H

#include "Clock.h"
#include "Fiber.h"
#include "GlobalMemory.h"
#include "GlobalRaces.h"
#include "Launch.h"
#include "Random.h"
#include "SharedMemory.h"
#include "SharedRaces.h"
#include "Statistics.h"
#include "Watch.h"

#include "posenc/Runtime/Emulator/EmulatedCode.h"
#include "posenc/Runtime/Emulator/Instruction.h"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace posenc::emulator {

class Block;
class WarpGroup;
struct Warp;

/// The instruction that a thread executes, and its operands.
struct Pending {
  const Site *site = nullptr;
  const posenc_emu_slot *operands = nullptr;
  posenc_emu_slot *results = nullptr;
  uint8_t *operandPoison = nullptr, *resultPoison = nullptr;
};

/// An asynchronous copy on its way.
struct Copy {
  char *to;
  const char *from;
  uint64_t bytes, zeroFilled;
  uint32_t site;
  uint64_t group; ///< of its thread

  uint64_t size() const { return bytes + zeroFilled; }
};

struct Thread : posenc_emu_thread {
  Block *owner;
  Warp *warp;
  unsigned id, lane; ///< in the block, in the warp
  bool exited;
  Context context;
  Pending pending;
  uint64_t counts[POSENC_EMU_CLASSES];
  uint64_t copyGroup; ///< that the next copy belongs to
  std::vector<Copy> copies;
  std::vector<LoggedAccess> log; ///< for statistics
  uint32_t budget;               ///< of its slice, while it does not run
  Watch watch;
};

/// Lanes at one instruction: some of them, or all and waiting for others.
struct OpenGroup {
  const Site *site = nullptr;
  uint64_t needed = 0, arrived = 0; ///< lanes
  bool waits = false;               ///< all came, and the model said Wait
  bool atBarrier = false;           ///< counted there
  unsigned barrier = 0;             ///< its id
  uint64_t generation = 0;          ///< and phase
};

struct Warp {
  unsigned index, first; ///< thread
  uint64_t existing, exited, ready;
  unsigned nextLane;
  uint32_t priority;
  std::vector<OpenGroup> open;
};

/// A barrier of the block, by id.
struct BarrierState {
  uint64_t generation = 0;
  unsigned threads = 0; ///< expected
  unsigned votes = 0, lastVotes = 0, lastThreads = 0;
  const Site *site = nullptr; ///< of the first warp that arrived
  bool anySite = false;
  unsigned firstWarp = 0;
  std::vector<unsigned> waiting; ///< warps that came and wait
  unsigned arrivedThreads = 0, arrivedSlots = 0;
  std::unordered_map<unsigned, uint64_t> signalled; ///< by warp: generation of arriveOnly
};

/// One block at a time; made once per worker and launch.
class Block {
public:
  Block();
  ~Block();
  /// False and `error` if there is no memory for it.
  bool prepare(Launch &launch, std::string &error);
  void start(uint64_t index);
  /// Runs until the block has ended (true) or only polls for the time being (false).
  bool run();
  /// Whether all of its threads wait, or have polled in vain for long since that event.
  bool isPatient(uint64_t epoch) const;
  /// What all wait for will not come.
  void reportPolling();

  // For what threads call.
  void call(Thread &thread, uint32_t site, const Pending &pending);
  /// Ends the block from within one of its threads.
  [[noreturn]] void leave();
  /// Lets others run if the thread has been running for long.
  void tick(Thread &thread, const void *address, uint64_t bytes, uint32_t site, bool writes) {
    if (__builtin_expect(--budget == 0, 0))
      spent(thread, address, bytes, site, writes);
  }
  /// Makes the next step count as several.
  void charge(uint32_t steps) { budget = budget > steps ? budget - steps : 1; }

  // For models and checks.
  Thread &thread(unsigned id) { return threads[id]; }
  Launch &current() { return *launch; }
  Clocks &clock() { return clocks; }
  uint64_t index() const { return blockIndex; }
  bool stopped() const { return isStopped; }
  /// Of a load or store, in bytes.
  uint32_t alignment(uint32_t site) const { return alignments[site]; }
  Outcome barrier(Warp &warp, OpenGroup &group, BlockBarrier &barrier);
  Outcome awaitBarrier(Warp &warp, OpenGroup &group, unsigned id);
  uint64_t *state(const void *object, unsigned words);
  // For statistics.
  bool counts() const { return launch->statistics; }
  void logAccess(Thread &thread, const void *address, uint64_t bytes, uint32_t site,
                 bool isWrite);
  void countTrip(Thread &thread, uint32_t site);
  /// Of the blocks that this worker ran.
  const Counters &counted() const { return counters; }

  /// The usual reads and writes without a call: aligned, within a buffer, written
  /// before, without a race. False: one must ask `access`.
  template <AccessKind kind>
  bool tryAccess(Thread &thread, const void *address, uint64_t bytes, uint32_t site,
                 uint32_t alignment);
  /// False: reported, and the access must not happen.
  template <AccessKind kind>
  bool access(Thread &thread, const void *address, uint64_t bytes, uint32_t site,
              uint32_t alignment);
  /// Private memory that is uninitialised and whose accesses will be told.
  void allocated(Thread &thread, const void *address, uint64_t bytes);
  void beginCopy(Thread &thread, uint32_t site, void *to, const void *from, uint64_t bytes,
                 uint64_t zeroFilled);
  /// Until at most `pending` groups of the thread are on their way.
  void waitCopies(Thread &thread, uint64_t pending);
  void finishCopies(Thread &thread);

  /// "LOCATION: error: emulator: WHAT in kernel …"; with `other`, a note for another
  /// thread. `fatal`: the block ends as soon as it can.
  void report(const Thread &thread, uint32_t site, const std::string &what,
              const std::string &address = {}, bool fatal = false);
  void report(const Thread &thread, uint32_t site, const std::string &what,
              const std::string &address, bool fatal, uint32_t otherSite,
              const std::string &note);
  std::string name(const Thread &thread) const; ///< "thread (x,y,z)"
  std::string location(uint32_t site) const;

private:
  friend class WarpGroup;

  static void entry(Transfer from);
  void startThreads();
  bool schedule();
  Thread *pick();
  Thread *pickAtRandom();
  void resume(Thread &thread);
  void suspend(Thread &thread);
  void yield(Thread &thread);
  [[gnu::noinline]] void spent(Thread &thread, const void *address, uint64_t bytes,
                               uint32_t site, bool writes);
  bool mayRead(const void *address, uint64_t bytes);
  void step(Thread &thread, const Step &step);
  void happened();
  void makeReady(Warp &warp, uint64_t lanes);
  void exited(Thread &thread);

  void callAlone(Thread &thread);
  void callTogether(Thread &thread);
  void checkPoison(Thread &thread);
  void block(Thread &thread);
  OpenGroup &join(Thread &thread, uint64_t needed);
  Outcome runGroup(Warp &warp, OpenGroup &group);
  void close(Warp &warp, OpenGroup &group, unsigned runner);
  bool retry(Warp &warp);
  bool retryAll();
  void arrive(Warp &warp, BarrierState &state, const OpenGroup &group,
              const BlockBarrier &barrier);
  void completeBarrier(BarrierState &state);

  template <AccessKind kind>
  bool checkState(Thread &thread, uint8_t *state, const void *address, uint64_t bytes,
                  uint32_t site);
  bool diagnoseState(Thread &thread, uint8_t *state, const void *address, uint64_t bytes,
                     uint32_t site, AccessKind kind);
  bool accessElsewhere(Thread &thread, const void *address, uint64_t bytes, uint32_t site,
                       AccessKind kind);
  bool accessPrivate(Thread &thread, const void *address, uint64_t bytes, uint32_t site,
                     AccessKind kind);
  std::string describe(const void *address) const;
  bool reportAt(Thread &thread, uint32_t site, const std::string &what, const void *address,
                bool fatal);
  void reportRace(Thread &thread, uint32_t site, const void *address, AccessKind kind,
                  const Conflict &other);
  const void *atomicKey(const void *address) const;

  uint8_t *stateOf(const void *address);
  void mark(const char *address, uint64_t bytes, uint8_t before, uint8_t after);
  void finishCopy(Thread &thread, const Copy &copy);
  void checkCopies(Thread &thread);
  void checkSources(Thread &thread, const void *address, uint64_t bytes, uint32_t site);
  void reportCopy(Thread &thread, uint32_t site, const char *address, AccessKind kind);

  void countGroup(Warp &warp, const OpenGroup &group);
  void countLog(Warp &warp);
  void countBlock();

  void reportStuck();
  bool reportMissingLanes();
  bool reportMissingWarps();
  void reportDeadlock();
  std::string whereabouts(const Thread &thread, uint32_t &site) const;
  uint32_t siteOf(const Thread &thread) const;

  Launch *launch = nullptr;
  uint64_t blockIndex = 0;
  bool isStopped = false;
  unsigned alive = 0;
  uint32_t budget = 0;     ///< of the thread that runs
  bool isMoving = false;   ///< threads that are not watched ran
  bool isEventful = false; ///< one that is watched did something new
  Context scheduler = nullptr;
  unsigned currentWarp = 0;
  uint64_t readyWarps = 0;
  Random random;

  Stacks stacks;
  SharedMemory shared;
  std::unique_ptr<Thread[]> threads;
  unsigned threadCapacity = 0;
  std::vector<Warp> warps;
  std::unordered_map<unsigned, BarrierState> barriers;
  std::unordered_map<const void *, std::vector<uint64_t>> states;
  Clocks clocks;
  GlobalMemory *global = nullptr;
  const uint32_t *alignments = nullptr; ///< by site
  SharedRaces sharedRaces{shared, clocks};
  GlobalRaces globalRaces{clocks};
  uint64_t pendingCopies = 0;
  const char *firstSource = nullptr, *lastSource = nullptr; ///< bounds of what they read
  Counters counters;
  std::unordered_set<size_t> reported; ///< hashes, to keep repeated reports cheap
};

template <AccessKind kind>
[[gnu::always_inline]] inline bool Block::tryAccess(Thread &t, const void *address,
                                                    uint64_t bytes, uint32_t site,
                                                    uint32_t alignment) {
  constexpr bool writes = kind == AccessKind::Write;
  if (kind == AccessKind::Atomic || (reinterpret_cast<uint64_t>(address) & (alignment - 1)))
    return false;
  if (uint64_t offset = shared.offset(address); offset < SharedMemory::kWindow)
    return allAre(shared.state(offset), bytes, Defined) &&
           sharedRaces.tryAccess<writes>(t.id, offset, bytes, site);
  if (!global->contains(address) || (writes && pendingCopies))
    return false;
  uint64_t offset = global->offset(address);
  return allAre(global->state(offset), bytes, Defined) &&
         globalRaces.tryAccess<writes>(t.id, offset, bytes, site);
}

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_BLOCK_H
