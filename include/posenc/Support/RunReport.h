//===- RunReport.h - What a run is told and what it reports -----*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// The part of posenc-run that does not depend on how the program was made.
//===----------------------------------------------------------------------===//

#ifndef POSENC_SUPPORT_RUNREPORT_H
#define POSENC_SUPPORT_RUNREPORT_H

#include "posenc/Support/Compare.h"
#include "posenc/Support/OutputFile.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mlir {
namespace posenc {

struct RunOptions {
  std::string file;
  std::string tool = "posenc-run"; // what messages begin with
  std::string target = "cpu";      // family: reference, cpu, emulate, cuda, hip
  std::string chip;  // after the colon: a chip, for cuda and hip a device's number
  std::string entry; // empty: the only public function
  std::vector<std::string> inputs, outputs, expectations;
  std::optional<double> rtol; // default: by the type, see getDefaultTolerance
  double atol = 1e-5;
  bool hasTarget = false, hasRaise = false; // the user said something about it
  bool raise = true, json = false, compareReference = false, help = false;
  unsigned timedRuns = 0;
  // Of the emulator: every schedule from the first to the last is run.
  uint64_t firstSchedule = 0, lastSchedule = 0;
  bool emulateStats = false, emulateChecks = true;

  /// As the user wrote it.
  std::string getTarget() const { return chip.empty() ? target : target + ":" + chip; }
};

/// On failure `error` is one line.
bool parseRunOptions(int argc, char **argv, RunOptions &options, std::string &error);
/// `what` says what the tool does to FILE.
std::string getRunHelp(const std::string &tool, const std::string &what);

/// The outcome of a run, with what `--json` prints.
class RunReport {
public:
  explicit RunReport(const RunOptions &options)
      : options(options), target(options.getTarget()) {}

  /// Compares a result and counts it into the report; `name` says which
  /// expectation in the line that a mismatch prints. Returns false if the
  /// expectation does not fit the result at all, with `error`.
  bool addComparison(size_t index, const Array &result, Array expected, const std::string &name,
                     std::string &error);
  /// Checks that results have the same bits as those of an earlier run; `name`
  /// says which run.
  void addRepetition(const std::vector<Array> &results, const std::vector<Array> &first,
                     const std::string &name);
  void setTimes(std::vector<double> milliseconds);
  void setDevice(std::string name) { device = std::move(name); }
  /// Where it was not the user who chose it.
  void setTarget(std::string name) { target = std::move(name); }
  /// A JSON value, or nothing.
  void setStatistics(std::string json) { statistics = std::move(json); }
  /// Prints a line for each result with a NaN.
  void warnAboutNaN(const std::vector<Array> &results) const;

  bool holds() const { return allHold; }
  std::string toText() const;
  std::string toJson() const;

private:
  const RunOptions &options;
  std::string target, device, statistics;
  bool allHold = true, compared = false, hasWorst = false;
  double maxAbs = 0, maxRel = 0;
  size_t worstResult = 0;
  std::vector<int64_t> worstIndex;
  std::vector<double> times; // sorted
};

/// The paths as open output files. On failure `error` names the path.
bool openOutputs(const std::vector<std::string> &paths, std::vector<OutputFile> &files,
                 std::string &error);
/// Writes every array, then moves all to their places.
bool writeOutputs(const std::vector<Array> &arrays, std::vector<OutputFile> &files,
                  std::string &error);

} // namespace posenc
} // namespace mlir

#endif // POSENC_SUPPORT_RUNREPORT_H
