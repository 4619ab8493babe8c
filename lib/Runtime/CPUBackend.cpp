//===- CPUBackend.cpp - Host memory as a device ---------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// So that programs for the CPU need no second interface. Streams have nothing to
// wait for; events are points in time.
//===----------------------------------------------------------------------===//

#include "Backends.h"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

using Clock = std::chrono::steady_clock;

namespace {
struct Event {
  Clock::time_point time;
  bool recorded = false;
};
} // namespace

static thread_local std::string message;

static posenc_status refuse(posenc_status status, const std::string &text) {
  message = text;
  return status;
}

static const char *getMessage() { return message.c_str(); }

static posenc_status count(uint32_t *devices) {
  *devices = 1;
  return POSENC_OK;
}

static posenc_status open(const char *which, const char *const *options,
                          posenc_backend_device **device) {
  if (*which)
    return refuse(
        POSENC_ERROR_INVALID,
        "expected the target cpu without a number but got 'cpu:" + std::string(which) + "'");
  if (options && *options)
    return refuse(POSENC_ERROR_INVALID,
                  "expected no options for cpu but got '" + std::string(*options) + "'");
  // There is only one, without state.
  static char only;
  *device = reinterpret_cast<posenc_backend_device *>(&only);
  return POSENC_OK;
}

static void close(posenc_backend_device *) {}

static void getInfo(posenc_backend_device *, posenc_backend_info *info) {
  info->name = "cpu";
  info->chip = "";
  info->ordered_memory = 1;
}

static posenc_status synchronize(posenc_backend_device *) { return POSENC_OK; }

static posenc_status createStream(posenc_backend_device *, void **stream) {
  // Anything but null, which would ask for the default stream.
  static char only;
  *stream = &only;
  return POSENC_OK;
}

static posenc_status useStream(posenc_backend_device *, void *) { return POSENC_OK; }

static posenc_status waitEvent(posenc_backend_device *, void *, void *) { return POSENC_OK; }

static posenc_status createEvent(posenc_backend_device *, void **event) {
  *event = new (std::nothrow) Event;
  return *event ? POSENC_OK
                : refuse(POSENC_ERROR_OUT_OF_MEMORY, "cannot create an event: out of memory");
}

static posenc_status destroyEvent(posenc_backend_device *, void *event) {
  delete static_cast<Event *>(event);
  return POSENC_OK;
}

static posenc_status recordEvent(posenc_backend_device *, void *event, void *) {
  static_cast<Event *>(event)->time = Clock::now();
  static_cast<Event *>(event)->recorded = true;
  return POSENC_OK;
}

static posenc_status getElapsed(posenc_backend_device *, void *begin, void *end,
                                float *milliseconds) {
  auto *first = static_cast<Event *>(begin), *last = static_cast<Event *>(end);
  if (!first->recorded || !last->recorded)
    return refuse(POSENC_ERROR_INVALID,
                  "cannot measure the time to an event that did not happen");
  *milliseconds = std::chrono::duration<float, std::milli>(last->time - first->time).count();
  return POSENC_OK;
}

static posenc_status allocate(posenc_backend_device *, uint64_t bytes, void *, int,
                              void **memory) {
  // What vector code and packages' users may count on.
  constexpr uint64_t alignment = 64;
  uint64_t rounded = (bytes + alignment - 1) / alignment * alignment;
  *memory = rounded < bytes ? nullptr : std::aligned_alloc(alignment, rounded);
  if (*memory)
    return POSENC_OK;
  return refuse(POSENC_ERROR_OUT_OF_MEMORY,
                "cannot allocate " + std::to_string(bytes) + " bytes: out of memory");
}

static posenc_status release(posenc_backend_device *, void *memory, void *) {
  std::free(memory);
  return POSENC_OK;
}

static posenc_status copy(posenc_backend_device *, void *to, const void *from, uint64_t bytes,
                          void *) {
  std::memmove(to, from, bytes);
  return POSENC_OK;
}

static posenc_status set(posenc_backend_device *, void *memory, uint32_t value, uint32_t width,
                         uint64_t count, void *) {
  auto *bytes = static_cast<char *>(memory);
  for (uint64_t i = 0; i < count; ++i)
    std::memcpy(bytes + i * width, &value, width); // the low bytes: little endian
  return POSENC_OK;
}

static uint32_t rank(posenc_backend_device *, const posenc_rt_image *) { return 0; }

static posenc_status loadModule(posenc_backend_device *, const posenc_rt_image *,
                                posenc_backend_module **) {
  return refuse(POSENC_ERROR_IMAGE, "expected a GPU but the device is cpu");
}

static posenc_status unloadModule(posenc_backend_device *, posenc_backend_module *) {
  return POSENC_OK;
}

static posenc_status findKernel(posenc_backend_device *, posenc_backend_module *, const char *,
                                posenc_backend_kernel **) {
  return refuse(POSENC_ERROR_IMAGE, "expected a GPU but the device is cpu");
}

static posenc_status launch(posenc_backend_device *, posenc_backend_kernel *,
                            const posenc_backend_launch *) {
  return refuse(POSENC_ERROR_IMAGE, "expected a GPU but the device is cpu");
}

static constexpr posenc_backend table = {POSENC_BACKEND_VERSION,
                                         "cpu",
                                         getMessage,
                                         count,
                                         open,
                                         close,
                                         getInfo,
                                         synchronize,
                                         nullptr,
                                         createStream,
                                         useStream,
                                         useStream,
                                         waitEvent,
                                         createEvent,
                                         destroyEvent,
                                         recordEvent,
                                         useStream,
                                         getElapsed,
                                         allocate,
                                         release,
                                         copy,
                                         set,
                                         rank,
                                         loadModule,
                                         unloadModule,
                                         findKernel,
                                         launch};

const posenc_backend *posenc::runtime::getCPUBackend() { return &table; }
