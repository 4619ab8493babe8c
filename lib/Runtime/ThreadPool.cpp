//===- ThreadPool.cpp - Threads for parallel loops ------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ThreadPool.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>
#include <pthread.h>
#include <sched.h>

using namespace posenc::runtime;

/// A positive number from the environment, or 0. OMP_NUM_THREADS may be a list, of
/// which the first number is for the outermost loops.
static uint32_t readThreads(const char *variable) {
  const char *text = std::getenv(variable);
  if (!text)
    return 0;
  size_t digits = std::strspn(text, "0123456789");
  constexpr size_t most = 4;
  if (digits == 0 || digits > most || (text[digits] && text[digits] != ','))
    return 0;
  return uint32_t(std::atoi(text));
}

static uint32_t countThreads() {
  for (const char *variable : {"POSENC_NUM_THREADS", "OMP_NUM_THREADS"})
    if (uint32_t threads = readThreads(variable))
      return threads;
  cpu_set_t processors;
  if (sched_getaffinity(0, sizeof(processors), &processors) == 0)
    return std::max(1, CPU_COUNT(&processors));
  return std::max(1u, std::thread::hardware_concurrency());
}

namespace {
/// The process's pool. A forked process has none of the threads, and locks and
/// conditions that they held: it gets a pool of its own.
struct Holder {
  std::mutex mutex;
  std::atomic<ThreadPool *> pool{nullptr};

  Holder() { pthread_atfork(nullptr, nullptr, startAnew); }
  ~Holder() { delete pool.exchange(nullptr); }

  static void startAnew();
};
} // namespace

static Holder holder;

void Holder::startAnew() {
  new (&holder.mutex) std::mutex;
  holder.pool = nullptr; // not destroyed: that would wait for the threads
}

ThreadPool &posenc::runtime::getThreadPool() {
  if (ThreadPool *pool = holder.pool)
    return *pool;
  std::lock_guard<std::mutex> lock(holder.mutex);
  if (!holder.pool)
    holder.pool = new ThreadPool(countThreads());
  return *holder.pool;
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    isEnding = true;
  }
  changed.notify_all();
  for (std::thread &worker : workers) {
    // A worker that calls exit cannot wait for itself.
    if (worker.get_id() == std::this_thread::get_id())
      worker.detach();
    else
      worker.join();
  }
}

/// With the lock held.
void ThreadPool::start() {
  while (workers.size() + 1 < threads) {
    try {
      workers.emplace_back([this] { work(); });
    } catch (...) {
      // The system has no more threads: fewer do the work.
      return;
    }
  }
}

void ThreadPool::work() {
  std::unique_lock<std::mutex> lock(mutex);
  while (true) {
    changed.wait(lock, [&] { return isEnding || !loops.empty(); });
    if (isEnding)
      return;
    help(*loops.front(), lock);
  }
}

void ThreadPool::help(Loop &loop, std::unique_lock<std::mutex> &lock) {
  while (loop.next < loop.count) {
    uint64_t index = loop.next++;
    if (loop.next == loop.count)
      loops.erase(std::find(loops.begin(), loops.end(), &loop));
    lock.unlock();
    loop.task(loop.context, index);
    lock.lock();
    // The loop is gone as soon as its owner sees this.
    if (++loop.done == loop.count) {
      changed.notify_all();
      return;
    }
  }
}

void ThreadPool::run(uint64_t count, void (*task)(void *, uint64_t), void *context) {
  if (count == 0)
    return;
  Loop loop{task, context, count};
  std::unique_lock<std::mutex> lock(mutex);
  if (workers.empty())
    start();
  loops.push_back(&loop);
  changed.notify_all();
  help(loop, lock);
  changed.wait(lock, [&] { return loop.done == loop.count; });
}
