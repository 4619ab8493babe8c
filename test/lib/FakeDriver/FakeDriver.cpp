//===- FakeDriver.cpp - A GPU driver that only pretends -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// FAKE_HIP: with AMD's names. FAKE_INCOMPLETE: a driver without a launch function.
//===----------------------------------------------------------------------===//

#include "FakeState.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <sstream>

using namespace fake;

#ifdef FAKE_HIP
#define NAME(cuda, hip) hip
#else
#define NAME(cuda, hip) cuda
#endif
#define QUOTE_(text) #text
#define QUOTE(text) QUOTE_(text)
/// A function of the driver. CALLED comes first in its body.
#define DRIVER(cuda, hip) extern "C" __attribute__((visibility("default"))) int NAME(cuda, hip)
#define CALLED(cuda, hip)                                                                      \
  std::lock_guard<std::mutex> lock(state().mutex);                                             \
  int injected = state().call(QUOTE(NAME(cuda, hip)))
#define CALLED_OR_FAIL(cuda, hip)                                                              \
  CALLED(cuda, hip);                                                                           \
  if (injected)                                                                                \
  return injected

static double now() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Devices. -----------------------------------------------------------------

DRIVER(cuInit, hipInit)(unsigned) {
  CALLED_OR_FAIL(cuInit, hipInit);
  return Success;
}

DRIVER(cuDeviceGetCount, hipGetDeviceCount)(int *count) {
  CALLED_OR_FAIL(cuDeviceGetCount, hipGetDeviceCount);
  *count = state().machine.devices;
  return Success;
}

DRIVER(cuDeviceGet, hipDeviceGet)(int *device, int ordinal) {
  CALLED_OR_FAIL(cuDeviceGet, hipDeviceGet);
  if (ordinal >= state().machine.devices)
    return InvalidDevice;
  *device = ordinal;
  return Success;
}

DRIVER(cuDeviceGetName, hipDeviceGetName)(char *name, int length, int) {
  CALLED_OR_FAIL(cuDeviceGetName, hipDeviceGetName);
  std::strncpy(name, "Fake GPU", length);
  return Success;
}

DRIVER(cuDeviceGetAttribute, hipDeviceGetAttribute)(int *value, int attribute, int) {
  CALLED_OR_FAIL(cuDeviceGetAttribute, hipDeviceGetAttribute);
  switch (attribute) {
  case 75:
    *value = state().machine.major;
    return Success;
  case 76:
    *value = state().machine.minor;
    return Success;
  case NAME(115, 88):
    *value = state().machine.hasPools;
    return Success;
  default:
    return InvalidValue;
  }
}

DRIVER(cuCtxSynchronize, hipDeviceSynchronize)() {
  CALLED_OR_FAIL(cuCtxSynchronize, hipDeviceSynchronize);
  return Success;
}

static const char *getText(int code) {
  switch (code) {
  case OutOfMemory:
    return "the fake device is full";
  case 719:
    return "the fake kernel crashed";
  default:
    return "the fake driver refuses";
  }
}

#ifdef FAKE_HIP
extern "C" __attribute__((visibility("default"))) const char *hipGetErrorName(int) {
  return "hipErrorFake";
}
extern "C" __attribute__((visibility("default"))) const char *hipGetErrorString(int code) {
  return getText(code);
}

DRIVER(, hipGetDevice)(int *device) {
  CALLED_OR_FAIL(, hipGetDevice);
  *device = current;
  return Success;
}

DRIVER(, hipSetDevice)(int device) {
  CALLED_OR_FAIL(, hipSetDevice);
  current = device;
  return Success;
}

DRIVER(, hipGetDevicePropertiesR0600)(void *properties, int) {
  CALLED_OR_FAIL(, hipGetDevicePropertiesR0600);
  constexpr size_t size = 1472, archAt = 1160;
  std::memset(properties, 0, size);
  std::strcpy(static_cast<char *>(properties) + archAt, state().machine.arch);
  return Success;
}
#else
extern "C" __attribute__((visibility("default"))) int cuGetErrorName(int, const char **name) {
  *name = "CUDA_ERROR_FAKE";
  return Success;
}
extern "C" __attribute__((visibility("default"))) int cuGetErrorString(int code,
                                                                       const char **text) {
  *text = getText(code);
  return Success;
}

