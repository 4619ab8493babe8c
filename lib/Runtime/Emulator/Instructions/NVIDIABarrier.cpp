//===- NVIDIABarrier.cpp - Barriers in shared memory, and fences ----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// mbarrier objects. The object's 8 bytes in memory hold nothing that a program may look
// at: the state is kept beside it, and every use reads those bytes, so that an object
// that was not initialised, or not before, is reported like any other memory.
//
// A phase ends when its pending arrivals and its pending bytes are both none. What
// happened before an arrival happens before what follows a wait for that phase.
//===----------------------------------------------------------------------===//

#include "Chips.h"
#include "NVIDIATables.h"
#include "Operands.h"

#include <algorithm>

using namespace posenc::emulator;

static constexpr uint64_t kLargestCount = (1 << 20) - 1;
/// Even, as the first phase is, and with a phase before it, which counts as ended.
static constexpr uint64_t kFirstPhase = 2;

namespace {
/// An mbarrier object. Lives in Group::state.
struct Barrier {
  uint64_t initialised, expected, pending, phase;
  int64_t bytes;
};

/// A barrier that an operand names, and what to do with it.
class Access {
public:
  explicit Access(Group &group) : group(group), address(group.get<char *>(0, 0)) {}

  /// Finds the object; false after a report.
  bool find();
  void init(uint64_t count);
  void invalidate();
  /// Completes the phase if nothing is pending.
  void advance();
  void expectBytes(uint32_t count) { barrier->bytes += count; }
  void completeBytes(uint32_t count);
  /// Counts arrivals of the current phase, which must not end by it if `open`.
  void arrive(uint64_t count, bool relaxed, bool open = false);
  void drop(uint64_t count) { barrier->expected -= std::min(count, barrier->expected); }
  /// Whether phase `phase` has ended; then orders the thread after its arrivals.
  bool hasEnded(uint64_t phase, bool relaxed);
  uint64_t phase() const { return barrier->phase; }

  /// What releases and acquires of a phase meet at: another address per parity, so
  /// that a wait is not ordered after arrivals of the next phase.
  void *key(uint64_t phase) const { return address + phase % 2; }

private:
  bool isAligned();
  void report(const std::string &what) { group.report(0, what); }

  Group &group;
  char *address;
  Barrier *barrier = nullptr;
};
} // namespace

bool Access::isAligned() {
  if (reinterpret_cast<uint64_t>(address) % sizeof(uint64_t) == 0)
    return true;
  report("misaligned access: expected the address of an mbarrier to be a multiple of 8");
  return false;
}

static Barrier *stateOf(Group &group, const void *address) {
  static_assert(sizeof(Barrier) % sizeof(uint64_t) == 0);
  return reinterpret_cast<Barrier *>(
      group.state(address, unsigned(sizeof(Barrier) / sizeof(uint64_t))));
}

bool Access::find() {
  uint64_t opaque;
  if (!isAligned() || !group.load(0, address, &opaque, sizeof(opaque)))
    return false;
  barrier = stateOf(group, address);
  if (!barrier->initialised)
    report("expected an initialised mbarrier");
  return barrier->initialised;
}

void Access::init(uint64_t count) {
  if (count < 1 || count > kLargestCount)
    return report("expected the count of an mbarrier to be in [1, 1048575] but got " +
                  std::to_string(count));
  uint64_t opaque = 0;
  if (!isAligned() || !group.store(0, address, &opaque, sizeof(opaque)))
    return;
  barrier = stateOf(group, address);
  if (barrier->initialised)
    report("expected an mbarrier to be invalidated before it is initialised again");
  *barrier = {1, count, count, kFirstPhase, 0};
}

void Access::invalidate() {
  if (!find())
    return;
  // A write: whoever still uses the object races with it.
  uint64_t opaque = 0;
  if (group.store(0, address, &opaque, sizeof(opaque)))
    *barrier = {};
}

void Access::advance() {
  if (barrier->pending || barrier->bytes)
    return;
  ++barrier->phase;
  barrier->pending = barrier->expected;
}

void Access::completeBytes(uint32_t count) {
  barrier->bytes -= count;
  advance();
}

void Access::arrive(uint64_t count, bool relaxed, bool open) {
  if (count < 1 || count > barrier->pending) {
    report("expected between 1 and " + std::to_string(barrier->pending) +
           " arrivals, which this phase of the mbarrier lacks, but got " +
           std::to_string(count));
    return;
  }
  if (open && count == barrier->pending && !barrier->bytes)
    report("expected an arrival that leaves the phase of the mbarrier incomplete");
  if (!relaxed)
    group.release(0, key(barrier->phase));
  barrier->pending -= count;
  advance();
}

bool Access::hasEnded(uint64_t phase, bool relaxed) {
  if (barrier->phase <= phase)
    return false;
  if (barrier->phase - phase > 1)
    report("expected a token of the current or the preceding phase of the mbarrier");
  if (!relaxed)
    group.acquire(0, key(phase));
  return true;
}

static bool isRelaxed(const Group &group) { return isSet(group.attribute("relaxed")); }

/// The optional i32 after the address.
static uint32_t countOperand(const Group &group) {
  return operandCount(group.site()) > 1 ? group.get<uint32_t>(0, 1) : 1;
}

/// The last operand, where `operands` are there without it.
static bool isPredicatedOff(const Group &group, unsigned operands) {
  return operandCount(group.site()) > operands && !(group.get<uint8_t>(0, operands) & 1);
}

static Outcome init(Group &group) {
  if (!isPredicatedOff(group, 2))
    Access(group).init(group.get<uint32_t>(0, 1));
  return Outcome::Done;
}

