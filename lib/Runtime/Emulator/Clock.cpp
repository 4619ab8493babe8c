//===- Clock.cpp - Which accesses happened before which ---------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Clock.h"

#include <algorithm>
#include <memory>

using namespace posenc::emulator;

void Clocks::reset(unsigned threads, unsigned newWave) {
  wave = newWave;
  orderedSome = orderedLanes = false;
  if (views.size() != threads)
    all.clear();
  objects.clear();
  unused.clear();
  for (const auto &k : all)
    unused.push_back(k.get());
  time = 1;
  views.assign(threads, View{1, 0, nullptr});
  knowledge.assign(threads, nullptr);
  Knowledge *nothing = make();
  std::fill(nothing->past.begin(), nothing->past.end(), 0);
  for (unsigned i = 0; i < threads; ++i)
    set(i, nothing);
}

/// One whose contents the caller fills in.
Knowledge *Clocks::make() {
  if (unused.empty()) {
    all.push_back(std::make_unique<Knowledge>());
    all.back()->past.resize(views.size());
    unused.push_back(all.back().get());
  }
  Knowledge *made = unused.back();
  unused.pop_back();
  made->users = 0;
  made->least = 0;
  return made;
}

void Clocks::set(unsigned thread, Knowledge *value) {
  Knowledge *&old = knowledge[thread];
  ++value->users;
  if (old && --old->users == 0)
    unused.push_back(old);
  old = value;
  views[thread].known = value;
  views[thread].least = value->least;
}

void Clocks::learn(Knowledge &into, const Knowledge &from) {
  for (size_t i = 0; i < into.past.size(); ++i)
    into.past[i] = std::max(into.past[i], from.past[i]);
}

void Clocks::orderAll() {
  Knowledge *everything = make();
  std::fill(everything->past.begin(), everything->past.end(), time);
  everything->least = time++;
  for (unsigned i = 0; i < views.size(); ++i) {
    set(i, everything);
    views[i].clock = time;
  }
}

void Clocks::order(const unsigned *threads, unsigned count) {
  if (count == views.size())
    return orderAll();
  orderedSome = true;
  orderedLanes |= count % wave != 0;
  Knowledge *common = make();
  common->past = knowledge[threads[0]]->past;
  const Knowledge *last = knowledge[threads[0]];
  for (unsigned i = 1; i < count; ++i)
    if (knowledge[threads[i]] != last)
      learn(*common, *(last = knowledge[threads[i]]));
  for (unsigned i = 0; i < count; ++i)
    common->past[threads[i]] = time;
  common->least = *std::min_element(common->past.begin(), common->past.end());
  ++time;
  for (unsigned i = 0; i < count; ++i) {
    set(threads[i], common);
    views[threads[i]].clock = time;
  }
}

void Clocks::release(unsigned thread, const void *object) {
  Knowledge *&told = objects[object];
  if (!told) {
    told = make();
    told->users = 1;
    told->past = knowledge[thread]->past;
  } else {
    learn(*told, *knowledge[thread]);
  }
  told->past[thread] = time++;
  views[thread].clock = time;
}

void Clocks::acquire(unsigned thread, const void *object) {
  auto found = objects.find(object);
  if (found == objects.end())
    return;
  orderedSome = orderedLanes = true;
  Knowledge *more = make();
  more->past = knowledge[thread]->past;
  learn(*more, *found->second);
  more->least = *std::min_element(more->past.begin(), more->past.end());
  set(thread, more);
}
