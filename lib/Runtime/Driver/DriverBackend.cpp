//===- DriverBackend.cpp - A backend on a driver --------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include <new>

using namespace posenc::runtime;

static constexpr unsigned kNonBlocking = 1; // streams that do not wait for the default one
static constexpr unsigned kAttachGlobal = 1;

static DriverDevice &unwrap(posenc_backend_device *device) {
  return *reinterpret_cast<DriverDevice *>(device);
}

/// Of an operation on an open device. That the device is not there is something else.
static posenc_status checkOperation(Driver &driver, int code, const std::string &attempt) {
  posenc_status status = checkDriver(driver, code, attempt);
  return status == POSENC_ERROR_NO_DEVICE ? POSENC_ERROR_DRIVER : status;
}

/// Runs `body`, which returns the driver's code, on the device.
template <class Body>
static posenc_status onDevice(posenc_backend_device *handle, const char *attempt, Body body) {
  DriverDevice &device = unwrap(handle);
  int previous = 0;
  int code = device.driver->enter(device, previous);
  if (code)
    return refuseDevice(*device.driver, code);
  code = body(device, device.driver->f);
  device.driver->leave(device, previous);
  return code ? checkOperation(*device.driver, code, attempt) : POSENC_OK;
}

static void close(posenc_backend_device *handle) {
  DriverDevice *device = &unwrap(handle);
  device->driver->closeDevice(device);
}

static void getInfo(posenc_backend_device *handle, posenc_backend_info *info) {
  DriverDevice &device = unwrap(handle);
  info->name = device.name.c_str();
  info->chip = device.chip.c_str();
  info->ordered_memory = device.pool != nullptr;
}

static posenc_status synchronize(posenc_backend_device *handle) {
  return onDevice(handle, "finish the device's work",
                  [](DriverDevice &, DriverFunctions &f) { return f.synchronize(); });
}

static posenc_status createStream(posenc_backend_device *handle, void **stream) {
  return onDevice(handle, "create a stream", [=](DriverDevice &, DriverFunctions &f) {
    return f.createStream(stream, kNonBlocking);
  });
}

static posenc_status destroyStream(posenc_backend_device *handle, void *stream) {
  return onDevice(handle, "destroy a stream",
                  [=](DriverDevice &, DriverFunctions &f) { return f.destroyStream(stream); });
}

static posenc_status synchronizeStream(posenc_backend_device *handle, void *stream) {
  return onDevice(handle, "finish a stream's work", [=](DriverDevice &, DriverFunctions &f) {
    return f.synchronizeStream(stream);
  });
}

static posenc_status waitEvent(posenc_backend_device *handle, void *stream, void *event) {
  return onDevice(handle, "make a stream wait", [=](DriverDevice &, DriverFunctions &f) {
    return f.waitEvent(stream, event, 0);
  });
}

static posenc_status createEvent(posenc_backend_device *handle, void **event) {
  return onDevice(handle, "create an event",
                  [=](DriverDevice &, DriverFunctions &f) { return f.createEvent(event, 0); });
}

static posenc_status destroyEvent(posenc_backend_device *handle, void *event) {
  return onDevice(handle, "destroy an event",
                  [=](DriverDevice &, DriverFunctions &f) { return f.destroyEvent(event); });
}

static posenc_status recordEvent(posenc_backend_device *handle, void *event, void *stream) {
  return onDevice(handle, "record an event", [=](DriverDevice &, DriverFunctions &f) {
    return f.recordEvent(event, stream);
  });
}

static posenc_status synchronizeEvent(posenc_backend_device *handle, void *event) {
  return onDevice(handle, "wait for an event", [=](DriverDevice &, DriverFunctions &f) {
    return f.synchronizeEvent(event);
  });
}

static posenc_status getElapsed(posenc_backend_device *handle, void *begin, void *end,
                                float *milliseconds) {
  return onDevice(handle, "measure the time between events",
                  [=](DriverDevice &, DriverFunctions &f) {
                    return f.getElapsed(milliseconds, begin, end);
                  });
}

