//===- Statistics.h - What kernels did, in numbers --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Accesses of lanes become requests of their warp: the k-th access of each lane at a site,
// counted from where the warp last came together. A request to shared memory takes one
// wavefront per 128 bytes at best, more where lanes need different words of one of the
// 32 banks; one to global memory touches sectors of 32 bytes.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_STATISTICS_H
#define POSENC_LIB_RUNTIME_EMULATOR_STATISTICS_H

#include "posenc/Runtime/Emulator/EmulatedCode.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace posenc::emulator {

/// Sums over launches, or over the blocks of a worker.
struct Counters {
  uint64_t launches = 0, blocks = 0, threads = 0, barriers = 0;
  uint64_t classes[POSENC_EMU_CLASSES] = {};
  uint64_t sharedRead = 0, sharedWritten = 0, globalRead = 0, globalWritten = 0; ///< bytes
  uint64_t sharedRequests = 0, wavefronts = 0, extraWavefronts = 0;
  uint64_t globalRequests = 0, sectors = 0, leastSectors = 0;
  std::map<std::string, uint64_t> collectives, loops;

  void add(const Counters &other);
};

/// An access by a lane.
struct LoggedAccess {
  uint64_t address;
  uint32_t site, bytes;
  bool isShared, isWrite;
};

/// Adds the requests that the lanes of a warp made.
void countRequests(Counters &counters, std::vector<LoggedAccess> *const *lanes, unsigned count);

/// Of a device: by kernel.
class Statistics {
public:
  void add(const std::string &kernel, const Counters &counters);
  std::string json();

private:
  std::mutex lock;
  std::map<std::string, Counters> kernels;
};

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_STATISTICS_H