DRIVER(cuDevicePrimaryCtxRetain, )(void **context, int) {
  CALLED_OR_FAIL(cuDevicePrimaryCtxRetain, );
  static char only;
  *context = &only;
  ++state().contexts;
  return Success;
}

DRIVER(cuDevicePrimaryCtxRelease_v2, )(int) {
  CALLED(cuDevicePrimaryCtxRelease_v2, );
  --state().contexts;
  return injected;
}

DRIVER(cuCtxPushCurrent_v2, )(void *context) {
  CALLED_OR_FAIL(cuCtxPushCurrent_v2, );
  if (!context || !state().contexts)
    return state().complain(InvalidContext, "a context that is not there");
  ++current;
  return Success;
}

DRIVER(cuCtxPopCurrent_v2, )(void **) {
  CALLED(cuCtxPopCurrent_v2, );
  if (current == 0)
    return state().complain(InvalidContext, "no context to pop");
  --current;
  return injected;
}
#endif

// Streams and events. ------------------------------------------------------

DRIVER(cuStreamCreate, hipStreamCreateWithFlags)(void **stream, unsigned) {
  CALLED_OR_FAIL(cuStreamCreate, hipStreamCreateWithFlags);
  *stream = new char;
  state().streams.insert(*stream);
  return Success;
}

DRIVER(cuStreamDestroy_v2, hipStreamDestroy)(void *stream) {
  CALLED(cuStreamDestroy_v2, hipStreamDestroy);
  if (!state().streams.erase(stream))
    return state().complain(InvalidHandle, "a stream destroyed that is not there");
  delete static_cast<char *>(stream);
  return injected;
}

DRIVER(cuStreamSynchronize, hipStreamSynchronize)(void *stream) {
  CALLED_OR_FAIL(cuStreamSynchronize, hipStreamSynchronize);
  return state().checkStream(stream);
}

DRIVER(cuStreamWaitEvent, hipStreamWaitEvent)(void *stream, void *event, unsigned) {
  CALLED_OR_FAIL(cuStreamWaitEvent, hipStreamWaitEvent);
  if (!state().events.count(static_cast<Event *>(event)))
    return state().complain(InvalidHandle, "unknown event");
  return state().checkStream(stream);
}

DRIVER(cuEventCreate, hipEventCreateWithFlags)(void **event, unsigned) {
  CALLED_OR_FAIL(cuEventCreate, hipEventCreateWithFlags);
  auto *result = new Event;
  state().events.insert(result);
  *event = result;
  return Success;
}

DRIVER(cuEventDestroy_v2, hipEventDestroy)(void *event) {
  CALLED(cuEventDestroy_v2, hipEventDestroy);
  if (!state().events.erase(static_cast<Event *>(event)))
    return state().complain(InvalidHandle, "an event destroyed that is not there");
  delete static_cast<Event *>(event);
  return injected;
}

DRIVER(cuEventRecord, hipEventRecord)(void *event, void *stream) {
  CALLED_OR_FAIL(cuEventRecord, hipEventRecord);
  if (!state().events.count(static_cast<Event *>(event)))
    return state().complain(InvalidHandle, "unknown event");
  static_cast<Event *>(event)->milliseconds = now();
  return state().checkStream(stream);
}

DRIVER(cuEventSynchronize, hipEventSynchronize)(void *event) {
  CALLED_OR_FAIL(cuEventSynchronize, hipEventSynchronize);
  return state().events.count(static_cast<Event *>(event)) ? Success : InvalidHandle;
}

DRIVER(cuEventElapsedTime, hipEventElapsedTime)(float *milliseconds, void *begin, void *end) {
  CALLED_OR_FAIL(cuEventElapsedTime, hipEventElapsedTime);
  auto *first = static_cast<Event *>(begin), *last = static_cast<Event *>(end);
  if (!state().events.count(first) || !state().events.count(last) || first->milliseconds < 0 ||
      last->milliseconds < 0)
    return InvalidHandle;
  *milliseconds = float(last->milliseconds - first->milliseconds);
  return Success;
}

