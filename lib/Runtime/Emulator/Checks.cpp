//===- Checks.cpp - Checked accesses to memory ------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// The order of the checks: alignment, where the bytes are, what state they are in, who
// else used them. The first two end the block, as the access must not happen; after the
// others it does.
//===----------------------------------------------------------------------===//

#include "Block.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

using namespace posenc::emulator;

static const char *verb(AccessKind kind) { return kind == AccessKind::Read ? "read" : "write"; }

template <AccessKind kind>
bool Block::access(Thread &t, const void *address, uint64_t bytes, uint32_t site,
                   uint32_t alignment) {
  if (reinterpret_cast<uint64_t>(address) & (alignment - 1))
    return reportAt(t, site, "misaligned access", address, /*fatal=*/true);
  uint64_t offset = shared.offset(address);
  bool isShared = offset < SharedMemory::kWindow && bytes <= SharedMemory::kWindow - offset;
  if (!isShared) {
    if (!global->contains(address) ||
        !global->contains(static_cast<const char *>(address) + bytes))
      return accessElsewhere(t, address, bytes, site, kind);
    offset = global->offset(address);
  }
  uint8_t *state = isShared ? shared.state(offset) : global->state(offset);
  if (!checkState<kind>(t, state, address, bytes, site))
    return false;
  if (kind == AccessKind::Atomic)
    clocks.acquire(t.id, atomicKey(address));
  Conflict other = isShared
                       ? sharedRaces.access<kind != AccessKind::Read>(t.id, offset, bytes, site)
                       : globalRaces.access<kind>(t.id, offset, bytes, site);
  if (other.found)
    reportRace(t, site, address, kind, other);
  if (kind != AccessKind::Read && !isShared && pendingCopies)
    checkSources(t, address, bytes, site);
  if (kind == AccessKind::Atomic) {
    if (!isShared)
      globalRaces.synchronise(offset, clocks.now());
    clocks.release(t.id, atomicKey(address));
  }
  return true;
}

template bool Block::access<AccessKind::Read>(Thread &, const void *, uint64_t, uint32_t,
                                              uint32_t);
template bool Block::access<AccessKind::Write>(Thread &, const void *, uint64_t, uint32_t,
                                               uint32_t);
template bool Block::access<AccessKind::Atomic>(Thread &, const void *, uint64_t, uint32_t,
                                                uint32_t);

template <AccessKind kind>
bool Block::checkState(Thread &t, uint8_t *state, const void *address, uint64_t bytes,
                       uint32_t site) {
  if (__builtin_expect(allAre(state, bytes, Defined), 1))
    return true;
  if (kind != AccessKind::Read && allAre(state, bytes, Undefined) &&
      (kind == AccessKind::Write || launch->module->site(site).isPlainStore)) {
    std::memset(state, Defined, bytes);
    return true;
  }
  return diagnoseState(t, state, address, bytes, site, kind);
}

/// Reports the first byte that is not as it should be; writes what may be written.
bool Block::diagnoseState(Thread &t, uint8_t *state, const void *address, uint64_t bytes,
                          uint32_t site, AccessKind kind) {
  bool reads = kind == AccessKind::Read ||
               (kind == AccessKind::Atomic && !launch->module->site(site).isPlainStore);
  bool isShared = shared.contains(address);
  const std::string where = isShared ? "shared memory" : "global memory";
  const char *first = static_cast<const char *>(address);
  // What does not exist comes first: then the access does not happen.
  for (uint64_t i = 0; i < bytes; ++i)
    if (state[i] == Gap || state[i] == Freed)
      return reportAt(t, site,
                      std::string("out-of-bounds ") + verb(kind) + " of " + where +
                          (state[i] == Freed ? " that has been freed" : ""),
                      first + i, /*fatal=*/true);
  bool isReported = false;
  for (uint64_t i = 0; i < bytes; ++i) {
    if (isReported || state[i] == Defined)
      continue;
    if (state[i] == Copying) {
      reportCopy(t, site, first + i, kind);
      isReported = true;
    } else if (state[i] == Read && kind != AccessKind::Read) {
      reportCopy(t, site, first + i, kind);
      isReported = true;
    } else if (state[i] == Undefined && reads) {
      reportAt(t, site, "read of uninitialised " + where, first + i, /*fatal=*/false);
      isReported = true;
    }
  }
  if (kind != AccessKind::Read)
    for (uint64_t i = 0; i < bytes; ++i)
      if (state[i] == Undefined)
        state[i] = Defined;
  return true;
}

