//===- Workers.cpp - Threads of the machine that run blocks -----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Workers.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <thread>

using namespace posenc::emulator;

/// More would only take memory for stacks.
static constexpr unsigned kMost = 32;

static unsigned defaultCount() {
  if (const char *text = std::getenv("POSENC_NUM_THREADS"))
    if (long wanted = std::strtol(text, nullptr, 10); wanted > 0)
      return unsigned(std::min<long>(wanted, kMost));
  return std::clamp(std::thread::hardware_concurrency(), 1u, kMost);
}

Workers::Workers(unsigned wanted) : count(wanted ? std::min(wanted, kMost) : defaultCount()) {}

Workers::~Workers() {
  {
    std::lock_guard<std::mutex> guard(lock);
    ends = true;
  }
  wake.notify_all();
  for (std::thread &thread : threads)
    thread.join();
}

void Workers::run(unsigned wanted, const std::function<void(unsigned)> &body) {
  wanted = std::clamp(wanted, 1u, count);
  if (wanted > 1) {
    // Made when they are first needed.
    while (threads.size() + 1 < wanted) {
      unsigned index = unsigned(threads.size()) + 1;
      uint64_t before = round;
      threads.emplace_back([this, index, before] { loop(index, before); });
    }
    std::lock_guard<std::mutex> guard(lock);
    task = &body;
    used = wanted;
    running = unsigned(threads.size());
    ++round;
    wake.notify_all();
  }
  body(0);
  if (wanted > 1) {
    std::unique_lock<std::mutex> guard(lock);
    done.wait(guard, [this] { return running == 0; });
  }
}

/// `seen`: the rounds before the thread was made.
void Workers::loop(unsigned index, uint64_t seen) {
  std::unique_lock<std::mutex> guard(lock);
  while (true) {
    wake.wait(guard, [&] { return ends || round != seen; });
    if (ends)
      return;
    seen = round;
    const auto &body = *task;
    bool isUsed = index < used;
    guard.unlock();
    if (isUsed)
      body(index);
    guard.lock();
    if (--running == 0)
      done.notify_one();
  }
}
