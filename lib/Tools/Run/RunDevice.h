//===- RunDevice.h - A device that programs run on --------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_TOOLS_RUN_RUNDEVICE_H
#define POSENC_LIB_TOOLS_RUN_RUNDEVICE_H

#include "posenc/Support/RunReport.h"
#include "posenc/Tools/Driver.h"

#include "posenc/Runtime/Runtime.h"

#include <memory>
#include <string>

namespace mlir {
namespace posenc {

/// A device of libposenc_runtime: a GPU, or the emulator.
class RunDevice {
public:
  /// True if the target runs on such a device.
  static bool isNeeded(const RunOptions &options);
  /// Opens the device of the target, the emulator with a schedule. Prints what is
  /// wrong on failure.
  static std::unique_ptr<RunDevice> open(const RunOptions &options, uint64_t schedule,
                                         const Driver &driver);
  ~RunDevice();

  /// For people.
  std::string getName() const { return posenc_device_name(device); }
  /// The passes from fused posenc to host code for the device's chip. Empty after a
  /// message if there are none for it.
  std::string getPasses(const RunOptions &options) const;
  /// Runs function(argument). `milliseconds`, if given, is its time on the device's
  /// clock.
  LogicalResult call(void (*function)(void *), void *argument, double *milliseconds);
  /// What the emulator counted, as JSON, or nothing.
  std::string getStatistics() const;

private:
  RunDevice(posenc_device *device, const Driver &driver) : device(device), driver(driver) {}
  posenc_status callTimed(void (*function)(void *), void *argument, double &milliseconds);

  posenc_device *device;
  const Driver &driver;
};

} // namespace posenc
} // namespace mlir

#endif // POSENC_LIB_TOOLS_RUN_RUNDEVICE_H
