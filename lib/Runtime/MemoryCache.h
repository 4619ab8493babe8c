//===- MemoryCache.h - Device memory that is used again ---------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_MEMORYCACHE_H
#define POSENC_LIB_RUNTIME_MEMORYCACHE_H

#include "posenc/Runtime/Backend.h"

#include <map>
#include <mutex>
#include <vector>

namespace posenc::runtime {

/// For drivers whose allocation and release wait for the device. A block that a stream
/// has released serves later allocations of that stream, whose work comes after all
/// that used the block. Only for streams that live as long as the device.
class MemoryCache {
public:
  MemoryCache(const posenc_backend *backend, posenc_backend_device *device)
      : backend(backend), device(device) {}

  posenc_status allocate(uint64_t bytes, void *stream, void **memory);
  /// False if the memory is not from here.
  bool release(void *memory, void *stream);
  /// The memory leaves the cache's care without being freed. False if it is not from here.
  bool handOver(void *memory);
  /// Gives what is idle back to the device.
  void trim();

private:
  void trimLocked();

  struct Key {
    void *stream;
    uint64_t bytes;
    bool operator<(const Key &other) const {
      return stream != other.stream ? stream < other.stream : bytes < other.bytes;
    }
  };

  const posenc_backend *backend;
  posenc_backend_device *device;
  std::mutex mutex;
  std::map<void *, uint64_t> used;
  std::map<Key, std::vector<void *>> idle;
};

} // namespace posenc::runtime

#endif // POSENC_LIB_RUNTIME_MEMORYCACHE_H
