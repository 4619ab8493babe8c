//===- Api.cpp - The functions that emulated kernels call -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Api.h"

#include "Block.h"

#include "posenc/Runtime/Emulator/EmulatedCode.h"

using namespace posenc::emulator;

static Thread &own(posenc_emu_thread *t) { return *static_cast<Thread *>(t); }

static void call(posenc_emu_thread *t, uint32_t site, const posenc_emu_slot *operands,
                 posenc_emu_slot *results, uint8_t *operandPoison, uint8_t *resultPoison) {
  own(t).owner->call(own(t), site, {nullptr, operands, results, operandPoison, resultPoison});
}

static void poison(posenc_emu_thread *t, uint32_t site) {
  static const char *const places[] = {"an instruction", "an address", "a store", "an address",
                                       "a branch",       "an address", "a branch"};
  const posenc_emu_site *raw = own(t).owner->current().module->site(site).raw;
  own(t).owner->report(
      own(t), site,
      std::string("poison reaches ") +
          places[raw->kind < sizeof(places) / sizeof(places[0]) ? raw->kind : 0]);
}

static void count(posenc_emu_thread *t, uint32_t class_, uint64_t operations) {
  if (class_ < POSENC_EMU_CLASSES)
    own(t).counts[class_] += operations;
}

template <AccessKind kind>
[[gnu::noinline]] static void accessSlowly(Thread &t, const void *address, uint64_t bytes,
                                           uint32_t site) {
  if (!t.owner->access<kind>(t, address, bytes, site, t.owner->alignment(site)))
    t.owner->leave();
}

template <AccessKind kind>
[[gnu::always_inline]] static inline void access(Thread &t, const void *address, uint64_t bytes,
                                                 uint32_t site) {
  // Others run before the check rather than between it and the access.
  t.owner->tick(t, address, bytes, site, kind == AccessKind::Write);
  if (!t.owner->tryAccess<kind>(t, address, bytes, site, t.owner->alignment(site)))
    accessSlowly<kind>(t, address, bytes, site);
}

static void load(posenc_emu_thread *thread, const void *address, uint64_t bytes,
                 uint32_t site) {
  access<AccessKind::Read>(own(thread), address, bytes, site);
}

static void store(posenc_emu_thread *thread, void *address, uint64_t bytes, uint32_t site) {
  access<AccessKind::Write>(own(thread), address, bytes, site);
}

/// Atomic accesses poll more often than not, and take long.
static constexpr uint32_t kAtomicCharge = 511;

static void uncheckedAtomic(posenc_emu_thread *t, void *address, uint64_t bytes,
                            uint32_t site) {
  own(t).owner->charge(kAtomicCharge);
  own(t).owner->tick(own(t), address, bytes, site, /*writes=*/true);
}

static void atomic(posenc_emu_thread *thread, void *address, uint64_t bytes, uint32_t site) {
  uncheckedAtomic(thread, address, bytes, site);
  accessSlowly<AccessKind::Atomic>(own(thread), address, bytes, site);
}

static void noPoison(posenc_emu_thread *, uint32_t) {}
static void noLoad(posenc_emu_thread *, const void *, uint64_t, uint32_t) {}
static void noStore(posenc_emu_thread *, void *, uint64_t, uint32_t) {}
static void noCount(posenc_emu_thread *, uint32_t, uint64_t) {}
static void noTrip(posenc_emu_thread *, uint32_t) {}

template <bool checks>
static void countedLoad(posenc_emu_thread *t, const void *address, uint64_t bytes,
                        uint32_t site) {
  own(t).owner->logAccess(own(t), address, bytes, site, /*isWrite=*/false);
  (checks ? load : noLoad)(t, address, bytes, site);
}

template <bool checks>
static void countedStore(posenc_emu_thread *t, void *address, uint64_t bytes, uint32_t site) {
  own(t).owner->logAccess(own(t), address, bytes, site, /*isWrite=*/true);
  (checks ? store : noStore)(t, address, bytes, site);
}

template <bool checks>
static void countedAtomic(posenc_emu_thread *t, void *address, uint64_t bytes, uint32_t site) {
  own(t).owner->logAccess(own(t), address, bytes, site, /*isWrite=*/true);
  (checks ? atomic : uncheckedAtomic)(t, address, bytes, site);
}

static void allocated(posenc_emu_thread *t, void *address, uint64_t bytes, uint32_t) {
  own(t).owner->allocated(own(t), address, bytes);
}

static void trip(posenc_emu_thread *t, uint32_t site) { own(t).owner->countTrip(own(t), site); }

/// For a device that does checks or statistics; the module calls what it wants of it.
static posenc_emu_api makeApi(bool checks, bool statistics) {
  posenc_emu_api api = {};
  api.call = call;
  api.load = checks ? load : noLoad;
  api.store = checks ? store : noStore;
  api.atomic = checks ? atomic : uncheckedAtomic;
  if (statistics) {
    api.load = checks ? countedLoad<true> : countedLoad<false>;
    api.store = checks ? countedStore<true> : countedStore<false>;
    api.atomic = checks ? countedAtomic<true> : countedAtomic<false>;
  }
  api.poison = checks ? poison : noPoison;
  api.allocated = checks ? allocated : noStore;
  api.count = statistics ? count : noCount;
  api.trip = statistics ? trip : noTrip;
  return api;
}

/// What the module does not call is absent.
static posenc_emu_api without(posenc_emu_api api, bool checks, bool statistics) {
  if (!checks && !statistics) {
    api.load = nullptr;
    api.store = nullptr;
  }
  if (!checks) {
    api.poison = nullptr;
    api.allocated = nullptr;
  }
  if (!statistics) {
    api.count = nullptr;
    api.trip = nullptr;
  }
  return api;
}

posenc_emu_api posenc::emulator::apiOf(const Launch &launch) {
  const posenc_emu_module &image = launch.module->image();
  return without(makeApi(launch.checks(), launch.statistics != nullptr), image.checks != 0,
                 image.statistics != 0);
}
