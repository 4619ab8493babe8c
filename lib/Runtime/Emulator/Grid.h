//===- Grid.h - The blocks of a launch --------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// A worker runs one block after another. Where all threads of its blocks only poll, as at
// a barrier of the grid, it starts a further one beside them, as a GPU has several on a
// core at a time. Once all blocks that there is room for poll in vain, that is a deadlock.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_GRID_H
#define POSENC_LIB_RUNTIME_EMULATOR_GRID_H

#include "Block.h"
#include "Launch.h"
#include "Random.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace posenc::emulator {

class Grid {
public:
  Grid(Launch &launch, unsigned workers);
  /// Until no block is left for this worker; `first` has been prepared.
  void work(unsigned worker, Block &first);
  /// What the blocks did that work() made; and away with them.
  Counters takeCounters();

private:
  struct Worker {
    std::vector<Block *> running, idle;
    std::vector<std::unique_ptr<Block>> made;
    bool isFull = false;     ///< no room for another block
    uint64_t quietSince = 0; ///< the event since when its blocks have polled in vain
  };

  bool startAnother(Worker &worker);
  bool runAll(Worker &worker);
  bool agreeOnDeadlock(Worker &worker);
  void end(Worker &worker);

  Launch &launch;
  Permutation order;
  size_t room; ///< blocks at a time on each worker
  std::atomic<uint64_t> nextBlock{0};
  std::atomic<bool> isDeadlocked{false};
  std::mutex lock; ///< of quietSince
  std::vector<Worker> workers;
};

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_GRID_H
