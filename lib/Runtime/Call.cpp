//===- Call.cpp - A call of compiled code ---------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Call.h"

#include "Devices.h"
#include "Error.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

using namespace posenc::runtime;

Call::~Call() {
  if (ownsStream)
    device.returnStream(stream);
}

posenc_status Call::finish() {
  if (isSynchronous && isBusy.exchange(false))
    if (posenc_status status =
            device.check(device.backend->stream_synchronize(device.handle, stream)))
      return status;
  // A surrounding call that fails later has to free it, as far as its device can.
  if (parent)
    for (auto [resource, kind] : resources)
      if (kind == Kind::Host || &parent->device == &device)
        parent->add(resource, kind);
  return POSENC_OK;
}

void Call::release() {
  // What is still running may use the memory. It may fail too: the first error counts.
  if (isBusy.exchange(false))
    device.backend->stream_synchronize(device.handle, stream);
  for (auto [resource, kind] : resources)
    releaseOne(resource, kind);
  resources.clear();
}

void Call::releaseOne(void *resource, Kind kind) {
  switch (kind) {
  case Kind::Host:
    std::free(resource);
    return;
  case Kind::Device:
    freeDevice(resource);
    return;
  case Kind::Event:
    device.backend->event_destroy(device.handle, resource);
    return;
  }
}

void Call::add(void *resource, Kind kind) {
  std::lock_guard<std::mutex> lock(mutex);
  resources.emplace(resource, kind);
}

bool Call::remove(void *resource) {
  std::lock_guard<std::mutex> lock(mutex);
  return resources.erase(resource) != 0;
}

Call &Call::removeFromOwner(void *resource) {
  for (Call *call = this; call; call = call->parent)
    if (call->remove(resource))
      return *call;
  return *this;
}

bool Call::owns(const void *resource) {
  std::lock_guard<std::mutex> lock(mutex);
  return resources.count(const_cast<void *>(resource)) != 0;
}

posenc_status Call::getStream(void **result) {
  std::lock_guard<std::mutex> lock(mutex);
  if (!stream && parent && &parent->device == &device) {
    // In order with what the surrounding call has begun.
    if (posenc_status status = parent->getStream(&stream))
      return status;
    isRuntimeStream = parent->isRuntimeStream;
  }
  if (!stream) {
    if (posenc_status status = device.takeStream(&stream))
      return status;
    ownsStream = isRuntimeStream = true;
  }
  *result = stream;
  return POSENC_OK;
}

/// Compiled code waits for the stream wherever a value may reach the host. Where none
/// does, kernels go on and the host prepares the next one.
posenc_status Call::synchronize() {
  void *current;
  if (posenc_status status = getStream(&current))
    return status;
  if (!isBusy || !(hostWaits || hasShared))
    return POSENC_OK;
  isBusy = hostWaits = false;
  return device.check(device.backend->stream_synchronize(device.handle, current));
}

posenc_status Call::createEvent(void **event) {
  if (posenc_status status = device.check(device.backend->event_create(device.handle, event)))
    return status;
  try {
    add(*event, Kind::Event);
  } catch (...) {
    device.backend->event_destroy(device.handle, *event);
    throw;
  }
  return POSENC_OK;
}

posenc_status Call::destroyEvent(void *event) {
  Call &owner = removeFromOwner(event);
  posenc_status status = owner.device.backend->event_destroy(owner.device.handle, event);
  if (status == POSENC_ERROR_NO_DEVICE)
    owner.add(event, Kind::Event);
  return owner.device.check(status);
}

posenc_status Call::recordEvent(void *event) {
  void *current;
  if (posenc_status status = getStream(&current))
    return status;
  return device.check(device.backend->event_record(device.handle, event, current));
}

posenc_status Call::waitEvent(void *event) {
  void *current;
  if (posenc_status status = getStream(&current))
    return status;
  return device.check(device.backend->stream_wait_event(device.handle, current, event));
}

posenc_status Call::synchronizeEvent(void *event) {
  return device.check(device.backend->event_synchronize(device.handle, event));
}