static Outcome invalidate(Group &group) {
  Access(group).invalidate();
  return Outcome::Done;
}

static Outcome expectBytes(Group &group) {
  Access access(group);
  if (access.find())
    access.expectBytes(group.get<uint32_t>(0, 1));
  return Outcome::Done;
}

static Outcome completeBytes(Group &group) {
  Access access(group);
  if (access.find())
    access.completeBytes(group.get<uint32_t>(0, 1));
  return Outcome::Done;
}

/// Results, where there is one: a token, here the number of the phase.
static void giveToken(Group &group, uint64_t phase) {
  if (resultCount(group.site()))
    group.set<uint64_t>(0, 0, phase);
}

template <bool drops, bool open> static Outcome arrive(Group &group) {
  Access access(group);
  if (!access.find())
    return Outcome::Done;
  giveToken(group, access.phase());
  uint32_t count = countOperand(group);
  if (drops)
    access.drop(count);
  access.arrive(count, isRelaxed(group), open);
  return Outcome::Done;
}

template <bool drops> static Outcome arriveExpectingBytes(Group &group) {
  Access access(group);
  if (isPredicatedOff(group, 2) || !access.find())
    return Outcome::Done;
  giveToken(group, access.phase());
  access.expectBytes(group.get<uint32_t>(0, 1));
  if (drops)
    access.drop(1);
  access.arrive(1, isRelaxed(group));
  return Outcome::Done;
}

/// The arrival counts at once: whoever waits for the phase also waits for the copies,
/// which is when they are done. Without `noinc` the pending count goes up by one first.
static Outcome arriveAfterCopies(Group &group) {
  Access access(group);
  if (!access.find())
    return Outcome::Done;
  group.arriveAfterCopies(0, access.key(access.phase()));
  if (isSet(group.attribute("noinc")))
    access.arrive(1, /*relaxed=*/false);
  return Outcome::Done;
}

/// The phase that a token (i64) or a parity (i32) asks for.
static uint64_t phaseAsked(const Group &group, uint64_t current) {
  if (group.type(1) == "i64")
    return group.get<uint64_t>(0, 1);
  uint64_t parity = group.get<uint32_t>(0, 1) & 1;
  // The current phase, or the one before.
  return current % 2 == parity ? current : current - 1;
}

/// Results: whether the phase has ended.
static Outcome testWait(Group &group) {
  Access access(group);
  if (!access.find())
    return Outcome::Done;
  uint64_t asked = phaseAsked(group, access.phase());
  group.set<uint8_t>(0, 0, access.hasEnded(asked, isRelaxed(group)));
  return Outcome::Done;
}

/// Waits until the phase has ended: no time limit runs out here.
static Outcome tryWait(Group &group) {
  Access access(group);
  if (!access.find())
    return Outcome::Done;
  if (!access.hasEnded(phaseAsked(group, access.phase()), isRelaxed(group)))
    return Outcome::Wait;
  if (resultCount(group.site()))
    group.set<uint8_t>(0, 0, 1);
  return Outcome::Done;
}

/// Orders the thread after all threads that came to such a fence before. Hardware does so
/// only where an access observes another beside the fences; which one that would be is
/// not followed here, so that a fence may hide a race but never makes one up.
static Outcome fence(Group &group) {
  static const char everywhere = 0;
  group.acquire(0, &everywhere);
  group.release(0, &everywhere);
  return Outcome::Done;
}

/// Orders what only clusters and the asynchronous proxy can see: see NVIDIAHopper.cpp.
static Outcome fenceProxy(Group &) { return Outcome::Done; }

static constexpr Instruction since80(const char *op, Outcome (*run)(Group &)) {
  return {op, Scope::Thread, run, -1, false, nullptr, sinceSM80};
}
static constexpr Instruction since90(const char *op, Outcome (*run)(Group &)) {
  return {op, Scope::Thread, run, -1, false, nullptr, sinceSM90};
}

static const Instruction instructions[] = {
    since80("nvvm.mbarrier.init", init),
    since80("nvvm.mbarrier.inval", invalidate),
    since90("nvvm.mbarrier.expect_tx", expectBytes),
    since90("nvvm.mbarrier.complete_tx", completeBytes),
    since80("nvvm.mbarrier.arrive", arrive<false, false>),
    since80("nvvm.mbarrier.arrive.nocomplete", arrive<false, true>),
    since80("nvvm.mbarrier.arrive_drop", arrive<true, false>),
    since80("nvvm.mbarrier.arrive_drop.nocomplete", arrive<true, true>),
    since90("nvvm.mbarrier.arrive.expect_tx", arriveExpectingBytes<false>),
    since90("nvvm.mbarrier.arrive_drop.expect_tx", arriveExpectingBytes<true>),
    since80("nvvm.cp.async.mbarrier.arrive", arriveAfterCopies),
    since80("nvvm.mbarrier.test.wait", testWait),
    since90("nvvm.mbarrier.try_wait", tryWait),
    since90("nvvm.mbarrier.try_wait.parity", tryWait),
    {"nvvm.memory.barrier", Scope::Thread, fence},
    since90("nvvm.fence.sc.cluster", fence),
    since90("nvvm.fence.sync_restrict", fenceProxy),
    since90("nvvm.fence.mbarrier.init", fenceProxy),
    since90("nvvm.fence.proxy", fenceProxy),
    since90("nvvm.fence.proxy.acquire", fenceProxy),
    since90("nvvm.fence.proxy.release", fenceProxy),
    since90("nvvm.fence.proxy.sync_restrict", fenceProxy),
};

Table posenc::emulator::nvidiaBarrierInstructions() {
  return {instructions, sizeof(instructions) / sizeof(instructions[0])};
}
