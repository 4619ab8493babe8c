//===- RunDevice.cpp - A device that programs run on ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RunDevice.h"

#include "posenc/Pipelines/GPUPipelines.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/Program.h"

using namespace mlir;
using namespace mlir::posenc;

bool RunDevice::isNeeded(const RunOptions &options) {
  return options.target == "emulate" || options.target == "cuda" || options.target == "hip";
}

std::unique_ptr<RunDevice> RunDevice::open(const RunOptions &options, uint64_t schedule,
                                           const Driver &driver) {
  std::string order = "schedule=" + std::to_string(schedule);
  const char *emulator[] = {order.c_str(), options.emulateChecks ? "checks=on" : "checks=off",
                            options.emulateStats ? "statistics=on" : "statistics=off", nullptr};
  posenc_device *device = nullptr;
  std::string target = options.getTarget();
  if (posenc_device_open(target.c_str(), options.target == "emulate" ? emulator : nullptr,
                         &device) != POSENC_OK) {
    (void)driver.fail("--target=" + target + ": " + posenc_last_error());
    return nullptr;
  }
  return std::unique_ptr<RunDevice>(new RunDevice(device, driver));
}

RunDevice::~RunDevice() { posenc_device_close(device); }

/// Machine code if the tool for it is there, else what the driver compiles.
static std::string getFormat(const RunOptions &options) {
  if (options.target == "emulate")
    return "llvm";
  if (options.target == "hip")
    return "hsaco";
  return llvm::sys::findProgramByName("ptxas") ? "cubin" : "ptx";
}

std::string RunDevice::getPasses(const RunOptions &options) const {
  std::string chip = posenc_device_chip(device), error;
  std::string pipeline = findGPUPipeline(chip, error).str();
  if (pipeline.empty()) {
    (void)driver.fail("--target=" + options.getTarget() + ": " + error);
    return "";
  }
  std::string passes = pipeline + "{chip=" + chip + " format=" + getFormat(options) +
                       " resident-constants=true},posenc-host-to-runtime";
  if (options.target == "emulate")
    passes += std::string(",posenc-emulate{checks=") +
              (options.emulateChecks ? "true" : "false") +
              " statistics=" + (options.emulateStats ? "true" : "false") + "}";
  return passes;
}

posenc_status RunDevice::callTimed(void (*function)(void *), void *argument,
                                   double &milliseconds) {
  void *stream = nullptr, *begin = nullptr, *end = nullptr;
  llvm::scope_exit release([&] {
    if (end)
      (void)posenc_event_destroy(device, end);
    if (begin)
      (void)posenc_event_destroy(device, begin);
    if (stream)
      (void)posenc_stream_destroy(device, stream);
  });
  float elapsed = 0;
  posenc_status status = POSENC_OK;
  if ((status = posenc_stream_create(device, &stream)) ||
      (status = posenc_event_create(device, &begin)) ||
      (status = posenc_event_create(device, &end)) ||
      (status = posenc_event_record(device, begin, stream)) ||
      (status = posenc_call(device, stream, function, argument)) ||
      (status = posenc_event_record(device, end, stream)) ||
      (status = posenc_stream_synchronize(device, stream)) ||
      (status = posenc_event_elapsed(device, begin, end, &elapsed)))
    return status;
  milliseconds = elapsed;
  return POSENC_OK;
}

LogicalResult RunDevice::call(void (*function)(void *), void *argument, double *milliseconds) {
  posenc_status status = milliseconds ? callTimed(function, argument, *milliseconds)
                                      : posenc_call(device, nullptr, function, argument);
  if (status == POSENC_OK)
    return success();
  return driver.fail(posenc_last_error());
}

std::string RunDevice::getStatistics() const {
  const char *text = posenc_device_query(device, "statistics");
  return text ? text : "";
}
