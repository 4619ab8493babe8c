//===- RunMain.cpp - posenc-run -------------------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../EqualExtents.h"
#include "../RunPackage/RunPackage.h"
#include "Program.h"
#include "RunDevice.h"

#include "posenc/Pipelines/GPUPipelines.h"
#include "posenc/Support/Flags.h"
#include "posenc/Support/RunReport.h"
#include "posenc/Support/Supervise.h"
#include "posenc/Tools/Tools.h"

#include "llvm/TargetParser/Host.h"

#include <cstdio>

using namespace mlir;
using namespace mlir::posenc;

static const char *const kTool = "posenc-run";

/// How much LLVM optimises: the reference and emulated kernels run once, on small
/// shapes, and more would cost them more than it gains.
static unsigned getLevel(const RunOptions &options, bool reference, bool onDevice) {
  return reference || (onDevice && options.target == "emulate") ? 1 : 3;
}

/// Compiles a copy of the module; without a device for this machine.
static std::unique_ptr<Program> compile(ModuleOp module, const Signature &signature,
                                        const RunOptions &options, bool reference,
                                        RunDevice *device, Driver &driver) {
  bool isCPU = options.target == "cpu" && !options.chip.empty();
  std::string chip = isCPU ? options.chip : "host";
  std::string last = device ? device->getPasses(options) : getCPUPasses(chip);
  if (last.empty())
    return nullptr;
  std::string passes = options.raise ? getRaisePasses() : "";
  for (const std::string &text :
       {std::string(reference ? "convert-posenc-to-linalg" : ""), last})
    passes += (passes.empty() || text.empty() ? "" : ",") + text;
  OwningOpRef<ModuleOp> copy = module.clone();
  if (failed(driver.runPasses(*copy, passes)))
    return nullptr;
  return Program::create(*copy, signature, chip, getLevel(options, reference, device), driver);
}

static LogicalResult loadArguments(const RunOptions &options, const Signature &signature,
                                   const Driver &driver, std::vector<Array> &arguments) {
  auto checkCount = [&](StringRef flag, size_t count, size_t expected, StringRef what) {
    if (count == expected)
      return success();
    return driver.fail("expected " + Twine(expected) + " --" + flag + " for the " + what +
                       " of @" + signature.name + " but got " + Twine(count));
  };
  if (failed(
          checkCount("in", options.inputs.size(), signature.arguments.size(), "arguments")) ||
      (!options.outputs.empty() && failed(checkCount("out", options.outputs.size(),
                                                     signature.results.size(), "results"))) ||
      (!options.expectations.empty() &&
       failed(checkCount("expect", options.expectations.size(), signature.results.size(),
                         "results"))))
    return failure();
  std::string error;
  for (auto [spec, path] : llvm::zip_equal(signature.arguments, options.inputs)) {
    std::optional<Array> array = readNpy(path, error);
    if (!array || !bindArgument(spec, *array, error))
      return driver.fail("--in " + path + ": " + error);
    arguments.push_back(std::move(*array));
  }
  return success();
}

static LogicalResult loadExpectations(const RunOptions &options, const Driver &driver,
                                      std::vector<Array> &expectations) {
  std::string error;
  for (const std::string &path : options.expectations) {
    std::optional<Array> array = readNpy(path, error);
    if (!array)
      return driver.fail("--expect " + path + ": " + error);
    expectations.push_back(std::move(*array));
  }
  return success();
}

static LogicalResult check(const RunOptions &options, const std::vector<Array> &results,
                           const std::vector<Array> &expectations, const Driver &driver,
                           RunReport &report) {
  std::string error;
  for (size_t i = 0; i < expectations.size(); ++i) {
    std::string name = options.compareReference ? std::string("the reference")
                                                : "--expect " + options.expectations[i];
    if (!report.addComparison(i, results[i], expectations[i], name, error))
      return driver.fail(error);
  }
  if (expectations.empty())
    report.warnAboutNaN(results);
  return success();
}

/// Runs the program for its results and then for its times.
static FailureOr<std::vector<Array>> runProgram(Program &program,
                                                const std::vector<Array> &arguments,
                                                const RunOptions &options, RunDevice *device,
                                                RunReport &report) {
  FailureOr<std::vector<Array>> results = program.call(arguments, device);
  if (failed(results))
    return failure();
  // Before the calls that are timed: it is about one.
  if (options.emulateStats)
    report.setStatistics(device->getStatistics());
  std::vector<double> times(options.timedRuns);
  for (double &time : times)
    if (failed(program.call(arguments, device, &time)))
      return failure();
  report.setTimes(std::move(times));
  return results;
}

