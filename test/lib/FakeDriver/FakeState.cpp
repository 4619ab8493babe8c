//===- FakeState.cpp - What a fake driver knows ---------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeState.h"

#include <sstream>

using namespace fake;

/// POSENC_FAKE_FAIL=FUNCTION:NTH:CODE, for tests that run a tool.
static State *createState() {
  auto *state = new State;
  std::istringstream text(std::getenv("POSENC_FAKE_FAIL") ? std::getenv("POSENC_FAKE_FAIL")
                                                          : "");
  char colon;
  if (std::getline(text, state->failFunction, ':'))
    text >> state->failNth >> colon >> state->failCode;
  return state;
}

State &fake::state() {
  static State *state = createState();
  return *state;
}

thread_local int fake::current = 0;

static bool needsContext(const std::string &name) {
#ifdef FAKE_HIP
  (void)name;
  return false;
#else
  for (const char *prefix :
       {"cuStream", "cuEvent", "cuMem", "cuModule", "cuFunc", "cuLaunch", "cuCtxSync"})
    if (name.rfind(prefix, 0) == 0)
      return true;
  return false;
#endif
}

int State::call(const char *name) {
  ++total;
  if (calls.size() < calls.capacity())
    calls.push_back(name);
  int nth = ++counts[name];
  if (failAny)
    nth = total;
  if (needsContext(name) && current == 0)
    return complain(InvalidContext, std::string(name) + " without a context");
  if (failNth && nth == failNth && (failAny || failFunction == name))
    return failCode;
  return Success;
}

// Control. -----------------------------------------------------------------

/// What a test has left.
static void dropAll(State &s) {
  for (auto [address, bytes] : s.memory)
    std::free(address);
  for (std::set<void *> *handles : {&s.streams, &s.pools}) {
    for (void *handle : *handles)
      delete static_cast<char *>(handle);
    handles->clear();
  }
  for (Event *event : s.events)
    delete event;
  for (Module *module : s.modules)
    delete module;
  s.memory.clear();
  s.events.clear();
  s.modules.clear();
  s.bytes = s.contexts = 0;
}

static void reset(const fake::Machine &machine) {
  State &s = state();
  std::lock_guard<std::mutex> lock(s.mutex);
  s.machine = machine;
  dropAll(s);
  s.calls.clear();
  // Beyond, nothing is logged: a test that counts memory does not see the log.
  s.calls.reserve(4096);
  s.total = 0;
  s.counts.clear();
  s.shared.clear();
  s.failNth = s.mistakes = 0;
  s.peak = 0;
  s.mistake.clear();
}

static void failAt(const char *function, int nth, int code) {
  State &s = state();
  std::lock_guard<std::mutex> lock(s.mutex);
  s.failAny = !function;
  s.failFunction = function ? function : "";
  s.failNth = nth;
  s.failCode = code;
}

static int countCalls(const char *function) {
  std::lock_guard<std::mutex> lock(state().mutex);
  return function ? state().counts[function] : state().total;
}

static const char *getCall(int nth) {
  std::lock_guard<std::mutex> lock(state().mutex);
  return state().calls.at(nth - 1);
}

static fake::Live getLive() {
  State &s = state();
  std::lock_guard<std::mutex> lock(s.mutex);
  return {int(s.memory.size()), int(s.streams.size()),
          int(s.events.size()), int(s.modules.size()),
          s.contexts,           int(s.pools.size())};
}

static int countMistakes() { return state().mistakes; }
static const char *getMistake() { return state().mistake.c_str(); }
static uint64_t countPeakBytes() { return state().peak; }

extern "C" __attribute__((visibility("default"))) const fake::Control fake_control;
const fake::Control fake_control = {reset,   failAt,        countCalls, getCall,
                                    getLive, countMistakes, getMistake, countPeakBytes};
