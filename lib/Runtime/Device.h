//===- Device.h - An open device and what it keeps --------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_DEVICE_H
#define POSENC_LIB_RUNTIME_DEVICE_H

#include "MemoryCache.h"
#include "posenc/Runtime/Backend.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace posenc::runtime {

/// An image on the device, with its kernels, and the program's constants.
struct LoadedModule {
  std::mutex mutex;
  posenc_backend_module *handle = nullptr; ///< null until it is loaded
  std::map<std::string, posenc_backend_kernel *, std::less<>> kernels;
  std::map<const void *, void *> constants; ///< of the program, and where they are
};

} // namespace posenc::runtime

struct posenc_device {
  const posenc_backend *backend = nullptr;
  posenc_backend_device *handle = nullptr;
  posenc_backend_info info = {};
  /// Used when the backend's own memory is not ordered.
  std::unique_ptr<posenc::runtime::MemoryCache> memory;

  posenc_device(const posenc_backend *backend, posenc_backend_device *handle);
  ~posenc_device();

  /// Keeps the backend's message for posenc_last_error.
  posenc_status check(posenc_status status);

  /// A stream of the runtime's for one call; finished work only when it comes back.
  posenc_status takeStream(void **stream);
  void returnStream(void *stream);

  /// What the device has loaded for a module of a program; created empty.
  posenc::runtime::LoadedModule &getLoaded(uintptr_t identity);
  posenc_status forget(uintptr_t identity);

  /// Loads the image that fits best unless one is loaded.
  posenc_status load(posenc::runtime::LoadedModule &module, const posenc_rt_images &images,
                     const char *name);
  posenc_status unload(posenc::runtime::LoadedModule &module);
  posenc_status getConstant(posenc::runtime::LoadedModule &module, const void *data,
                            uint64_t bytes, void **memory);
  /// Device memory that any stream may use at once.
  posenc_status allocate(uint64_t bytes, void **memory);
  posenc_status launch(posenc::runtime::LoadedModule &module, const char *kernel,
                       const uint64_t grid[3], const uint64_t block[3], uint32_t sharedBytes,
                       void *stream, void **arguments, uint64_t argumentCount);

private:
  std::mutex mutex; ///< of what follows
  std::vector<void *> idleStreams;
  size_t streamCount = 0;
  std::map<uintptr_t, std::unique_ptr<posenc::runtime::LoadedModule>> modules;
};

#endif // POSENC_LIB_RUNTIME_DEVICE_H
