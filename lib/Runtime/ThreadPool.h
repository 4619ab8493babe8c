//===- ThreadPool.h - Threads for parallel loops ----------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_THREADPOOL_H
#define POSENC_LIB_RUNTIME_THREADPOOL_H

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace posenc::runtime {

/// The caller of `run` works too, so that a loop always ends, also one in a task of
/// another loop.
class ThreadPool {
public:
  explicit ThreadPool(uint32_t threads) : threads(threads) {}
  ~ThreadPool();

  uint32_t getThreadCount() const { return threads; }

  /// task(context, index) for all indices in [0, count).
  void run(uint64_t count, void (*task)(void *context, uint64_t index), void *context);

private:
  struct Loop {
    void (*task)(void *, uint64_t);
    void *context;
    uint64_t count, next = 0, done = 0;
  };

  void start();
  void work();
  /// Takes indices of a loop until none is left. The lock is held on entry and exit.
  void help(Loop &loop, std::unique_lock<std::mutex> &lock);

  uint32_t threads;
  std::mutex mutex; ///< of everything below and of the loops
  std::condition_variable changed;
  std::deque<Loop *> loops; ///< with indices left
  std::vector<std::thread> workers;
  bool isEnding = false;
};

/// The runtime's own, made when it is first needed.
ThreadPool &getThreadPool();

} // namespace posenc::runtime

#endif // POSENC_LIB_RUNTIME_THREADPOOL_H
