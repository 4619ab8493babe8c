//===- Backend.cpp - The emulator as a device of the runtime ----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Device.h"

#include "posenc/Runtime/Backend.h"
#include "posenc/Runtime/CompiledCode.h"
#include "posenc/Runtime/Emulator/EmulatedCode.h"
#include "posenc/Runtime/Emulator/Instruction.h"
#include "posenc/Runtime/Runtime.h"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace posenc::emulator;

struct posenc_backend_kernel {
  const Module *module;
  const posenc_emu_kernel *kernel;
};

struct posenc_backend_module {
  std::unique_ptr<Module> module;
  std::vector<posenc_backend_kernel> kernels; ///< as the image lists them
};

struct posenc_backend_device {
  std::string name;
  Device device;
  std::string answer; ///< to the last query

  posenc_backend_device(const std::string &chip, const Options &options)
      : name("emulate:" + chip), device(chip, options) {}
};

namespace {
/// When something was recorded: all work is done by then.
struct Event {
  std::chrono::steady_clock::time_point time;
};
} // namespace

static thread_local std::string lastMessage;

static posenc_status fail(posenc_status status, std::string text) {
  lastMessage = std::move(text);
  return status;
}

static const char *message() { return lastMessage.c_str(); }

static posenc_status count(uint32_t *devices) {
  *devices = 1;
  return POSENC_OK;
}

/// A whole number of at most 64 bits.
static bool parseNumber(std::string_view text, uint64_t &value) {
  std::string digits(text);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos)
    return false;
  errno = 0;
  value = std::strtoull(digits.c_str(), nullptr, 10);
  return errno == 0;
}

static bool parseSwitch(std::string_view text, bool &value) {
  value = text == "on" || text == "1" || text == "true";
  return value || text == "off" || text == "0" || text == "false";
}

/// checks=on|off, statistics=on|off, schedule=SEED, workers=N.
static bool parseOption(std::string_view text, Options &options) {
  size_t equals = text.find('=');
  if (equals == std::string_view::npos)
    return false;
  std::string_view key = text.substr(0, equals), value = text.substr(equals + 1);
  uint64_t number;
  if (key == "checks")
    return parseSwitch(value, options.checks);
  if (key == "statistics")
    return parseSwitch(value, options.statistics);
  if (key == "schedule")
    return parseNumber(value, options.schedule);
  if (key != "workers" || !parseNumber(value, number) || number > 1024)
    return false;
  options.workers = unsigned(number);
  return true;
}

static posenc_status open(const char *which, const char *const *options,
                          posenc_backend_device **device) {
  if (!which || !*which)
    return fail(POSENC_ERROR_INVALID, "expected a chip, as in emulate:sm_90a");
  Options parsed;
  for (; options && *options; ++options)
    if (!parseOption(*options, parsed))
      return fail(POSENC_ERROR_INVALID, "expected an option checks=on|off, statistics=on|off, "
                                        "schedule=SEED or workers=N but got " +
                                            std::string(*options));
  auto made = std::make_unique<posenc_backend_device>(which, parsed);
  if (!made->device.memory().reserved())
    return fail(POSENC_ERROR_OUT_OF_MEMORY, "cannot reserve addresses for emulated memory");
  *device = made.release();
  return POSENC_OK;
}

static void close(posenc_backend_device *device) { delete device; }

static void info(posenc_backend_device *device, posenc_backend_info *result) {
  *result = {device->name.c_str(), device->device.chip().c_str(), /*ordered_memory=*/1};
}

static posenc_status synchronize(posenc_backend_device *) { return POSENC_OK; }

static posenc_status streamCreate(posenc_backend_device *, void **stream) {
  *stream = new (std::nothrow) char;
  return *stream ? POSENC_OK : fail(POSENC_ERROR_OUT_OF_MEMORY, "out of memory");
}

static posenc_status streamDestroy(posenc_backend_device *, void *stream) {
  delete static_cast<char *>(stream);
  return POSENC_OK;
}

static posenc_status streamSynchronize(posenc_backend_device *, void *) { return POSENC_OK; }

static posenc_status streamWaitEvent(posenc_backend_device *, void *, void *) {
  return POSENC_OK;
}

static posenc_status eventCreate(posenc_backend_device *, void **event) {
  *event = new (std::nothrow) Event{};
  return *event ? POSENC_OK : fail(POSENC_ERROR_OUT_OF_MEMORY, "out of memory");
}

static posenc_status eventDestroy(posenc_backend_device *, void *event) {
  delete static_cast<Event *>(event);
  return POSENC_OK;
}

static posenc_status eventRecord(posenc_backend_device *, void *event, void *) {
  static_cast<Event *>(event)->time = std::chrono::steady_clock::now();
  return POSENC_OK;
}

static posenc_status eventSynchronize(posenc_backend_device *, void *) { return POSENC_OK; }

static posenc_status eventElapsed(posenc_backend_device *, void *begin, void *end,
                                  float *milliseconds) {
  std::chrono::duration<float, std::milli> elapsed =
      static_cast<Event *>(end)->time - static_cast<Event *>(begin)->time;
  *milliseconds = elapsed.count();
  return POSENC_OK;
}

