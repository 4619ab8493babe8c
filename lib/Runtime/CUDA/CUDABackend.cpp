//===- CUDABackend.cpp - NVIDIA's driver ----------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Backends.h"
#include "../Driver/Driver.h"
#include "Chip.h"

#include <cstring>

using namespace posenc::runtime;

// CUdevice_attribute, CUfunction_attribute and CUjit_option.
static constexpr int kCapabilityMajor = 75, kCapabilityMinor = 76, kMemoryPools = 115;
static constexpr int kMaxDynamicShared = 8;
static constexpr int kJitErrorLog = 5, kJitErrorLogBytes = 6;

namespace {
class CUDADriver final : public Driver {
public:
  static constexpr const char *backend = "cuda";
  static std::vector<std::string> getPaths() {
    return getLibraryPaths("POSENC_CUDA_LIBRARY", {"libcuda.so.1"});
  }

  const char *getName() const override { return "CUDA"; }
  std::vector<DriverSymbol> getSymbols() override;
  std::string describe(int code) override;
  int getPoolsAttribute() const override { return kMemoryPools; }

  int enter(DriverDevice &device, int &) override { return pushContext(device.context); }
  void leave(DriverDevice &, int) override {
    void *context;
    popContext(&context);
  }
  posenc_status prepare(DriverDevice &device) override;
  void retire(DriverDevice &device) override {
    if (device.context)
      releaseContext(device.device);
  }

  int copy(void *to, const void *from, size_t bytes, void *stream) override {
    return copyAsync(to, from, bytes, stream);
  }
  uint32_t rank(const DriverDevice &device, const posenc_rt_image &image) override {
    return rankNVIDIA(device.major, device.minor, image.chip, image.format);
  }
  int loadImage(const posenc_rt_image &image, void **module, std::string &log) override;
  int allowShared(void *function, uint32_t bytes) override {
    return setFunctionAttribute(function, kMaxDynamicShared, int(bytes));
  }

private:
  int (*getErrorName)(int code, const char **name) = nullptr;
  int (*getErrorString)(int code, const char **text) = nullptr;
  int (*retainContext)(void **context, int device) = nullptr;
  int (*releaseContext)(int device) = nullptr;
  int (*pushContext)(void *context) = nullptr;
  int (*popContext)(void **context) = nullptr;
  int (*copyAsync)(void *to, const void *from, size_t bytes, void *stream) = nullptr;
  int (*setFunctionAttribute)(void *function, int attribute, int value) = nullptr;
};
} // namespace

std::vector<DriverSymbol> CUDADriver::getSymbols() {
  return {{"cuInit", &f.init},
          {"cuDeviceGetCount", &f.getDeviceCount},
          {"cuDeviceGet", &f.getDevice},
          {"cuDeviceGetName", &f.getDeviceName},
          {"cuDeviceGetAttribute", &f.getDeviceAttribute},
          {"cuDevicePrimaryCtxRetain", &retainContext},
          {"cuDevicePrimaryCtxRelease_v2", &releaseContext},
          {"cuCtxPushCurrent_v2", &pushContext},
          {"cuCtxPopCurrent_v2", &popContext},
          {"cuCtxSynchronize", &f.synchronize},
          {"cuGetErrorName", &getErrorName},
          {"cuGetErrorString", &getErrorString},
          {"cuStreamCreate", &f.createStream},
          {"cuStreamDestroy_v2", &f.destroyStream},
          {"cuStreamSynchronize", &f.synchronizeStream},
          {"cuStreamWaitEvent", &f.waitEvent},
          {"cuEventCreate", &f.createEvent},
          {"cuEventDestroy_v2", &f.destroyEvent},
          {"cuEventRecord", &f.recordEvent},
          {"cuEventSynchronize", &f.synchronizeEvent},
          {"cuEventElapsedTime", &f.getElapsed},
          {"cuMemAlloc_v2", &f.allocate},
          {"cuMemAllocManaged", &f.allocateManaged},
          {"cuMemFree_v2", &f.release},
          {"cuMemcpyAsync", &copyAsync},
          {"cuMemsetD8Async", &f.setD8},
          {"cuMemsetD16Async", &f.setD16},
          {"cuMemsetD32Async", &f.setD32},
          {"cuMemPoolCreate", &f.createPool, true},
          {"cuMemPoolDestroy", &f.destroyPool, true},
          {"cuMemPoolSetAttribute", &f.setPoolAttribute, true},
          {"cuMemPoolTrimTo", &f.trimPool, true},
          {"cuMemAllocFromPoolAsync", &f.allocateFromPool, true},
          {"cuMemFreeAsync", &f.releaseOrdered, true},
          {"cuModuleLoadDataEx", &f.loadModule},
          {"cuModuleUnload", &f.unloadModule},
          {"cuModuleGetFunction", &f.getFunction},
          {"cuFuncSetAttribute", &setFunctionAttribute},
          {"cuLaunchKernel", &f.launch}};
}

std::string CUDADriver::describe(int code) {
  const char *text = nullptr, *name = nullptr;
  if (getErrorString(code, &text) || !text)
    text = "unknown error";
  if (getErrorName(code, &name) || !name)
    return std::string(text) + " (CUDA error " + std::to_string(code) + ")";
  return std::string(text) + " (" + name + ")";
}

posenc_status CUDADriver::prepare(DriverDevice &device) {
  const char *attempt = "read the device's compute capability";
  if (posenc_status status = checkDriver(
          *this, f.getDeviceAttribute(&device.major, kCapabilityMajor, device.device), attempt))
    return status;
  if (posenc_status status = checkDriver(
          *this, f.getDeviceAttribute(&device.minor, kCapabilityMinor, device.device), attempt))
    return status;
  device.chip = getNVIDIAChip(device.major, device.minor);
  return checkDriver(*this, retainContext(&device.context, device.device),
                     "open a context on " + device.name);
}

int CUDADriver::loadImage(const posenc_rt_image &image, void **module, std::string &log) {
  if (std::strcmp(image.format, "ptx") != 0)
    return f.loadModule(module, image.data, 0, nullptr, nullptr);
  // The driver reads PTX up to a zero byte, which an image need not have.
  std::string text(static_cast<const char *>(image.data), image.size);
  constexpr size_t logBytes = 16384;
  std::vector<char> buffer(logBytes);
  int options[] = {kJitErrorLog, kJitErrorLogBytes};
  void *values[] = {buffer.data(), reinterpret_cast<void *>(buffer.size())};
  int code = f.loadModule(module, text.c_str(), 2, options, values);
  buffer.back() = '\0';
  if (code)
    log = buffer.data();
  while (!log.empty() && log.back() == '\n')
    log.pop_back();
  return code;
}

const posenc_backend *posenc::runtime::getCUDABackend() {
  return getDriverBackend<CUDADriver>();
}