// Memory. ------------------------------------------------------------------

DRIVER(cuMemAlloc_v2, hipMalloc)(void **memory, size_t bytes) {
  CALLED_OR_FAIL(cuMemAlloc_v2, hipMalloc);
  return state().allocate(memory, bytes);
}

DRIVER(cuMemAllocManaged, hipMallocManaged)(void **memory, size_t bytes, unsigned) {
  CALLED_OR_FAIL(cuMemAllocManaged, hipMallocManaged);
  return state().allocate(memory, bytes);
}

DRIVER(cuMemFree_v2, hipFree)(void *memory) {
  CALLED(cuMemFree_v2, hipFree);
  int code = state().release(memory);
  return injected ? injected : code;
}

DRIVER(cuMemPoolCreate, hipMemPoolCreate)(void **pool, const void *) {
  CALLED_OR_FAIL(cuMemPoolCreate, hipMemPoolCreate);
  *pool = new char;
  state().pools.insert(*pool);
  return Success;
}

DRIVER(cuMemPoolDestroy, hipMemPoolDestroy)(void *pool) {
  CALLED(cuMemPoolDestroy, hipMemPoolDestroy);
  if (!state().pools.erase(pool))
    return state().complain(InvalidHandle, "a pool destroyed that is not there");
  delete static_cast<char *>(pool);
  return injected;
}

DRIVER(cuMemPoolSetAttribute, hipMemPoolSetAttribute)(void *pool, int attribute, void *) {
  CALLED_OR_FAIL(cuMemPoolSetAttribute, hipMemPoolSetAttribute);
  return state().pools.count(pool) && attribute == 4 ? Success : InvalidValue;
}

DRIVER(cuMemPoolTrimTo, hipMemPoolTrimTo)(void *pool, size_t) {
  CALLED_OR_FAIL(cuMemPoolTrimTo, hipMemPoolTrimTo);
  return state().pools.count(pool) ? Success : InvalidValue;
}

DRIVER(cuMemAllocFromPoolAsync, hipMallocFromPoolAsync)
(void **memory, size_t bytes, void *pool, void *stream) {
  CALLED_OR_FAIL(cuMemAllocFromPoolAsync, hipMallocFromPoolAsync);
  if (!state().pools.count(pool))
    return state().complain(InvalidHandle, "unknown pool");
  if (int code = state().checkStream(stream))
    return code;
  return state().allocate(memory, bytes);
}

DRIVER(cuMemFreeAsync, hipFreeAsync)(void *memory, void *stream) {
  CALLED(cuMemFreeAsync, hipFreeAsync);
  if (int code = state().checkStream(stream))
    return code;
  int code = state().release(memory);
  return injected ? injected : code;
}

