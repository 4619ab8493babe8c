//===- Workers.h - Threads of the machine that run blocks -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_WORKERS_H
#define POSENC_LIB_RUNTIME_EMULATOR_WORKERS_H

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace posenc::emulator {

/// The calling thread is the first worker; the others wait between launches.
class Workers {
public:
  /// 0: POSENC_NUM_THREADS, or as many as the machine has.
  explicit Workers(unsigned count);
  ~Workers();

  unsigned size() const { return count; }
  /// task(i) on `used` workers at the same time; returns when all are done.
  void run(unsigned used, const std::function<void(unsigned)> &task);

private:
  void loop(unsigned index, uint64_t seen);

  unsigned count;
  std::mutex lock;
  std::condition_variable wake, done;
  const std::function<void(unsigned)> *task = nullptr;
  unsigned used = 0, running = 0;
  uint64_t round = 0;
  bool ends = false;
  std::vector<std::thread> threads;
};

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_WORKERS_H
