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

static void noTrip(posenc_emu_thread *, uint32_t) {}
static void noPoison(posenc_emu_thread *, uint32_t) {}
static void noLoad(posenc_emu_thread *, const void *, uint64_t, uint32_t) {}
static void noStore(posenc_emu_thread *, void *, uint64_t, uint32_t) {}

static posenc_emu_api makeApi(bool checks, bool statistics) {
  posenc_emu_api api = {};
  api.call = call;
  if (checks) {
    api.load = noLoad;
    api.store = api.atomic = api.allocated = noStore;
    api.poison = poison;
  }
  if (statistics) {
    api.count = count;
    api.trip = noTrip;
  }
  (void)noPoison;
  return api;
}

const posenc_emu_api *posenc::emulator::apiOf(const Launch &launch) {
  static const posenc_emu_api tables[] = {makeApi(false, false), makeApi(false, true),
                                          makeApi(true, false), makeApi(true, true)};
  const posenc_emu_module &image = launch.module->image();
  return &tables[(image.checks != 0) * 2 + (image.statistics != 0)];
}
