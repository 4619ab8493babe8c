//===- Runtime.cpp - The C API --------------------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Runtime/Runtime.h"

#include "Backends.h"
#include "Device.h"
#include "Devices.h"
#include "Error.h"

#include <cstdlib>

using namespace posenc::runtime;

struct posenc_module {
  posenc_device *device;
  LoadedModule loaded;
};

posenc_status posenc_device_open(const char *target, const char *const *options,
                                 posenc_device **device) {
  return guarded({{target, "a target"}, {device, "a place for the device"}}, [&] {
    std::string text = target;
    size_t colon = text.find(':');
    posenc_status status = POSENC_OK;
    const posenc_backend *backend = findBackend(text.substr(0, colon), status);
    if (!backend)
      return status;
    std::string which = colon == std::string::npos ? "" : text.substr(colon + 1);
    posenc_backend_device *handle = nullptr;
    status = backend->open(which.c_str(), options, &handle);
    if (status)
      return fail(status, backend->message());
    std::unique_ptr<posenc_device> result;
    try {
      result = std::make_unique<posenc_device>(backend, handle);
    } catch (...) {
      backend->close(handle);
      throw;
    }
    addOpenDevice(result.get());
    *device = result.release();
    return POSENC_OK;
  });
}

void posenc_device_close(posenc_device *device) {
  if (!device)
    return;
  removeOpenDevice(device);
  delete device;
}

posenc_status posenc_device_count(const char *name, uint32_t *count) {
  return guarded({{name, "a backend"}, {count, "a place for the count"}}, [&] {
    posenc_status status = POSENC_OK;
    const posenc_backend *backend = findBackend(name, status);
    if (!backend)
      return status;
    uint32_t found = 0;
    status = backend->count(&found);
    if (status)
      return fail(status, backend->message());
    *count = found;
    return POSENC_OK;
  });
}

const char *posenc_device_name(const posenc_device *device) {
  return device ? device->info.name : "";
}

const char *posenc_device_chip(const posenc_device *device) {
  return device ? device->info.chip : "";
}

const char *posenc_device_backend(const posenc_device *device) {
  return device ? device->backend->name : "";
}

posenc_status posenc_device_synchronize(posenc_device *device) {
  return guarded({{device, "a device"}},
                 [&] { return device->check(device->backend->synchronize(device->handle)); });
}

const char *posenc_device_query(posenc_device *device, const char *key) {
  return device && key && device->backend->query ? device->backend->query(device->handle, key)
                                                 : nullptr;
}

posenc_status posenc_alloc(posenc_device *device, uint64_t bytes, void **memory) {
  return guarded({{device, "a device"}, {memory, "a place for the memory"}}, [&] {
    void *result = nullptr;
    posenc_status status = device->allocate(bytes, &result);
    if (!status)
      *memory = result;
    return status;
  });
}

posenc_status posenc_free(posenc_device *device, void *memory) {
  return guarded({{device, "a device"}}, [&]() -> posenc_status {
    if (!memory)
      return POSENC_OK;
    if (device->memory)
      device->memory->handOver(memory);
    return device->check(device->backend->mem_free(device->handle, memory, nullptr));
  });
}

void posenc_host_free(void *memory) { std::free(memory); }

/// Without a stream the caller expects everything to be done.
static posenc_status finish(posenc_device *device, posenc_status status, void *stream) {
  if (!status && !stream)
    status = device->backend->stream_synchronize(device->handle, nullptr);
  return device->check(status);
}

posenc_status posenc_copy(posenc_device *device, void *to, const void *from, uint64_t bytes,
                          void *stream) {
  return guarded({{device, "a device"}}, [&]() -> posenc_status {
    if (!bytes)
      return POSENC_OK;
    if (posenc_status status = checkPointers({{to, "memory"}, {from, "memory"}}))
      return status;
    return finish(device, device->backend->copy(device->handle, to, from, bytes, stream),
                  stream);
  });
}

