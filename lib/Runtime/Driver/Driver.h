//===- Driver.h - CUDA's and HIP's drivers alike ----------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// HIP mirrors most of CUDA's driver API under other names. What is the same in both
// is a table of functions here; what differs is virtual. The types are our own, so
// that no vendor's header is needed: handles are pointers, and CUdeviceptr is an
// integer as wide as one, which every ABI that the drivers exist for passes alike.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_DRIVER_DRIVER_H
#define POSENC_LIB_RUNTIME_DRIVER_DRIVER_H

#include "posenc/Runtime/Backend.h"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace posenc::runtime {

/// CUmemPoolProps and hipMemPoolProps.
struct PoolProperties {
  int allocationType = 1; ///< pinned: the only kind
  int handleTypes = 0;    ///< not shared with other processes
  int locationType = 1;   ///< on a device
  int locationDevice = 0;
  void *securityAttributes = nullptr;
  size_t maximum = 0; ///< as much as there is
  unsigned char reserved[56] = {};
};

/// CUDA_ERROR_OUT_OF_MEMORY and hipErrorOutOfMemory.
constexpr int kDriverOutOfMemory = 2;

/// What the two drivers have in common. Zero is success.
struct DriverFunctions {
  int (*init)(unsigned flags);
  int (*getDeviceCount)(int *count);
  int (*getDevice)(int *device, int ordinal);
  int (*getDeviceName)(char *name, int length, int device);
  int (*getDeviceAttribute)(int *value, int attribute, int device);
  int (*synchronize)();

  int (*createStream)(void **stream, unsigned flags);
  int (*destroyStream)(void *stream);
  int (*synchronizeStream)(void *stream);
  int (*waitEvent)(void *stream, void *event, unsigned flags);
  int (*createEvent)(void **event, unsigned flags);
  int (*destroyEvent)(void *event);
  int (*recordEvent)(void *event, void *stream);
  int (*synchronizeEvent)(void *event);
  int (*getElapsed)(float *milliseconds, void *begin, void *end);

  int (*allocate)(void **memory, size_t bytes);
  int (*allocateManaged)(void **memory, size_t bytes, unsigned flags);
  int (*release)(void *memory);
  int (*setD8)(void *memory, unsigned char value, size_t count, void *stream);
  int (*setD16)(void *memory, unsigned short value, size_t count, void *stream);
  int (*setD32)(void *memory, unsigned value, size_t count, void *stream);

  /// All of these or none: null if the driver is too old for memory pools.
  int (*createPool)(void **pool, const PoolProperties *properties);
  int (*destroyPool)(void *pool);
  int (*setPoolAttribute)(void *pool, int attribute, void *value);
  int (*trimPool)(void *pool, size_t bytes);
  int (*allocateFromPool)(void **memory, size_t bytes, void *pool, void *stream);
  int (*releaseOrdered)(void *memory, void *stream);

  int (*loadModule)(void **module, const void *image, unsigned count, int *options,
                    void **values);
  int (*unloadModule)(void *module);
  int (*getFunction)(void **function, void *module, const char *name);
  int (*launch)(void *function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
                unsigned blockY, unsigned blockZ, unsigned sharedBytes, void *stream,
                void **arguments, void **extra);
};

/// A function of the library and where it goes.
struct DriverSymbol {
  const char *name;
  void *place; ///< a function pointer
  bool isOptional = false;
};

struct DriverDevice;

/// An opened driver library. Lives until the process ends: drivers do not like to be
/// closed.
class Driver {
public:
  virtual ~Driver() = default;

  DriverFunctions f = {};

  /// Finds all functions and initializes the driver, once.
  posenc_status load(const std::vector<std::string> &paths);

  posenc_status countDevices(uint32_t *devices);
  posenc_status openDevice(int ordinal, DriverDevice **result);
  void closeDevice(DriverDevice *device);

  virtual const char *getName() const = 0; ///< CUDA or HIP, for messages
  virtual std::vector<DriverSymbol> getSymbols() = 0;
  /// "out of memory (CUDA_ERROR_OUT_OF_MEMORY)".
  virtual std::string describe(int code) = 0;
  /// Where the driver's numbers for attributes differ.
  virtual int getPoolsAttribute() const = 0;

  /// Makes the device the one that this thread's calls go to; `previous` keeps what
  /// leave needs to restore.
  virtual int enter(DriverDevice &device, int &previous) = 0;
  virtual void leave(DriverDevice &device, int previous) = 0;
  /// Fills in what only this driver knows, at first the chip's name.
  virtual posenc_status prepare(DriverDevice &device) = 0;
  virtual void retire(DriverDevice &device) = 0;