static posenc_status memAlloc(posenc_backend_device *device, uint64_t bytes, void *,
                              int hostShared, void **memory) {
  *memory = device->device.memory().allocate(bytes, hostShared != 0);
  return *memory ? POSENC_OK
                 : fail(POSENC_ERROR_OUT_OF_MEMORY,
                        "out of emulated device memory: " + std::to_string(bytes) + " bytes");
}

static posenc_status memFree(posenc_backend_device *device, void *memory, void *) {
  return device->device.memory().release(memory)
             ? POSENC_OK
             : fail(POSENC_ERROR_INVALID, "memory to free is no device allocation");
}

static posenc_status copy(posenc_backend_device *device, void *to, const void *from,
                          uint64_t bytes, void *) {
  std::string error;
  return device->device.memory().copy(to, from, bytes, error)
             ? POSENC_OK
             : fail(POSENC_ERROR_INVALID, error);
}

static posenc_status set(posenc_backend_device *device, void *memory, uint32_t value,
                         uint32_t width, uint64_t elements, void *) {
  std::string error;
  return device->device.memory().set(memory, value, width, elements, error)
             ? POSENC_OK
             : fail(POSENC_ERROR_INVALID, error);
}

static bool isEmulated(const posenc_rt_image *image) {
  return image->format && std::string_view(image->format) == "emulated" && image->chip;
}

static uint32_t rank(posenc_backend_device *device, const posenc_rt_image *image) {
  return isEmulated(image) && device->device.chip() == image->chip;
}

static posenc_status moduleLoad(posenc_backend_device *device, const posenc_rt_image *image,
                                posenc_backend_module **module) {
  const std::string &chip = device->device.chip();
  if (!isEmulated(image) || !image->data)
    return fail(POSENC_ERROR_IMAGE, "expected an image of format emulated but got " +
                                        std::string(image->format ? image->format : "none"));
  if (chip != image->chip)
    return fail(POSENC_ERROR_IMAGE,
                "expected an image for " + chip + " but got one for " + image->chip);
  const auto &data = *static_cast<const posenc_emu_module *>(image->data);
  auto made = std::make_unique<posenc_backend_module>();
  std::string error;
  made->module = Module::load(data, error);
  if (!made->module)
    return fail(POSENC_ERROR_IMAGE, error);
  if (chip != data.chip)
    return fail(POSENC_ERROR_IMAGE,
                "expected an emulated module for " + chip + " but got one for " + data.chip);
  for (uint32_t i = 0; i < data.kernel_count; ++i)
    made->kernels.push_back({made->module.get(), &data.kernels[i]});
  *module = made.release();
  return POSENC_OK;
}

static posenc_status moduleUnload(posenc_backend_device *, posenc_backend_module *module) {
  delete module;
  return POSENC_OK;
}

static posenc_status moduleKernel(posenc_backend_device *, posenc_backend_module *module,
                                  const char *name, posenc_backend_kernel **kernel) {
  for (posenc_backend_kernel &k : module->kernels)
    if (std::string_view(k.kernel->name) == name) {
      *kernel = &k;
      return POSENC_OK;
    }
  return fail(POSENC_ERROR_IMAGE, "no kernel @" + std::string(name) + " in the module");
}

static posenc_status launchKernel(posenc_backend_device *device, posenc_backend_kernel *kernel,
                                  const posenc_backend_launch *launch) {
  bool isReported = false;
  std::string error = device->device.launch(
      *kernel->module, *kernel->kernel, launch->grid, launch->block, launch->shared_bytes,
      launch->arguments, launch->argument_count, &isReported);
  if (error.empty())
    return POSENC_OK;
  return fail(isReported ? POSENC_ERROR_PROGRAM : POSENC_ERROR_DRIVER, error);
}

/// "statistics": a JSON list of what each kernel did. "instructions": the ops with a
/// model, one a line.
static const char *query(posenc_backend_device *device, const char *key) {
  if (std::string_view(key) == "statistics" && device->device.options().statistics) {
    device->answer = device->device.statistics();
    return device->answer.c_str();
  }
  if (std::string_view(key) != "instructions")
    return nullptr;
  device->answer.clear();
  for (std::string_view name : listInstructions())
    device->answer.append(name).append("\n");
  return device->answer.c_str();
}

const posenc_backend *posenc_emulator_backend(void) {
  static const posenc_backend backend = {POSENC_BACKEND_VERSION,
                                         "emulate",
                                         message,
                                         count,
                                         open,
                                         close,
                                         info,
                                         synchronize,
                                         query,
                                         streamCreate,
                                         streamDestroy,
                                         streamSynchronize,
                                         streamWaitEvent,
                                         eventCreate,
                                         eventDestroy,
                                         eventRecord,
                                         eventSynchronize,
                                         eventElapsed,
                                         memAlloc,
                                         memFree,
                                         copy,
                                         set,
                                         rank,
                                         moduleLoad,
                                         moduleUnload,
                                         moduleKernel,
                                         launchKernel};
  return &backend;
}