/// Neither shared memory nor the device's: private memory, constants, or nothing.
bool Block::accessElsewhere(Thread &t, const void *address, uint64_t bytes, uint32_t site,
                            AccessKind kind) {
  if (bytes == 0)
    return true;
  if (stacks.contains(t.id, address, bytes)) {
    return accessPrivate(t, address, bytes, site, kind);
  }
  const posenc_emu_module &image = launch->module->image();
  auto at = reinterpret_cast<uint64_t>(address);
  for (uint32_t i = 0; i < image.constant_count; ++i) {
    uint64_t offset = at - reinterpret_cast<uint64_t>(image.constants[i].address);
    if (bytes > image.constants[i].bytes || offset > image.constants[i].bytes - bytes)
      continue;
    if (kind == AccessKind::Read)
      return true;
    return reportAt(t, site, "write of constant memory", address, /*fatal=*/true);
  }
  const char *where = "global memory";
  if (shared.isNear(address))
    where = "shared memory";
  else if (stacks.containsAny(address))
    where = "private memory";
  return reportAt(t, site, std::string("out-of-bounds ") + verb(kind) + " of " + where, address,
                  /*fatal=*/true);
}

void Block::allocated(Thread &t, const void *address, uint64_t bytes) {
  if (!stacks.contains(t.id, address, bytes + POSENC_EMU_PRIVATE_GAP) || !stacks.states())
    return;
  std::memset(stacks.state(address), Undefined, bytes);
  std::memset(stacks.state(address) + bytes, Freed, POSENC_EMU_PRIVATE_GAP);
}

/// Memory that the thread did not tell of has no state, and is left alone.
bool Block::accessPrivate(Thread &t, const void *address, uint64_t bytes, uint32_t site,
                          AccessKind kind) {
  uint8_t *state = stacks.state(address);
  if (!state)
    return true;
  if (std::find(state, state + bytes, Freed) != state + bytes)
    return reportAt(t, site, std::string("out-of-bounds ") + verb(kind) + " of private memory",
                    address, /*fatal=*/true);
  if (std::find(state, state + bytes, Undefined) == state + bytes)
    return true;
  if (kind == AccessKind::Write)
    std::replace(state, state + bytes, uint8_t(Undefined), uint8_t(Defined));
  else
    reportAt(t, site, "read of uninitialised private memory", address, /*fatal=*/false);
  return true;
}

std::string Block::describe(const void *address) const {
  if (stacks.containsAny(address))
    return "in private memory";
  if (shared.isNear(address))
    return shared.describe(address);
  return global->describe(address);
}

/// Returns whether the access may still happen.
bool Block::reportAt(Thread &t, uint32_t site, const std::string &what, const void *address,
                     bool fatal) {
  report(t, site, what, describe(address), fatal);
  return !fatal;
}

void Block::reportRace(Thread &t, uint32_t site, const void *address, AccessKind kind,
                       const Conflict &other) {
  bool isShared = shared.contains(address);
  std::string note =
      std::string("the other access, a ") + (other.isWrite ? "write" : "read") + " by ";
  if (isShared || other.block == (blockIndex & 0xffffff))
    note += "thread " + position(other.thread, launch->block);
  else
    note += "block " + position(other.block, launch->grid) + ", thread " +
            position(other.thread, launch->block);
  bool isKnown = other.site < launch->module->image().site_count;
  report(t, site,
         std::string("data race on ") + (isShared ? "shared" : "global") +
             " memory (this is a " + verb(kind) + ")",
         describe(address), /*fatal=*/false, isKnown ? other.site : site, note);
}

/// Above this many addresses of atomics in a block, they share one key, which can only
/// hide races.
static constexpr size_t kAtomicKeys = 4096;

const void *Block::atomicKey(const void *address) const {
  return clocks.objectCount() < kAtomicKeys || clocks.hasObject(address) ? address : this;
}