posenc_status posenc_memset(posenc_device *device, void *memory, uint8_t value, uint64_t bytes,
                            void *stream) {
  return guarded({{device, "a device"}}, [&]() -> posenc_status {
    if (!bytes)
      return POSENC_OK;
    if (posenc_status status = checkPointers({{memory, "memory"}}))
      return status;
    return finish(device, device->backend->set(device->handle, memory, value, 1, bytes, stream),
                  stream);
  });
}

posenc_status posenc_stream_create(posenc_device *device, void **stream) {
  return guarded({{device, "a device"}, {stream, "a place for the stream"}}, [&] {
    void *made = nullptr;
    posenc_status status = device->check(device->backend->stream_create(device->handle, &made));
    if (!status)
      *stream = made;
    return status;
  });
}

posenc_status posenc_stream_destroy(posenc_device *device, void *stream) {
  return guarded({{device, "a device"}, {stream, "a stream"}}, [&] {
    return device->check(device->backend->stream_destroy(device->handle, stream));
  });
}

posenc_status posenc_stream_synchronize(posenc_device *device, void *stream) {
  return guarded({{device, "a device"}}, [&] {
    return device->check(device->backend->stream_synchronize(device->handle, stream));
  });
}

posenc_status posenc_stream_wait_event(posenc_device *device, void *stream, void *event) {
  return guarded({{device, "a device"}, {event, "an event"}}, [&] {
    return device->check(device->backend->stream_wait_event(device->handle, stream, event));
  });
}

posenc_status posenc_event_create(posenc_device *device, void **event) {
  return guarded({{device, "a device"}, {event, "a place for the event"}}, [&] {
    void *made = nullptr;
    posenc_status status = device->check(device->backend->event_create(device->handle, &made));
    if (!status)
      *event = made;
    return status;
  });
}

posenc_status posenc_event_destroy(posenc_device *device, void *event) {
  return guarded({{device, "a device"}, {event, "an event"}}, [&] {
    return device->check(device->backend->event_destroy(device->handle, event));
  });
}

posenc_status posenc_event_record(posenc_device *device, void *event, void *stream) {
  return guarded({{device, "a device"}, {event, "an event"}}, [&] {
    return device->check(device->backend->event_record(device->handle, event, stream));
  });
}

posenc_status posenc_event_synchronize(posenc_device *device, void *event) {
  return guarded({{device, "a device"}, {event, "an event"}}, [&] {
    return device->check(device->backend->event_synchronize(device->handle, event));
  });
}

posenc_status posenc_event_elapsed(posenc_device *device, void *begin, void *end,
                                   float *milliseconds) {
  return guarded({{device, "a device"},
                  {begin, "an event"},
                  {end, "an event"},
                  {milliseconds, "a place for the time"}},
                 [&] {
                   return device->check(device->backend->event_elapsed(device->handle, begin,
                                                                       end, milliseconds));
                 });
}

posenc_status posenc_module_load(posenc_device *device, const posenc_rt_images *images,
                                 posenc_module **module) {
  return guarded({{device, "a device"}, {images, "images"}, {module, "a place for the module"}},
                 [&] {
                   auto result = std::make_unique<posenc_module>();
                   result->device = device;
                   posenc_status status = device->load(result->loaded, *images, "the module");
                   if (!status)
                     *module = result.release();
                   return status;
                 });
}

posenc_status posenc_module_unload(posenc_module *module) {
  return guarded([&]() -> posenc_status {
    if (!module)
      return POSENC_OK;
    posenc_status status = module->device->unload(module->loaded);
    if (!module->loaded.handle)
      delete module;
    return status;
  });
}

posenc_status posenc_launch(posenc_module *module, const char *kernel, const uint64_t grid[3],
                            const uint64_t block[3], uint32_t shared_bytes, void *stream,
                            void **arguments, uint64_t argument_count) {
  return guarded({{module, "a module"},
                  {kernel, "the name of a kernel"},
                  {grid, "a grid"},
                  {block, "a block"}},
                 [&] {
                   return module->device->launch(module->loaded, kernel, grid, block,
                                                 shared_bytes, stream, arguments,
                                                 argument_count);
                 });
}
