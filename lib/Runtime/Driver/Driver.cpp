//===- Driver.cpp - Open a driver and its devices -------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include <cstdlib>
#include <cstring>
#include <dlfcn.h>

using namespace posenc::runtime;

// The numbers that CUDA and HIP share.
static constexpr int kNoDevice = 100, kInvalidDevice = 101, kInvalidImage = 200,
                     kNoBinaryForGPU = 209, kInvalidPTX = 218, kNotFound = 500;
static constexpr int kReleaseThreshold = 4; // of a memory pool's attributes

std::vector<std::string> posenc::runtime::getLibraryPaths(const char *variable,
                                                          std::vector<std::string> usual) {
  const char *path = std::getenv(variable);
  if (path && *path)
    return {path};
  return usual;
}

static void *openLibrary(const std::vector<std::string> &paths, std::string &why) {
  for (const std::string &path : paths) {
    if (void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL))
      return library;
    if (const char *error = dlerror(); error && why.empty())
      why = error;
  }
  return nullptr;
}

static posenc_status findSymbols(Driver &driver, void *library, const std::string &path) {
  for (const DriverSymbol &symbol : driver.getSymbols()) {
    void *address = dlsym(library, symbol.name);
    if (!address && !symbol.isOptional)
      return refuseDriver(POSENC_ERROR_NO_DEVICE,
                          "expected " + path + " to have the function " + symbol.name +
                              ": the " + driver.getName() + " driver is too old");
    std::memcpy(symbol.place, &address, sizeof(address));
  }
  DriverFunctions &f = driver.f;
  if (!f.destroyPool || !f.setPoolAttribute || !f.trimPool || !f.allocateFromPool ||
      !f.releaseOrdered)
    f.createPool = nullptr;
  return POSENC_OK;
}

posenc_status Driver::load(const std::vector<std::string> &paths) {
  std::lock_guard<std::mutex> lock(mutex);
  if (loaded)
    return POSENC_OK;
  std::string why;
  void *library = openLibrary(paths, why);
  if (!library)
    return refuseDriver(POSENC_ERROR_NO_DEVICE,
                        std::string("cannot open the ") + getName() + " driver: " + why);
  if (posenc_status status = findSymbols(*this, library, paths.front()))
    return status;
  std::string attempt = std::string("initialize the ") + getName() + " driver";
  if (posenc_status status = checkDriver(*this, f.init(0), attempt))
    return status;
  loaded = true;
  return POSENC_OK;
}

/// A pool of our own, which keeps what it has: the device's default pool belongs to the
/// host program.
static posenc_status createPool(DriverDevice &device) {
  Driver &driver = *device.driver;
  int supported = 0;
  if (!driver.f.createPool ||
      driver.f.getDeviceAttribute(&supported, driver.getPoolsAttribute(), device.device) ||
      !supported)
    return POSENC_OK;
  PoolProperties properties;
  properties.locationDevice = device.ordinal;
  if (posenc_status status = checkDriver(driver, driver.f.createPool(&device.pool, &properties),
                                         "create a memory pool"))
    return status;
  uint64_t all = UINT64_MAX;
  return checkDriver(driver, driver.f.setPoolAttribute(device.pool, kReleaseThreshold, &all),
                     "set up a memory pool");
}

static posenc_status setUp(DriverDevice &device, int ordinal) {
  Driver &driver = *device.driver;
  uint32_t count = 0;
  if (posenc_status status = driver.countDevices(&count))
    return status;
  if (uint32_t(ordinal) >= count)
    return refuseDriver(POSENC_ERROR_NO_DEVICE, "expected a " + std::string(driver.getName()) +
                                                    " device number " +
                                                    std::to_string(ordinal) +
                                                    " but there are " + std::to_string(count));
  device.ordinal = ordinal;
  std::string attempt = "open device " + std::to_string(ordinal);
  if (posenc_status status =
          checkDriver(driver, driver.f.getDevice(&device.device, ordinal), attempt))
    return status;
  char name[256] = {};
  if (posenc_status status = checkDriver(
          driver, driver.f.getDeviceName(name, sizeof(name) - 1, device.device), attempt))
    return status;
  device.name = name;
  return driver.prepare(device);
}

posenc_status Driver::countDevices(uint32_t *devices) {
  int count = 0;
  if (posenc_status status = checkDriver(*this, f.getDeviceCount(&count), "count the devices"))
    return status;
  *devices = count;
  return POSENC_OK;
}

posenc_status Driver::openDevice(int ordinal, DriverDevice **result) {
  auto device = std::make_unique<DriverDevice>();
  device->driver = this;
  if (posenc_status status = setUp(*device, ordinal)) {
    retire(*device);
    return status;
  }
  int previous = 0;
  if (int code = enter(*device, previous)) {
    posenc_status status = refuseDevice(*this, code);
    retire(*device);
    return status;
  }
  posenc_status status = createPool(*device);
  if (status && device->pool)
    f.destroyPool(device->pool);
  leave(*device, previous);
  if (status)
    retire(*device);
  else
    *result = device.release();
  return status;
}

void Driver::closeDevice(DriverDevice *device) {
  int previous = 0;
  if (device->pool && !enter(*device, previous)) {
    f.destroyPool(device->pool);
    leave(*device, previous);
  }
  retire(*device);
  delete device;
}

static thread_local std::string lastMessage;
/// Instead of lastMessage if not null.
static thread_local const char *lastStatic = "";

posenc_status posenc::runtime::refuseDriver(posenc_status status, const std::string &message) {
  lastMessage = message;
  lastStatic = nullptr;
  return status;
}

posenc_status posenc::runtime::refuseStatic(posenc_status status,
                                            const char *message) noexcept {
  lastStatic = message;
  return status;
}

const char *posenc::runtime::getDriverMessage() {
  return lastStatic ? lastStatic : lastMessage.c_str();
}

posenc_status posenc::runtime::checkDriver(Driver &driver, int code,
                                           const std::string &attempt) {
  if (code == 0)
    return POSENC_OK;
  posenc_status status = POSENC_ERROR_DRIVER;
  if (code == kDriverOutOfMemory)
    status = POSENC_ERROR_OUT_OF_MEMORY;
  else if (code == kNoDevice || code == kInvalidDevice)
    status = POSENC_ERROR_NO_DEVICE;
  else if (code == kInvalidImage || code == kNoBinaryForGPU || code == kInvalidPTX ||
           code == kNotFound)
    status = POSENC_ERROR_IMAGE;
  return refuseDriver(status, "cannot " + attempt + ": " + driver.describe(code));
}

posenc_status posenc::runtime::refuseDevice(Driver &driver, int code) {
  checkDriver(driver, code, "use the device");
  return POSENC_ERROR_NO_DEVICE;
}

posenc_status posenc::runtime::parseOrdinal(const char *backend, const char *which,
                                            const char *const *options, int *ordinal) {
  if (options && *options)
    return refuseDriver(POSENC_ERROR_INVALID, "expected no options for " +
                                                  std::string(backend) + " but got '" +
                                                  *options + "'");
  constexpr size_t digits = 5; // of a number of devices
  size_t length = std::strlen(which);
  if (length > digits || std::strspn(which, "0123456789") != length)
    return refuseDriver(POSENC_ERROR_INVALID, "expected " + std::string(backend) +
                                                  ":N with the number of a device but got '" +
                                                  backend + ":" + which + "'");
  *ordinal = std::atoi(which);
  return POSENC_OK;
}
