//===- Launch.h - A launch of an emulated kernel ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_LAUNCH_H
#define POSENC_LIB_RUNTIME_EMULATOR_LAUNCH_H

#include "AtomicOrder.h"
#include "Module.h"
#include "Report.h"

#include "posenc/Runtime/Emulator/EmulatedCode.h"

#include <atomic>
#include <cstdint>

namespace posenc::emulator {

class GlobalMemory;
class Statistics;

/// What a device was opened with.
struct Options {
  bool checks = true;
  bool statistics = false;
  uint64_t schedule = 0; ///< 0: threads in their natural order
  unsigned workers = 0;  ///< 0: POSENC_NUM_THREADS, or the machine's
};

/// What all blocks of a launch share.
struct Launch {
  const Module *module;
  const posenc_emu_kernel *kernel;
  uint32_t grid[3], block[3];
  uint32_t dynamicShared = 0;
  void **arguments = nullptr;

  Options options;
  GlobalMemory *memory = nullptr;
  Statistics *statistics = nullptr; ///< null unless collected
  uint64_t blocks = 0;              ///< of the grid
  unsigned threads = 0;             ///< of a block
  uint32_t tag = 0;                 ///< of this launch in shadow memory

  posenc_emu_api api = {};

  Reports reports;
  AtomicOrder atomics;
  /// Counts what threads that poll may have waited for.
  std::atomic<uint64_t> events{1};

  bool checks() const { return options.checks && module->image().checks; }
};

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_LAUNCH_H