#ifdef FAKE_HIP
DRIVER(, hipMemcpyAsync)(void *to, const void *from, size_t bytes, int kind, void *stream) {
  CALLED_OR_FAIL(, hipMemcpyAsync);
  if (kind != 4)
    return state().complain(InvalidValue, "a copy that says its direction");
#else
DRIVER(cuMemcpyAsync, )(void *to, const void *from, size_t bytes, void *stream) {
  CALLED_OR_FAIL(cuMemcpyAsync, );
#endif
  if (int code = state().checkStream(stream))
    return code;
  std::memmove(to, from, bytes);
  return Success;
}

template <class T> static int set(void *memory, T value, size_t count, void *stream) {
  if (int code = state().checkStream(stream))
    return code;
  std::fill_n(static_cast<T *>(memory), count, value);
  return Success;
}

DRIVER(cuMemsetD8Async, hipMemsetD8Async)
(void *memory, unsigned char value, size_t count, void *stream) {
  CALLED_OR_FAIL(cuMemsetD8Async, hipMemsetD8Async);
  return set(memory, value, count, stream);
}

DRIVER(cuMemsetD16Async, hipMemsetD16Async)
(void *memory, unsigned short value, size_t count, void *stream) {
  CALLED_OR_FAIL(cuMemsetD16Async, hipMemsetD16Async);
  return set(memory, value, count, stream);
}

DRIVER(cuMemsetD32Async, hipMemsetD32Async)
(void *memory, unsigned value, size_t count, void *stream) {
  CALLED_OR_FAIL(cuMemsetD32Async, hipMemsetD32Async);
  return set(memory, value, count, stream);
}

// Modules and launches. ----------------------------------------------------

DRIVER(cuModuleLoadDataEx, hipModuleLoadDataEx)
(void **module, const void *image, unsigned count, int *options, void **values) {
  CALLED_OR_FAIL(cuModuleLoadDataEx, hipModuleLoadDataEx);
  std::string text = static_cast<const char *>(image);
  if (text.rfind("broken", 0) == 0) {
    // CU_JIT_ERROR_LOG_BUFFER
    if (count > 0 && options[0] == 5)
      std::strcpy(static_cast<char *>(values[0]), "line 1: fake syntax error\n");
    return InvalidImage;
  }
  auto *result = new Module{text, {}};
  state().modules.insert(result);
  *module = result;
  return Success;
}

DRIVER(cuModuleUnload, hipModuleUnload)(void *handle) {
  CALLED(cuModuleUnload, hipModuleUnload);
  auto *module = static_cast<Module *>(handle);
  if (!state().modules.erase(module))
    return state().complain(InvalidHandle, "a module unloaded that is not there");
  delete module;
  return injected;
}

/// PTX, or an ELF file: has whatever kernel one looks for, which does nothing.
static bool isCompiled(const std::string &text) {
  static const std::string elf = "\177ELF";
  return text.compare(0, elf.size(), elf) == 0 || text.find(".version") != std::string::npos;
}

DRIVER(cuModuleGetFunction, hipModuleGetFunction)
(void **function, void *handle, const char *name) {
  CALLED_OR_FAIL(cuModuleGetFunction, hipModuleGetFunction);
  auto *module = static_cast<Module *>(handle);
  if (!state().modules.count(module))
    return state().complain(InvalidHandle, "unknown module");
  bool isReal = isCompiled(module->text);
  std::istringstream words(isReal ? std::string(name) : module->text);
  for (std::string word; words >> word;)
    if (word == name) {
      std::unique_ptr<std::string> &entry = module->functions[name];
      if (!entry)
        entry = std::make_unique<std::string>(name);
      *function = entry.get();
      return Success;
    }
  return NotFound;
}

#ifndef FAKE_HIP
DRIVER(cuFuncSetAttribute, )(void *function, int attribute, int value) {
  CALLED_OR_FAIL(cuFuncSetAttribute, );
  if (attribute != 8)
    return InvalidValue;
  state().shared[function] = value;
  return Success;
}
#endif

#ifndef FAKE_INCOMPLETE
/// add_one(float *values, int64_t count)
static int runKernel(const std::string &name, void **arguments) {
  if (name != "add_one")
    return Success;
  auto *values = *static_cast<float **>(arguments[0]);
  auto count = *static_cast<int64_t *>(arguments[1]);
  for (int64_t i = 0; i < count; ++i)
    values[i] += 1;
  return Success;
}

DRIVER(cuLaunchKernel, hipModuleLaunchKernel)
(void *function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
 unsigned blockY, unsigned blockZ, unsigned shared, void *stream, void **arguments, void **) {
  CALLED_OR_FAIL(cuLaunchKernel, hipModuleLaunchKernel);
  if (int code = state().checkStream(stream))
    return code;
  constexpr uint64_t mostThreads = 1024, mostShared = 48 << 10;
  if (!gridX || !gridY || !gridZ || uint64_t(blockX) * blockY * blockZ > mostThreads)
    return InvalidValue;
#ifndef FAKE_HIP
  if (shared > mostShared && int(shared) > state().shared[function])
    return InvalidValue;
#else
  if (shared > mostShared + (16 << 10))
    return InvalidValue;
#endif
  return runKernel(*static_cast<std::string *>(function), arguments);
}
#endif