/// Runs the program under the other schedules that were asked for.
static LogicalResult runSchedules(Program &program, const std::vector<Array> &arguments,
                                  const std::vector<Array> &first, const RunOptions &options,
                                  const Driver &driver, RunReport &report) {
  for (uint64_t seed = options.firstSchedule; seed++ < options.lastSchedule;) {
    std::string name = "schedule " + std::to_string(seed);
    std::unique_ptr<RunDevice> device = RunDevice::open(options, seed, driver);
    if (!device)
      return failure();
    FailureOr<std::vector<Array>> results = program.call(arguments, device.get());
    if (failed(results))
      return driver.fail("this was " + name);
    report.addRepetition(*results, first, name);
  }
  return success();
}

/// Compiles and runs; the program ends before what the reference computes for
/// comparison.
static FailureOr<std::vector<Array>> compute(ModuleOp module, const Signature &signature,
                                             const std::vector<Array> &arguments,
                                             const RunOptions &options, Driver &driver,
                                             RunReport &report) {
  std::unique_ptr<RunDevice> device;
  if (RunDevice::isNeeded(options) &&
      !(device = RunDevice::open(options, options.firstSchedule, driver)))
    return failure();
  report.setDevice(device ? device->getName() : llvm::sys::getHostCPUName().str());
  std::unique_ptr<Program> program =
      compile(module, signature, options, options.target == "reference", device.get(), driver);
  if (!program)
    return failure();
  FailureOr<std::vector<Array>> results =
      runProgram(*program, arguments, options, device.get(), report);
  // Its modules lie in the program.
  device.reset();
  if (failed(results) ||
      failed(runSchedules(*program, arguments, *results, options, driver, report)))
    return failure();
  return results;
}

static LogicalResult run(const RunOptions &options, std::vector<OutputFile> &outputs,
                         RunReport &report, RegisterMore more) {
  Driver driver(kTool, more);
  OwningOpRef<ModuleOp> module = driver.parse(options.file);
  func::FuncOp entry = module ? driver.findEntry(*module, options.entry) : nullptr;
  if (!entry)
    return failure();
  FailureOr<Signature> signature = getSignature(entry, driver);
  if (failed(signature))
    return failure();
  std::vector<std::vector<int64_t>> symbols = findEqualExtents(entry, *signature);
  std::vector<Array> arguments, expectations;
  std::string error;
  if (failed(loadArguments(options, *signature, driver, arguments)) ||
      failed(loadExpectations(options, driver, expectations)))
    return failure();
  // Compiled code takes it for granted.
  if (!checkEqualExtents(symbols, arguments, options.inputs, error))
    return driver.fail(error);

  FailureOr<std::vector<Array>> results =
      compute(*module, *signature, arguments, options, driver, report);
  if (failed(results))
    return failure();
  if (options.compareReference) {
    std::unique_ptr<Program> program = compile(*module, *signature, options,
                                               /*reference=*/true, nullptr, driver);
    FailureOr<std::vector<Array>> reference = failure();
    if (!program || failed(reference = program->call(arguments, nullptr)))
      return failure();
    expectations = std::move(*reference);
  }
  if (failed(check(options, *results, expectations, driver, report)))
    return failure();
  return writeOutputs(*results, outputs, error) ? success() : driver.fail("--out " + error);
}

/// What runs in the supervised process.
static int runAndReport(const RunOptions &options, std::vector<OutputFile> &outputs,
                        RegisterMore more) {
  int realStdout = redirectProgramOutput();
  RunReport report(options);
  if (failed(run(options, outputs, report, more)))
    return kExitBadInput;
  std::string text = options.json ? report.toJson() : report.toText();
  if (!writeReport(kTool, realStdout, text))
    return kExitBadInput;
  return report.holds() ? kExitOk : kExitMismatch;
}

static std::string whyCannotEmulate(StringRef chip) {
  std::string error;
  (void)findGPUPipeline(chip, error);
  return error;
}

static int fail(const std::string &message, int code) {
  std::fprintf(stderr, "%s: %s\n", kTool, message.c_str());
  return code;
}

int mlir::posenc::runMain(int argc, char **argv, RegisterMore more) {
  RunOptions options;
  std::string error;
  if (!parseRunOptions(argc, argv, options, error))
    return fail(error, kExitUsage);
  if (options.help)
    return std::fputs(
               getRunHelp(
                   kTool,
                   "Runs a function of a module, or an entry of a package, on .npy files.")
                   .c_str(),
               stdout) < 0
               ? kExitBadInput
               : kExitOk;
  if (isPackageFile(options.file))
    return runPackageFile(options);
  std::string (*check)(StringRef) = nullptr;
  if (options.target == "cpu" && !options.chip.empty())
    check = whyHostCannotRun;
  if (options.target == "emulate")
    check = whyCannotEmulate;
  if (check && !(error = check(options.chip)).empty())
    return fail("--target=" + options.getTarget() + ": " + error, kExitBadInput);
  std::vector<OutputFile> outputs;
  if (!openOutputs(options.outputs, outputs, error))
    return fail("--out " + error, kExitBadInput);
  return supervise(kTool, outputs, [&] { return runAndReport(options, outputs, more); });
}