/// Memory outside the pool, which gives back what it keeps if the device is full.
static int allocateUnordered(DriverDevice &device, DriverFunctions &f, uint64_t bytes,
                             int hostShared, void **memory) {
  auto attempt = [&] {
    return hostShared ? f.allocateManaged(memory, bytes, kAttachGlobal)
                      : f.allocate(memory, bytes);
  };
  int code = attempt();
  if (code != kDriverOutOfMemory || !device.pool || f.synchronize() ||
      f.trimPool(device.pool, 0))
    return code;
  return attempt();
}

static posenc_status allocate(posenc_backend_device *handle, uint64_t bytes, void *stream,
                              int hostShared, void **memory) {
  std::string attempt = "allocate " + std::to_string(bytes) + " bytes on the device";
  return onDevice(handle, attempt.c_str(), [&](DriverDevice &device, DriverFunctions &f) {
    if (stream && device.pool && !hostShared)
      return f.allocateFromPool(memory, bytes, device.pool, stream);
    return allocateUnordered(device, f, bytes, hostShared, memory);
  });
}

static posenc_status release(posenc_backend_device *handle, void *memory, void *stream) {
  return onDevice(handle, "free memory of the device",
                  [=](DriverDevice &device, DriverFunctions &f) {
                    if (stream && device.pool)
                      return f.releaseOrdered(memory, stream);
                    // Freeing a pool's memory does not wait by itself. It is freed
                    // even if what is waited for has failed.
                    int waited = device.pool ? f.synchronize() : 0;
                    int released = f.release(memory);
                    return waited ? waited : released;
                  });
}

static posenc_status copy(posenc_backend_device *handle, void *to, const void *from,
                          uint64_t bytes, void *stream) {
  std::string attempt = "copy " + std::to_string(bytes) + " bytes";
  return onDevice(handle, attempt.c_str(), [&](DriverDevice &device, DriverFunctions &) {
    return device.driver->copy(to, from, bytes, stream);
  });
}

static posenc_status set(posenc_backend_device *handle, void *memory, uint32_t value,
                         uint32_t width, uint64_t count, void *stream) {
  return onDevice(handle, "set memory of the device", [=](DriverDevice &, DriverFunctions &f) {
    if (width == 1)
      return f.setD8(memory, value & 0xff, count, stream);
    if (width == 2)
      return f.setD16(memory, value & 0xffff, count, stream);
    return f.setD32(memory, value, count, stream);
  });
}

static uint32_t rank(posenc_backend_device *handle, const posenc_rt_image *image) {
  DriverDevice &device = unwrap(handle);
  return device.driver->rank(device, *image);
}

static posenc_status loadModule(posenc_backend_device *handle, const posenc_rt_image *image,
                                posenc_backend_module **result) {
  auto module = std::make_unique<DriverModule>();
  std::string log;
  std::string attempt = std::string("load the ") + image->format + " for " + image->chip;
  posenc_status status =
      onDevice(handle, attempt.c_str(), [&](DriverDevice &device, DriverFunctions &) {
        return device.driver->loadImage(*image, &module->handle, log);
      });
  if (status)
    return log.empty() ? status : refuseDriver(status, getDriverMessage() + ("\n" + log));
  *result = reinterpret_cast<posenc_backend_module *>(module.release());
  return POSENC_OK;
}

static posenc_status unloadModule(posenc_backend_device *handle,
                                  posenc_backend_module *wrapped) {
  auto *module = reinterpret_cast<DriverModule *>(wrapped);
  posenc_status status =
      onDevice(handle, "unload a module", [&](DriverDevice &, DriverFunctions &f) {
        return f.unloadModule(module->handle);
      });
  if (status != POSENC_ERROR_NO_DEVICE)
    delete module;
  return status;
}