  virtual int copy(void *to, const void *from, size_t bytes, void *stream) = 0;
  virtual uint32_t rank(const DriverDevice &device, const posenc_rt_image &image) = 0;
  /// `log` takes what a compiler in the driver has to say.
  virtual int loadImage(const posenc_rt_image &image, void **module, std::string &log) = 0;
  /// Lets the function use this much dynamic shared memory.
  virtual int allowShared(void *function, uint32_t bytes) = 0;

private:
  bool loaded = false;
  std::mutex mutex;
};

struct DriverKernel {
  std::string name;
  void *function = nullptr;
  uint32_t sharedAllowed = 0; ///< dynamic, in bytes
  std::mutex mutex;           ///< of sharedAllowed
};

struct DriverModule {
  void *handle = nullptr;
  std::mutex mutex; ///< of the kernels
  std::map<std::string, std::unique_ptr<DriverKernel>> kernels;
};

struct DriverDevice {
  Driver *driver = nullptr;
  int ordinal = 0, device = 0;
  void *context = nullptr; ///< CUDA's
  int major = 0, minor = 0;
  std::string name, chip;
  void *pool = nullptr; ///< null if there are no memory pools
};

/// Keeps the backend's message for this thread: what was attempted and, in the
/// driver's words, why it did not work.
posenc_status refuseDriver(posenc_status status, const std::string &message);
posenc_status refuseStatic(posenc_status status, const char *message) noexcept;
const char *getDriverMessage();
/// POSENC_OK for 0, else the status that fits the driver's code.
posenc_status checkDriver(Driver &driver, int code, const std::string &attempt);

/// Of a device that cannot be entered: nothing has been done, and only this has this
/// status on an open device.
posenc_status refuseDevice(Driver &driver, int code);

/// The functions of a backend's table that are the same for both drivers: all but
/// name, count and open.
posenc_backend makeDriverBackend();
/// Parses N of "cuda:N"; refuses options.
posenc_status parseOrdinal(const char *backend, const char *which, const char *const *options,
                           int *ordinal);
/// The paths that the variable names, else the usual ones.
std::vector<std::string> getLibraryPaths(const char *variable, std::vector<std::string> usual);

/// A backend must not throw; only memory for texts and tables can run out here.
template <auto function> struct NoThrow;
template <class... Args, posenc_status (*function)(Args...)> struct NoThrow<function> {
  static posenc_status call(Args... args) noexcept {
    try {
      return function(args...);
    } catch (...) {
      return refuseStatic(POSENC_ERROR_OUT_OF_MEMORY, "out of host memory");
    }
  }
};

/// The driver of the library that the environment names now, opened if need be.
/// Libraries stay open, each once. Kind has `static std::vector<std::string> getPaths()`.
template <class Kind> posenc_status getDriver(Driver **driver) {
  static std::mutex mutex;
  static auto *opened = new std::map<std::vector<std::string>, std::unique_ptr<Driver>>;
  std::vector<std::string> paths = Kind::getPaths();
  std::lock_guard<std::mutex> lock(mutex);
  std::unique_ptr<Driver> &entry = (*opened)[paths];
  if (!entry)
    entry = std::make_unique<Kind>();
  if (posenc_status status = entry->load(paths))
    return status;
  *driver = entry.get();
  return POSENC_OK;
}

template <class Kind> posenc_status countDevices(uint32_t *devices) {
  Driver *driver;
  if (posenc_status status = getDriver<Kind>(&driver))
    return status;
  return driver->countDevices(devices);
}

template <class Kind>
posenc_status openDevice(const char *which, const char *const *options,
                         posenc_backend_device **device) {
  Driver *driver;
  int ordinal = 0;
  if (posenc_status status = parseOrdinal(Kind::backend, which, options, &ordinal))
    return status;
  if (posenc_status status = getDriver<Kind>(&driver))
    return status;
  return driver->openDevice(ordinal, reinterpret_cast<DriverDevice **>(device));
}

/// The table of a driver's backend. Kind has `static constexpr const char *backend`.
template <class Kind> const posenc_backend *getDriverBackend() {
  static const posenc_backend table = [] {
    posenc_backend table = makeDriverBackend();
    table.name = Kind::backend;
    table.count = NoThrow<countDevices<Kind>>::call;
    table.open = NoThrow<openDevice<Kind>>::call;
    return table;
  }();
  return &table;
}

} // namespace posenc::runtime

#endif // POSENC_LIB_RUNTIME_DRIVER_DRIVER_H
