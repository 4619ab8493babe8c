//===- Device.cpp - An open device and what it keeps ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Device.h"

#include "Error.h"

#include <algorithm>

using namespace posenc::runtime;

posenc_device::posenc_device(const posenc_backend *backend, posenc_backend_device *handle)
    : backend(backend), handle(handle) {
  backend->info(handle, &info);
  if (!info.ordered_memory)
    memory = std::make_unique<MemoryCache>(backend, handle);
}

/// Errors are of no use any more: all of it is going away.
posenc_device::~posenc_device() {
  backend->synchronize(handle);
  for (auto &[identity, module] : modules)
    unload(*module);
  if (memory)
    memory->trim();
  for (void *stream : idleStreams)
    backend->stream_destroy(handle, stream);
  backend->close(handle);
}

posenc_status posenc_device::check(posenc_status status) {
  return status ? fail(status, backend->message()) : POSENC_OK;
}

posenc_status posenc_device::takeStream(void **stream) {
  {
    std::lock_guard<std::mutex> lock(mutex);
    if (!idleStreams.empty()) {
      *stream = idleStreams.back();
      idleStreams.pop_back();
      return POSENC_OK;
    }
    // Room for it to come back: returnStream must not fail.
    idleStreams.reserve(++streamCount);
  }
  return check(backend->stream_create(handle, stream));
}

void posenc_device::returnStream(void *stream) {
  std::lock_guard<std::mutex> lock(mutex);
  idleStreams.push_back(stream);
}

LoadedModule &posenc_device::getLoaded(uintptr_t identity) {
  std::lock_guard<std::mutex> lock(mutex);
  std::unique_ptr<LoadedModule> &entry = modules[identity];
  if (!entry)
    entry = std::make_unique<LoadedModule>();
  return *entry;
}

posenc_status posenc_device::forget(uintptr_t identity) {
  std::unique_ptr<LoadedModule> module;
  {
    std::lock_guard<std::mutex> lock(mutex);
    auto found = modules.find(identity);
    if (found == modules.end())
      return POSENC_OK;
    module = std::move(found->second);
    modules.erase(found);
  }
  return unload(*module);
}

/// "sm_80 (cubin), sm_90a (ptx)".
static std::string listImages(const posenc_rt_images &images) {
  std::string text;
  for (uint64_t i = 0; i < images.count; ++i)
    text += std::string(i ? ", " : "") + images.images[i].chip + " (" +
            images.images[i].format + ")";
  return text.empty() ? "none" : text;
}

static std::string describeDevice(const posenc_device &device) {
  std::string name = device.info.name, chip = device.info.chip;
  return chip.empty() || chip == name ? name : name + " (" + chip + ")";
}

posenc_status posenc_device::load(LoadedModule &module, const posenc_rt_images &images,
                                  const char *name) {
  std::lock_guard<std::mutex> lock(module.mutex);
  if (module.handle)
    return POSENC_OK;
  const posenc_rt_image *best = nullptr;
  uint32_t bestRank = 0;
  for (uint64_t i = 0; i < images.count; ++i) {
    uint32_t rank = backend->rank(handle, &images.images[i]);
    if (rank > bestRank) {
      best = &images.images[i];
      bestRank = rank;
    }
  }
  if (!best)
    return fail(POSENC_ERROR_IMAGE, "expected kernels of " + std::string(name) + " for " +
                                        describeDevice(*this) + " but there are " +
                                        listImages(images));
  return check(backend->module_load(handle, best, &module.handle));
}

posenc_status posenc_device::allocate(uint64_t bytes, void **result) {
  // Every buffer has an address of its own, also an empty one.
  bytes = std::max<uint64_t>(bytes, 1);
  posenc_status status = backend->mem_alloc(handle, bytes, nullptr, 0, result);
  if (status == POSENC_ERROR_OUT_OF_MEMORY && memory) {
    memory->trim();
    status = backend->mem_alloc(handle, bytes, nullptr, 0, result);
  }
  return check(status);
}

posenc_status posenc_device::getConstant(LoadedModule &module, const void *data, uint64_t bytes,
                                         void **result) {
  std::lock_guard<std::mutex> lock(module.mutex);
  void *&entry = module.constants[data];
  if (!entry) {
    void *copy = nullptr;
    if (posenc_status status = allocate(bytes, &copy))
      return status;
    // Done before another stream may read it.
    posenc_status status = backend->copy(handle, copy, data, bytes, nullptr);
    if (!status)
      status = backend->stream_synchronize(handle, nullptr);
    if (status) {
      status = check(status);
      backend->mem_free(handle, copy, nullptr);
      return status;
    }
    entry = copy;
  }
  *result = entry;
  return POSENC_OK;
}

posenc_status posenc_device::unload(LoadedModule &module) {
  for (auto [data, copy] : module.constants)
    if (copy)
      backend->mem_free(handle, copy, nullptr);
  module.constants.clear();
  if (!module.handle)
    return POSENC_OK;
  // A failure of earlier work does not keep the module.
  posenc_status status = check(backend->synchronize(handle));
  if (status == POSENC_ERROR_NO_DEVICE)
    return status;
  posenc_status unloaded = backend->module_unload(handle, module.handle);
  if (unloaded != POSENC_ERROR_NO_DEVICE)
    module.handle = nullptr;
  return status ? status : check(unloaded);
}

static posenc_status findKernel(posenc_device &device, LoadedModule &module, const char *name,
                                posenc_backend_kernel **kernel) {
  std::lock_guard<std::mutex> lock(module.mutex);
  auto found = module.kernels.find(std::string_view(name));
  if (found == module.kernels.end()) {
    if (posenc_status status = device.check(
            device.backend->module_kernel(device.handle, module.handle, name, kernel)))
      return status;
    module.kernels.emplace(name, *kernel);
    return POSENC_OK;
  }
  *kernel = found->second;
  return POSENC_OK;
}

/// Extents of a launch are 32 bits wide for every driver.
static posenc_status narrow(const char *kernel, const char *what, const uint64_t wide[3],
                            uint32_t result[3]) {
  for (int axis = 0; axis < 3; ++axis) {
    if (wide[axis] > UINT32_MAX)
      return fail(POSENC_ERROR_INVALID, "expected fewer than 2^32 " + std::string(what) +
                                            " in the launch of " + kernel + " but got " +
                                            std::to_string(wide[axis]));
    result[axis] = uint32_t(wide[axis]);
  }
  return POSENC_OK;
}

posenc_status posenc_device::launch(LoadedModule &module, const char *kernel,
                                    const uint64_t grid[3], const uint64_t block[3],
                                    uint32_t sharedBytes, void *stream, void **arguments,
                                    uint64_t argumentCount) {
  posenc_backend_launch launch = {};
  if (posenc_status status = narrow(kernel, "blocks", grid, launch.grid))
    return status;
  if (posenc_status status = narrow(kernel, "threads", block, launch.block))
    return status;
  if (!grid[0] || !grid[1] || !grid[2])
    return POSENC_OK;
  if (!block[0] || !block[1] || !block[2])
    return fail(POSENC_ERROR_INVALID,
                "expected threads in the launch of " + std::string(kernel) + " but got none");
  posenc_backend_kernel *found = nullptr;
  if (posenc_status status = findKernel(*this, module, kernel, &found))
    return status;
  launch.shared_bytes = sharedBytes;
  launch.stream = stream;
  launch.arguments = arguments;
  launch.argument_count = argumentCount;
  return check(backend->launch(handle, found, &launch));
}
