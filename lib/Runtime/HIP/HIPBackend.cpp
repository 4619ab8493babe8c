//===- HIPBackend.cpp - AMD's driver --------------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// From ROCm 6 on: older ones lay out the properties of a device differently.
//===----------------------------------------------------------------------===//

#include "../Backends.h"
#include "../Driver/Driver.h"

#include <cstring>

using namespace posenc::runtime;

static constexpr int kMemoryPools = 88;        // hipDeviceAttributeMemoryPoolsSupported
static constexpr int kMemcpyDefault = 4;       // the driver finds out the direction
static constexpr size_t kArchNameAt = 1160;    // gcnArchName in hipDeviceProp_tR0600
static constexpr size_t kPropertyBytes = 4096; // more than the 1472 of it

namespace {
class HIPDriver final : public Driver {
public:
  static constexpr const char *backend = "hip";
  static std::vector<std::string> getPaths() {
    return getLibraryPaths("POSENC_HIP_LIBRARY",
                           {"libamdhip64.so", "libamdhip64.so.7", "libamdhip64.so.6"});
  }

  const char *getName() const override { return "HIP"; }
  std::vector<DriverSymbol> getSymbols() override;
  std::string describe(int code) override;
  int getPoolsAttribute() const override { return kMemoryPools; }

  int enter(DriverDevice &device, int &previous) override {
    if (int code = getCurrentDevice(&previous))
      return code;
    // Seldom: most programs have one device.
    return previous == device.ordinal ? 0 : setCurrentDevice(device.ordinal);
  }
  void leave(DriverDevice &device, int previous) override {
    if (previous != device.ordinal)
      setCurrentDevice(previous);
  }
  posenc_status prepare(DriverDevice &device) override;
  void retire(DriverDevice &) override {}

  int copy(void *to, const void *from, size_t bytes, void *stream) override {
    return copyAsync(to, from, bytes, kMemcpyDefault, stream);
  }
  uint32_t rank(const DriverDevice &device, const posenc_rt_image &image) override {
    return std::strcmp(image.format, "hsaco") == 0 && device.chip == image.chip;
  }
  int loadImage(const posenc_rt_image &image, void **module, std::string &) override {
    return f.loadModule(module, image.data, 0, nullptr, nullptr);
  }
  /// HIP lets a kernel have whatever the device has.
  int allowShared(void *, uint32_t) override { return 0; }

private:
  const char *(*getErrorName)(int code) = nullptr;
  const char *(*getErrorString)(int code) = nullptr;
  int (*getCurrentDevice)(int *device) = nullptr;
  int (*setCurrentDevice)(int device) = nullptr;
  int (*getProperties)(void *properties, int device) = nullptr;
  int (*copyAsync)(void *to, const void *from, size_t bytes, int kind, void *stream) = nullptr;
};
} // namespace

std::vector<DriverSymbol> HIPDriver::getSymbols() {
  return {{"hipInit", &f.init},
          {"hipGetDeviceCount", &f.getDeviceCount},
          {"hipDeviceGet", &f.getDevice},
          {"hipDeviceGetName", &f.getDeviceName},
          {"hipDeviceGetAttribute", &f.getDeviceAttribute},
          {"hipGetDevicePropertiesR0600", &getProperties},
          {"hipGetDevice", &getCurrentDevice},
          {"hipSetDevice", &setCurrentDevice},
          {"hipDeviceSynchronize", &f.synchronize},
          {"hipGetErrorName", &getErrorName},
          {"hipGetErrorString", &getErrorString},
          {"hipStreamCreateWithFlags", &f.createStream},
          {"hipStreamDestroy", &f.destroyStream},
          {"hipStreamSynchronize", &f.synchronizeStream},
          {"hipStreamWaitEvent", &f.waitEvent},
          {"hipEventCreateWithFlags", &f.createEvent},
          {"hipEventDestroy", &f.destroyEvent},
          {"hipEventRecord", &f.recordEvent},
          {"hipEventSynchronize", &f.synchronizeEvent},
          {"hipEventElapsedTime", &f.getElapsed},
          {"hipMalloc", &f.allocate},
          {"hipMallocManaged", &f.allocateManaged},
          {"hipFree", &f.release},
          {"hipMemcpyAsync", &copyAsync},
          {"hipMemsetD8Async", &f.setD8},
          {"hipMemsetD16Async", &f.setD16},
          {"hipMemsetD32Async", &f.setD32},
          {"hipMemPoolCreate", &f.createPool, true},
          {"hipMemPoolDestroy", &f.destroyPool, true},
          {"hipMemPoolSetAttribute", &f.setPoolAttribute, true},
          {"hipMemPoolTrimTo", &f.trimPool, true},
          {"hipMallocFromPoolAsync", &f.allocateFromPool, true},
          {"hipFreeAsync", &f.releaseOrdered, true},
          {"hipModuleLoadDataEx", &f.loadModule},
          {"hipModuleUnload", &f.unloadModule},
          {"hipModuleGetFunction", &f.getFunction},
          {"hipModuleLaunchKernel", &f.launch}};
}

std::string HIPDriver::describe(int code) {
  const char *text = getErrorString(code), *name = getErrorName(code);
  return std::string(text ? text : "unknown error") + " (" +
         (name ? std::string(name) : "HIP error " + std::to_string(code)) + ")";
}

posenc_status HIPDriver::prepare(DriverDevice &device) {
  std::vector<char> properties(kPropertyBytes);
  if (posenc_status status =
          checkDriver(*this, getProperties(properties.data(), device.ordinal),
                      "read the properties of " + device.name))
    return status;
  properties.back() = '\0';
  // Features such as :sramecc+:xnack- follow the name; our code runs with any.
  device.chip = &properties[kArchNameAt];
  device.chip = device.chip.substr(0, device.chip.find(':'));
  return POSENC_OK;
}

const posenc_backend *posenc::runtime::getHIPBackend() { return getDriverBackend<HIPDriver>(); }
