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

static uint32_t alignmentOf(Thread &t, uint32_t site) {
  uint32_t alignment = t.owner->current().module->image().sites[site].alignment;
  return alignment ? alignment : 1;
}

static void load(posenc_emu_thread *thread, const void *address, uint64_t bytes,
                 uint32_t site) {
  Thread &t = own(thread);
  if (!t.owner->access<AccessKind::Read>(t, address, bytes, site, alignmentOf(t, site)))
    t.owner->leave();
}

static void store(posenc_emu_thread *thread, void *address, uint64_t bytes, uint32_t site) {
  Thread &t = own(thread);
  if (!t.owner->access<AccessKind::Write>(t, address, bytes, site, alignmentOf(t, site)))
    t.owner->leave();
}

static void atomic(posenc_emu_thread *thread, void *address, uint64_t bytes, uint32_t site) {
  Thread &t = own(thread);
  if (!t.owner->access<AccessKind::Atomic>(t, address, bytes, site, alignmentOf(t, site)))
    t.owner->leave();
  t.owner->tick(t);
}

static void noTrip(posenc_emu_thread *, uint32_t) {}
static void noPoison(posenc_emu_thread *, uint32_t) {}
static void noLoad(posenc_emu_thread *, const void *, uint64_t, uint32_t) {}
static void noStore(posenc_emu_thread *, void *, uint64_t, uint32_t) {}

/// `calls`: what the module calls; `does`: what the device wants.
static posenc_emu_api makeApi(bool callsChecks, bool doesChecks, bool callsStatistics) {
  posenc_emu_api api = {};
  api.call = call;
  if (callsChecks) {
    api.load = doesChecks ? load : noLoad;
    api.store = doesChecks ? store : noStore;
    api.atomic = doesChecks ? atomic : noStore;
    api.poison = doesChecks ? poison : noPoison;
    api.allocated = noStore;
  }
  if (callsStatistics) {
    api.count = count;
    api.trip = noTrip;
  }
  return api;
}

const posenc_emu_api *posenc::emulator::apiOf(const Launch &launch) {
  static const posenc_emu_api tables[] = {
      makeApi(false, false, false), makeApi(false, false, true), makeApi(true, false, false),
      makeApi(true, false, true),   makeApi(true, true, false),  makeApi(true, true, true)};
  const posenc_emu_module &image = launch.module->image();
  unsigned checks = image.checks ? 1 + launch.options.checks : 0;
  return &tables[checks * 2 + (image.statistics != 0)];
}
