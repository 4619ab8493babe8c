//===- RunMain.cpp - posenc-run -------------------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Program.h"

#include "posenc/Support/Flags.h"
#include "posenc/Support/RunReport.h"
#include "posenc/Support/Supervise.h"
#include "posenc/Tools/Tools.h"

#include "llvm/TargetParser/Host.h"

#include <cstdio>
#include <unistd.h>

using namespace mlir;
using namespace mlir::posenc;

static const char *const kTool = "posenc-run";

/// The passes from a module as the user wrote it to the LLVM dialect.
static std::string getPasses(const RunOptions &options, bool reference) {
  std::string passes = options.raise ? getRaisePasses() : "";
  auto add = [&](const std::string &text) { passes += (passes.empty() ? "" : ",") + text; };
  if (reference)
    add("convert-posenc-to-linalg");
  add(getCPUPasses(options.chip.empty() ? "host" : options.chip));
  return passes;
}

/// Compiles a copy of the module.
static std::unique_ptr<Program> compile(ModuleOp module, const Signature &signature,
                                        const RunOptions &options, bool reference,
                                        Driver &driver) {
  OwningOpRef<ModuleOp> copy = module.clone();
  if (failed(driver.runPasses(*copy, getPasses(options, reference))))
    return nullptr;
  StringRef chip = options.chip.empty() ? "host" : StringRef(options.chip);
  return Program::create(*copy, signature, chip, driver);
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

static LogicalResult run(const RunOptions &options, std::vector<OutputFile> &outputs,
                         RunReport &report) {
  Driver driver(kTool);
  OwningOpRef<ModuleOp> module = driver.parse(options.file);
  func::FuncOp entry = module ? driver.findEntry(*module, options.entry) : nullptr;
  if (!entry)
    return failure();
  FailureOr<Signature> signature = getSignature(entry, driver);
  std::vector<Array> arguments, expectations;
  if (failed(signature) || failed(loadArguments(options, *signature, driver, arguments)) ||
      failed(loadExpectations(options, driver, expectations)))
    return failure();

  bool isReference = options.target == "reference";
  std::unique_ptr<Program> program = compile(*module, *signature, options, isReference, driver);
  if (!program)
    return failure();
  std::vector<Array> results = program->call(arguments);
  std::vector<double> times(options.timedRuns);
  for (double &time : times)
    program->call(arguments, &time);
  report.setTimes(std::move(times));
  program.reset();

  if (options.compareReference) {
    program = compile(*module, *signature, options, /*reference=*/true, driver);
    if (!program)
      return failure();
    expectations = program->call(arguments);
  }
  std::string error;
  if (failed(check(options, results, expectations, driver, report)))
    return failure();
  return writeOutputs(results, outputs, error) ? success() : driver.fail("--out " + error);
}

/// What runs in the supervised process.
static int runAndReport(const RunOptions &options, std::vector<OutputFile> &outputs) {
  int realStdout = redirectProgramOutput();
  RunReport report(options, llvm::sys::getHostCPUName().str());
  if (failed(run(options, outputs, report)))
    return kExitBadInput;
  std::string text = options.json ? report.toJson() : report.toText();
  if (write(realStdout, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return kExitBadInput;
  return report.holds() ? kExitOk : kExitMismatch;
}

static int fail(const std::string &message, int code) {
  std::fprintf(stderr, "%s: %s\n", kTool, message.c_str());
  return code;
}

int mlir::posenc::runMain(int argc, char **argv) {
  RunOptions options;
  std::string error;
  if (!parseRunOptions(argc, argv, options, error))
    return fail(error, kExitUsage);
  if (options.help)
    return std::fputs(getRunHelp().c_str(), stdout) < 0 ? kExitBadInput : kExitOk;
  if (options.target != "reference" && options.target != "cpu")
    return fail("--target=" + options.target + ": this build runs reference and cpu only",
                kExitBadInput);
  if (!options.chip.empty() && !(error = whyHostCannotRun(options.chip)).empty())
    return fail("--target=cpu:" + options.chip + ": " + error, kExitBadInput);
  std::vector<OutputFile> outputs;
  if (!openOutputs(options.outputs, outputs, error))
    return fail("--out " + error, kExitBadInput);
  return supervise(kTool, outputs, [&] { return runAndReport(options, outputs); });
}
