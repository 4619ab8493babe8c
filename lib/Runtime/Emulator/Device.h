//===- Device.h - An emulated device ----------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// The memory model of the emulator, and where it is:
// * Every byte has a state: no buffer, never written, written, freed, target or source of
//   a copy on its way (Shadow.h, SharedMemory.h, GlobalMemory.h; checked in Checks.cpp).
// * Threads of a block are ordered by barriers, bar.warp.sync, mbarriers, fences, waits
//   and atomic accesses to one address (Clock.h); shuffles and votes order nothing. Two
//   accesses to a byte of which one is a write must be ordered (SharedRaces.h, exact;
//   GlobalRaces.h). Blocks of a launch are unordered but for atomics (AtomicOrder.h).
//   Launches are ordered, and so are copies between them and the host.
// * An asynchronous copy happens when its thread waits for it (Copies.cpp).
// * Memory is sequentially consistent otherwise: threads of a block switch only where
//   they call the emulator (Block.h), and what a report lets through happens at once.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_DEVICE_H
#define POSENC_LIB_RUNTIME_EMULATOR_DEVICE_H

#include "GlobalMemory.h"
#include "Launch.h"
#include "Module.h"
#include "Statistics.h"
#include "Workers.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace posenc::emulator {

class Block;

/// Everything happens at once, when it is asked for; launches one after another.
class Device {
public:
  Device(std::string chip, Options options);
  ~Device();

  const std::string &chip() const { return chipName; }
  const Options &options() const { return opened; }
  GlobalMemory &memory() { return global; }

  /// Runs a kernel. Returns why it failed, or nothing; reports go to `onReports`, and
  /// set `isReported`.
  std::string launch(const Module &module, const posenc_emu_kernel &kernel,
                     const uint32_t grid[3], const uint32_t block[3], uint32_t sharedBytes,
                     void **arguments, uint64_t argumentCount, bool *isReported = nullptr);

  /// Of all launches so far, as JSON: a list of objects, one per kernel.
  std::string statistics() { return collected.json(); }

  /// Where reports go: stderr unless a test wants them.
  void (*onReports)(void *context, const std::string &text) = nullptr;
  void *onReportsContext = nullptr;

private:
  std::string check(const Launch &launch, uint64_t argumentCount) const;
  std::string runBlocks(Launch &launch);
  void emit(const std::string &text) const;

  std::string chipName;
  Options opened;
  GlobalMemory global;
  std::mutex lock;
  Workers workers;
  std::vector<std::unique_ptr<Block>> blocks; ///< one per worker
  uint32_t tag = 0;
  Statistics collected;
};

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_DEVICE_H
