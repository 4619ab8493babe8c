//===- Grid.cpp - The blocks of a launch ------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Grid.h"

#include <algorithm>
#include <string>
#include <thread>

using namespace posenc::emulator;

/// Blocks that one worker runs at a time, and threads of all workers: each thread has a
/// stack of its own.
static constexpr size_t kBlocks = 64, kThreads = 1 << 14;
/// For Worker::quietSince: no block is left.
static constexpr uint64_t kEnded = ~0ull;

Grid::Grid(Launch &launch, unsigned workers)
    : launch(launch), order(launch.options.schedule, launch.blocks),
      room(std::clamp<size_t>(kThreads / launch.threads / workers, 1, kBlocks)),
      workers(workers) {}

void Grid::work(unsigned index, Block &first) {
  Worker &worker = workers[index];
  worker.idle = {&first};
  while (!isDeadlocked && (!worker.running.empty() || startAnother(worker))) {
    if (runAll(worker) || startAnother(worker) || agreeOnDeadlock(worker))
      continue;
    std::this_thread::yield();
  }
  end(worker);
}

/// False if there is none, or no room for it.
bool Grid::startAnother(Worker &worker) {
  if (worker.idle.empty()) {
    // The first look is for nothing else than not to make a block in vain.
    if (worker.isFull || nextBlock.load(std::memory_order_relaxed) >= launch.blocks)
      return false;
    auto made = std::make_unique<Block>();
    std::string error;
    worker.isFull = worker.running.size() + 1 >= room;
    if (!made->prepare(launch, error)) {
      worker.isFull = true;
      return false;
    }
    worker.idle.push_back(made.get());
    worker.made.push_back(std::move(made));
  }
  uint64_t next = nextBlock.fetch_add(1, std::memory_order_relaxed);
  if (next >= launch.blocks)
    return false;
  worker.running.push_back(worker.idle.back());
  worker.idle.pop_back();
  worker.running.back()->start(order(next));
  return true;
}

/// A turn of each block. False if all only poll.
bool Grid::runAll(Worker &worker) {
  std::vector<Block *> still;
  for (Block *block : worker.running)
    (block->run() ? worker.idle : still).push_back(block);
  bool isProgress = still.size() != worker.running.size();
  worker.running = std::move(still);
  return isProgress;
}

/// Whether all workers have waited in vain since the same event.
bool Grid::agreeOnDeadlock(Worker &worker) {
  uint64_t now = launch.events.load();
  for (const Block *block : worker.running)
    if (!block->isPatient(now))
      return false;
  std::lock_guard<std::mutex> guard(lock);
  worker.quietSince = now;
  for (const Worker &other : workers)
    if (other.quietSince != now && other.quietSince != kEnded)
      return false;
  if (launch.events.load() != now)
    return false;
  isDeadlocked = true;
  return true;
}

void Grid::end(Worker &worker) {
  for (Block *block : worker.running)
    block->reportPolling();
  std::lock_guard<std::mutex> guard(lock);
  worker.quietSince = kEnded;
}

Counters Grid::takeCounters() {
  Counters sum;
  for (Worker &worker : workers) {
    for (const auto &block : worker.made)
      sum.add(block->counted());
    worker.made.clear();
  }
  return sum;
}
