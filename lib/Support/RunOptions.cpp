//===- RunOptions.cpp - The command line of posenc-run --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Support/Flags.h"
#include "posenc/Support/RunReport.h"

#include <cstdlib>

using namespace mlir::posenc;

static bool isDeviceNumber(const std::string &text) {
  return !text.empty() && text.size() <= 4 &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

/// What may follow the family of a target.
static bool fitsFamily(const std::string &family, bool hasColon, const std::string &rest) {
  if (family == "reference")
    return !hasColon;
  if (family == "emulate")
    return !rest.empty();
  if (family == "cpu")
    return !hasColon || !rest.empty();
  return (family == "cuda" || family == "hip") && (!hasColon || isDeviceNumber(rest));
}

static std::string setTarget(const std::string &text, RunOptions &options) {
  size_t colon = text.find(':');
  bool hasColon = colon != std::string::npos;
  options.hasTarget = true;
  options.target = text.substr(0, colon);
  options.chip = hasColon ? text.substr(colon + 1) : "";
  if (fitsFamily(options.target, hasColon, options.chip))
    return "";
  return "expected reference, cpu[:CHIP], emulate:CHIP, cuda[:N] or hip[:N] but got '" + text +
         "'";
}

/// A number of at most 18 digits, which no 64 bits overflow.
static bool readSeed(const std::string &text, uint64_t &target) {
  if (text.empty() || text.size() > 18 ||
      text.find_first_not_of("0123456789") != std::string::npos)
    return false;
  target = std::strtoull(text.c_str(), nullptr, 10);
  return true;
}

/// SEED, or FIRST-LAST.
static std::string setSchedule(const std::string &text, RunOptions &options) {
  size_t dash = text.find('-');
  std::string last = dash == std::string::npos ? text : text.substr(dash + 1);
  if (!readSeed(text.substr(0, dash), options.firstSchedule) ||
      !readSeed(last, options.lastSchedule) || options.lastSchedule < options.firstSchedule ||
      options.lastSchedule - options.firstSchedule >= 10000)
    return "expected SEED or FIRST-LAST, at most 10000 of them, but got '" + text + "'";
  return "";
}

static std::string setCount(const std::string &text, unsigned &target) {
  char *end = nullptr;
  long value = std::strtol(text.c_str(), &end, 10);
  if (text.empty() || *end || value < 1 || value > 1000000)
    return "expected a count from 1 to 1000000 but got '" + text + "'";
  target = static_cast<unsigned>(value);
  return "";
}

static Flags makeFlags(RunOptions &options) {
  Flags flags;
  flags.add("target", "TARGET",
            "reference, cpu[:CHIP], emulate:CHIP, cuda[:N] or hip[:N] (default: cpu; for a "
            "package the best that there is)",
            [&](const std::string &text) { return setTarget(text, options); });
  flags.addString("entry", "NAME", "function to run (default: the only public one)",
                  options.entry);
  flags.addList("in", "F.npy", "an argument; once per argument, in order", options.inputs);
  flags.addList("out", "F.npy", "where to write a result; once per result", options.outputs);
  flags.addList("expect", "F.npy", "what a result should be; once per result",
                options.expectations);
  flags.addNumber(
      "rtol",
      "relative tolerance (default: 1e-4; and a unit of the last place of f16, 2^-10, "
      "or bf16, 2^-7)",
      [&](double value) { options.rtol = value; });
  flags.addNumber("atol", "absolute tolerance (default: 1e-5)",
                  [&](double value) { options.atol = value; });
  flags.add("compare", "reference", "expect what the reference computes",
            [&](const std::string &text) {
              options.compareReference = text == "reference";
              return text == "reference" ? "" : "expected reference but got '" + text + "'";
            });
  flags.addOnOff("raise", "find attention in model IR first (default: on)", options.raise);
  flags.add("time", "N", "time N calls after a first one",
            [&](const std::string &text) { return setCount(text, options.timedRuns); });
  flags.add("emulate-schedule", "SEED",
            "order in which emulated threads run (default: 0, their own); FIRST-LAST runs "
            "all of them and wants the same bits",
            [&](const std::string &text) { return setSchedule(text, options); });
  flags.addSwitch("emulate-stats", "count what emulated kernels do", options.emulateStats);
  flags.addOnOff("emulate-checks", "report what emulated kernels do wrong (default: on)",
                 options.emulateChecks);
  flags.addSwitch("json", "print one JSON object", options.json);
  flags.addSwitch("help", "print this", options.help);
  return flags;
}

std::string mlir::posenc::getRunHelp(const std::string &tool, const std::string &what) {
  RunOptions options;
  return makeFlags(options).getHelp(
      "usage: " + tool + " FILE [flags]\n\n" + what +
      "\nExit code: 0 done, 1 bad input or failed run, 2 wrong command line, 3 a result "
      "differs.");
}

/// The first flag about the emulator, or nothing.
static std::string findEmulatorFlag(const Flags &flags) {
  for (const std::string &name : flags.getGiven())
    if (name.rfind("emulate-", 0) == 0)
      return "--" + name;
  return "";
}

bool mlir::posenc::parseRunOptions(int argc, char **argv, RunOptions &options,
                                   std::string &error) {
  std::vector<std::string> files;
  Flags flags = makeFlags(options);
  if (!flags.parse(argc, argv, files, error))
    return false;
  if (options.help)
    return true;
  if (files.size() != 1)
    return error =
               "expected one FILE but got " + std::to_string(files.size()) + " (see --help)",
           false;
  options.file = files[0];
  for (const std::string &name : flags.getGiven())
    options.hasRaise |= name == "raise";
  if (options.compareReference && !options.expectations.empty())
    return error = "expected --expect or --compare but got both", false;
  std::string flag = options.target == "emulate" ? "" : findEmulatorFlag(flags);
  if (!flag.empty())
    return error = flag +
                   ": expected --target=emulate:CHIP but got --target=" + options.getTarget(),
           false;
  if (options.firstSchedule != options.lastSchedule && options.timedRuns)
    return error = "--time: expected one --emulate-schedule but got several", false;
  return true;
}