static posenc_status findKernel(posenc_backend_device *handle, posenc_backend_module *wrapped,
                                const char *name, posenc_backend_kernel **result) {
  auto &module = *reinterpret_cast<DriverModule *>(wrapped);
  std::lock_guard<std::mutex> lock(module.mutex);
  auto found = module.kernels.find(name);
  if (found == module.kernels.end()) {
    auto kernel = std::make_unique<DriverKernel>();
    kernel->name = name;
    std::string attempt = std::string("find the kernel ") + name;
    if (posenc_status status =
            onDevice(handle, attempt.c_str(), [&](DriverDevice &, DriverFunctions &f) {
              return f.getFunction(&kernel->function, module.handle, name);
            }))
      return status;
    found = module.kernels.emplace(name, std::move(kernel)).first;
  }
  *result = reinterpret_cast<posenc_backend_kernel *>(found->second.get());
  return POSENC_OK;
}

static int allowShared(DriverDevice &device, DriverKernel &kernel, uint32_t bytes) {
  std::lock_guard<std::mutex> lock(kernel.mutex);
  if (bytes <= kernel.sharedAllowed)
    return 0;
  int code = device.driver->allowShared(kernel.function, bytes);
  if (!code)
    kernel.sharedAllowed = bytes;
  return code;
}

static std::string describeLaunch(const DriverKernel &kernel,
                                  const posenc_backend_launch &launch) {
  auto triple = [](const uint32_t values[3]) {
    return std::to_string(values[0]) + "x" + std::to_string(values[1]) + "x" +
           std::to_string(values[2]);
  };
  return "launch the kernel " + kernel.name + " with " + triple(launch.grid) + " blocks of " +
         triple(launch.block) + " threads and " + std::to_string(launch.shared_bytes) +
         " bytes of dynamic shared memory";
}

static posenc_status launchKernel(posenc_backend_device *handle, posenc_backend_kernel *wrapped,
                                  const posenc_backend_launch *launch) {
  auto &kernel = *reinterpret_cast<DriverKernel *>(wrapped);
  DriverDevice &device = unwrap(handle);
  int previous = 0;
  int code = device.driver->enter(device, previous);
  if (code)
    return refuseDevice(*device.driver, code);
  code = allowShared(device, kernel, launch->shared_bytes);
  if (!code)
    code = device.driver->f.launch(kernel.function, launch->grid[0], launch->grid[1],
                                   launch->grid[2], launch->block[0], launch->block[1],
                                   launch->block[2], launch->shared_bytes, launch->stream,
                                   launch->arguments, nullptr);
  device.driver->leave(device, previous);
  // The text is made only when there is need for it.
  return code ? checkOperation(*device.driver, code, describeLaunch(kernel, *launch))
              : POSENC_OK;
}

posenc_backend posenc::runtime::makeDriverBackend() {
  posenc_backend table = {};
  table.version = POSENC_BACKEND_VERSION;
  table.message = getDriverMessage;
  table.close = close;
  table.info = getInfo;
  table.synchronize = NoThrow<synchronize>::call;
  table.stream_create = NoThrow<createStream>::call;
  table.stream_destroy = NoThrow<destroyStream>::call;
  table.stream_synchronize = NoThrow<synchronizeStream>::call;
  table.stream_wait_event = NoThrow<waitEvent>::call;
  table.event_create = NoThrow<createEvent>::call;
  table.event_destroy = NoThrow<destroyEvent>::call;
  table.event_record = NoThrow<recordEvent>::call;
  table.event_synchronize = NoThrow<synchronizeEvent>::call;
  table.event_elapsed = NoThrow<getElapsed>::call;
  table.mem_alloc = NoThrow<allocate>::call;
  table.mem_free = NoThrow<release>::call;
  table.copy = NoThrow<copy>::call;
  table.set = NoThrow<set>::call;
  table.rank = rank;
  table.module_load = NoThrow<loadModule>::call;
  table.module_unload = NoThrow<unloadModule>::call;
  table.module_kernel = NoThrow<findKernel>::call;
  table.launch = NoThrow<launchKernel>::call;
  return table;
}
