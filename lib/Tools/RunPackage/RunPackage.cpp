//===- RunPackage.cpp - Run an entry of a package on .npy files -----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RunPackage.h"

#include "PackageProgram.h"

#include "posenc/Support/Flags.h"
#include "posenc/Support/Supervise.h"

#include <cstdio>
#include <cstring>
#include <sys/stat.h>

using namespace mlir::posenc;

bool mlir::posenc::isPackageFile(const std::string &path) {
  const std::string extension = ".posenc";
  if (path.size() > extension.size() &&
      path.compare(path.size() - extension.size(), extension.size(), extension) == 0)
    return true;
  // Not from a pipe: what is read there is gone.
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode))
    return false;
  char magic[4] = {};
  std::FILE *file = std::fopen(path.c_str(), "rb");
  bool isELF = file && std::fread(magic, 1, sizeof(magic), file) == sizeof(magic) &&
               std::memcmp(magic, "\177ELF", sizeof(magic)) == 0;
  if (file)
    std::fclose(file);
  return isELF;
}

static bool checkCount(const char *flag, size_t count, size_t expected, const char *what,
                       const std::string &entry, std::string &error) {
  if (count == expected)
    return true;
  error = "expected " + std::to_string(expected) + " --" + flag + " for the " + what + " of @" +
          entry + " but got " + std::to_string(count);
  return false;
}

static bool loadFiles(const RunOptions &options, const PackageProgram &program,
                      std::vector<Array> &arguments, std::vector<Array> &expectations,
                      std::string &error) {
  const std::string &name = program.getName();
  size_t results = program.getResults().size();
  if (!checkCount("in", options.inputs.size(), program.getArguments().size(), "arguments", name,
                  error) ||
      (!options.outputs.empty() &&
       !checkCount("out", options.outputs.size(), results, "results", name, error)) ||
      (!options.expectations.empty() &&
       !checkCount("expect", options.expectations.size(), results, "results", name, error)))
    return false;
  for (size_t i = 0; i < options.inputs.size(); ++i) {
    std::optional<Array> array = readNpy(options.inputs[i], error);
    if (!array || !bindArgument(program.getArguments()[i], *array, error))
      return error = "--in " + options.inputs[i] + ": " + error, false;
    arguments.push_back(std::move(*array));
  }
  for (const std::string &path : options.expectations) {
    std::optional<Array> array = readNpy(path, error);
    if (!array)
      return error = "--expect " + path + ": " + error, false;
    expectations.push_back(std::move(*array));
  }
  return true;
}

/// The other schedules of the emulator give the same bits.
static bool runSchedules(PackageProgram &program, const RunOptions &options,
                         const std::vector<Array> &arguments, const std::vector<Array> &first,
                         RunReport &report, std::string &error) {
  for (uint64_t seed = options.firstSchedule; seed++ < options.lastSchedule;) {
    std::string name = "schedule " + std::to_string(seed);
    std::vector<Array> results;
    if (!program.openDevice(options, seed, error))
      return false;
    if (!program.call(arguments, results, error))
      return error += "; this was " + name, false;
    report.addRepetition(results, first, name);
  }
  return true;
}

static bool run(const RunOptions &options, std::vector<OutputFile> &outputs, RunReport &report,
                std::string &error) {
  PackageProgram program;
  std::vector<Array> arguments, expectations, results;
  if (!program.load(options, error) ||
      !loadFiles(options, program, arguments, expectations, error) ||
      !program.openDevice(options, options.firstSchedule, error) ||
      !program.call(arguments, results, error))
    return false;
  report.setDevice(program.getDeviceName());
  report.setTarget(program.getTarget());
  std::vector<double> times(options.timedRuns);
  if (!times.empty() && !program.time(arguments, times, error))
    return false;
  report.setTimes(std::move(times));
  if (!runSchedules(program, options, arguments, results, report, error))
    return false;
  for (size_t i = 0; i < expectations.size(); ++i)
    if (!report.addComparison(i, results[i], expectations[i],
                              "--expect " + options.expectations[i], error))
      return false;
  if (expectations.empty())
    report.warnAboutNaN(results);
  if (writeOutputs(results, outputs, error))
    return true;
  error = "--out " + error;
  return false;
}

static int fail(const RunOptions &options, const std::string &message) {
  std::fprintf(stderr, "%s: %s\n", options.tool.c_str(), message.c_str());
  return kExitBadInput;
}

/// What runs in the supervised process.
static int runAndReport(const RunOptions &options, std::vector<OutputFile> &outputs) {
  int realStdout = redirectProgramOutput();
  RunReport report(options);
  std::string error;
  if (!run(options, outputs, report, error))
    return fail(options, error);
  std::string text = options.json ? report.toJson() : report.toText();
  if (!writeReport(options.tool, realStdout, text))
    return kExitBadInput;
  return report.holds() ? kExitOk : kExitMismatch;
}

int mlir::posenc::runPackageFile(const RunOptions &options) {
  if (options.compareReference)
    return fail(options, "--compare=reference: expected a module but got a package, which has "
                         "no reference");
  if (options.hasRaise)
    return fail(options, "--raise: expected a module but got a package, which is compiled");
  if (options.target == "reference" || (options.target == "cpu" && !options.chip.empty()))
    return fail(options, "--target=" + options.getTarget() +
                             ": expected cpu, cuda[:N], hip[:N] or emulate:CHIP for a package");
  if (options.emulateStats)
    return fail(options, "--emulate-stats: expected a module but got a package, whose kernels "
                         "do not count");
  std::string error;
  std::vector<OutputFile> outputs;
  if (!openOutputs(options.outputs, outputs, error))
    return fail(options, "--out " + error);
  return supervise(options.tool, outputs, [&] { return runAndReport(options, outputs); });
}
