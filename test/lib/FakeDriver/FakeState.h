//===- FakeState.h - What a fake driver knows -------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_TEST_LIB_FAKESTATE_H
#define POSENC_TEST_LIB_FAKESTATE_H

#include "FakeDriver.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace fake {

// Errors with the same number in both.
enum {
  Success = 0,
  InvalidValue = 1,
  OutOfMemory = 2,
  InvalidDevice = 101,
  InvalidImage = 200,
  InvalidContext = 201,
  InvalidHandle = 400,
  NotFound = 500
};

struct Module {
  std::string text;
  std::map<std::string, std::unique_ptr<std::string>> functions;
};

struct Event {
  double milliseconds = -1;
};

struct State {
  std::mutex mutex;
  Machine machine;
  std::vector<const char *> calls; ///< the first ones
  int total = 0;
  std::map<std::string, int> counts;
  std::string failFunction, mistake;
  bool failAny = false;
  int failNth = 0, failCode = 0, mistakes = 0, contexts = 0;
  uint64_t bytes = 0, peak = 0;
  std::map<void *, uint64_t> memory;
  std::set<void *> streams, pools;
  std::set<Event *> events;
  std::set<Module *> modules;
  std::map<void *, int> shared; ///< allowed dynamic bytes by function

  int call(const char *name);
  int complain(int code, const std::string &what) {
    ++mistakes;
    mistake = what;
    return code;
  }
  int checkStream(void *stream) {
    return !stream || streams.count(stream) ? 0 : complain(InvalidHandle, "unknown stream");
  }
  int allocate(void **result, size_t size) {
    if (size == 0 || bytes + size > machine.memory)
      return size == 0 ? InvalidValue : OutOfMemory;
    // Zeros: kernels that do nothing leave numbers.
    *result = std::calloc(size, 1);
    memory[*result] = size;
    bytes += size;
    peak = std::max(peak, bytes);
    return Success;
  }
  int release(void *address) {
    auto found = memory.find(address);
    if (found == memory.end())
      return complain(InvalidValue, "memory freed that is not there");
    bytes -= found->second;
    std::free(address);
    memory.erase(found);
    return Success;
  }
};

/// The library's only one.
State &state();

/// Depth of this thread's stack of contexts, or its current device.
extern thread_local int current;

} // namespace fake

#endif // POSENC_TEST_LIB_FAKESTATE_H