posenc_status Call::allocate(uint64_t bytes, bool hostShared, void **memory) {
  void *current;
  if (posenc_status status = getStream(&current))
    return status;
  // Every buffer has an address of its own, also an empty one.
  bytes = std::max<uint64_t>(bytes, 1);
  // The cache relies on streams that live as long as the device; the caller's need not.
  bool isCached = device.memory && isRuntimeStream && !hostShared;
  posenc_status status = isCached ? device.memory->allocate(bytes, current, memory)
                                  : device.backend->mem_alloc(device.handle, bytes,
                                                              device.memory ? nullptr : current,
                                                              hostShared, memory);
  if (status == POSENC_ERROR_OUT_OF_MEMORY && device.memory && !isCached) {
    device.memory->trim();
    status = device.backend->mem_alloc(device.handle, bytes, nullptr, hostShared, memory);
  }
  if (status)
    return device.check(status);
  try {
    add(*memory, Kind::Device);
  } catch (...) {
    freeDevice(*memory);
    throw;
  }
  if (hostShared)
    hasShared = true;
  isBusy = true;
  return POSENC_OK;
}

posenc_status Call::freeDevice(void *memory) {
  if (device.memory && isRuntimeStream && device.memory->release(memory, stream))
    return POSENC_OK;
  if (device.memory)
    device.memory->handOver(memory);
  return device.check(
      device.backend->mem_free(device.handle, memory, device.memory ? nullptr : stream));
}

posenc_status Call::free(void *memory) {
  if (!memory)
    return POSENC_OK;
  void *current;
  if (posenc_status status = getStream(&current))
    return status;
  isBusy = true;
  Call &owner = removeFromOwner(memory);
  posenc_status status = owner.freeDevice(memory);
  // It did not even begin: the end of the call tries again.
  if (status == POSENC_ERROR_NO_DEVICE)
    owner.add(memory, Kind::Device);
  return status;
}

posenc_status Call::copy(void *to, const void *from, uint64_t bytes) {
  void *current;
  if (posenc_status status = getStream(&current))
    return status;
  if (!bytes)
    return POSENC_OK;
  bool onDevice = owns(to) && owns(from);
  isBusy = true;
  if (!onDevice)
    hostWaits = true;
  return device.check(device.backend->copy(device.handle, to, from, bytes, current));
}

posenc_status Call::set(void *memory, uint32_t value, uint32_t width, uint64_t count) {
  void *current;
  if (posenc_status status = getStream(&current))
    return status;
  if (!count)
    return POSENC_OK;
  isBusy = true;
  return device.check(device.backend->set(device.handle, memory, value, width, count, current));
}

posenc_status Call::launch(posenc_rt_module &module, const char *kernel, const uint64_t grid[3],
                           const uint64_t block[3], uint32_t sharedBytes, void **arguments,
                           uint64_t argumentCount) {
  void *current;
  if (posenc_status status = getStream(&current))
    return status;
  LoadedModule &loaded = device.getLoaded(getIdentity(&module));
  if (posenc_status status = device.load(loaded, *module.images, module.name))
    return status;
  isBusy = true;
  return device.launch(loaded, kernel, grid, block, sharedBytes, current, arguments,
                       argumentCount);
}

void Call::addHost(void *memory) { add(memory, Kind::Host); }

void Call::removeHost(void *memory) { removeFromOwner(memory); }

static thread_local Frame *innermost = nullptr;

Frame *posenc::runtime::getFrame() { return innermost; }

posenc_status posenc::runtime::runInFrame(Call *call, void (*function)(void *),
                                          void *argument) {
  Frame frame;
  frame.call = call;
  frame.previous = innermost;
  innermost = &frame;
  if (setjmp(frame.jump) == 0)
    function(argument);
  // Either way: the frame is in memory, which the jump leaves alone.
  innermost = frame.previous;
  return frame.status;
}

void posenc::runtime::leave(posenc_status status) {
  if (!innermost) {
    std::fprintf(stderr, "error: %s\n", posenc_last_error());
    std::abort();
  }
  innermost->status = status;
  std::longjmp(innermost->jump, 1);
}

posenc_status posenc_call(posenc_device *device, void *stream, void (*function)(void *),
                          void *argument) {
  return guarded({{device, "a device"}, {reinterpret_cast<void *>(function), "a function"}},
                 [&]() -> posenc_status {
                   Call call(*device, stream, getFrame() ? getFrame()->call : nullptr);
                   posenc_status status = runInFrame(&call, function, argument);
                   if (!status)
                     status = call.finish();
                   if (status)
                     call.release();
                   return status;
                 });
}
