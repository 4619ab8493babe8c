//===- PackageProgram.h - A package on a device -----------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_TOOLS_RUNPACKAGE_PACKAGEPROGRAM_H
#define POSENC_LIB_TOOLS_RUNPACKAGE_PACKAGEPROGRAM_H

#include "posenc/Runtime/Package.h"
#include "posenc/Support/RunReport.h"
#include "posenc/Support/ValueSpec.h"

#include <string>
#include <vector>

namespace mlir {
namespace posenc {

/// An entry of a package and the device that it runs on. Functions that return false say
/// why in `error`, in one line without the tool's name.
class PackageProgram {
public:
  PackageProgram() = default;
  PackageProgram(const PackageProgram &) = delete;
  PackageProgram &operator=(const PackageProgram &) = delete;
  ~PackageProgram();

  bool load(const RunOptions &options, std::string &error);
  /// The device that the user named, or the best that the package has code for; the
  /// emulator with a schedule.
  bool openDevice(const RunOptions &options, uint64_t schedule, std::string &error);
  void closeDevice();

  const std::string &getName() const { return name; }
  const std::vector<ValueSpec> &getArguments() const { return arguments; }
  const std::vector<ValueSpec> &getResults() const { return results; }
  /// The target as the user would name it, for example emulate:sm_80.
  const std::string &getTarget() const { return target; }
  std::string getDeviceName() const { return posenc_device_name(device); }

  /// The arrays must be bound to the arguments.
  bool call(const std::vector<Array> &arrays, std::vector<Array> &outputs,
            std::string &error) const;
  /// Times calls on the device's clock, with arguments and results in its memory.
  bool time(const std::vector<Array> &arrays, std::vector<double> &milliseconds,
            std::string &error) const;

private:
  bool findEntry(const RunOptions &options, std::string &error);
  bool tryDevice(const std::string &text, const RunOptions &options, uint64_t schedule,
                 std::string &error);

  posenc_package *package = nullptr;
  posenc_device *device = nullptr;
  std::string name, target;
  std::vector<ValueSpec> arguments, results;
};

} // namespace posenc
} // namespace mlir

#endif // POSENC_LIB_TOOLS_RUNPACKAGE_PACKAGEPROGRAM_H
