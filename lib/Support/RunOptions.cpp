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

static std::string setTarget(const std::string &text, RunOptions &options) {
  size_t colon = text.find(':');
  options.target = text.substr(0, colon);
  options.chip = colon == std::string::npos ? "" : text.substr(colon + 1);
  const std::string &family = options.target;
  bool takesChip = family == "cpu" || family == "emulate";
  bool known = takesChip || family == "reference" || family == "cuda" || family == "hip";
  if (!known || (colon != std::string::npos && (!takesChip || options.chip.empty())))
    return "expected reference, cpu[:CHIP], emulate:CHIP, cuda or hip but got '" + text + "'";
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
            "reference, cpu[:CHIP], emulate:CHIP, cuda or hip (default: cpu)",
            [&](const std::string &text) { return setTarget(text, options); });
  flags.addString("entry", "NAME", "function to run (default: the only public one)",
                  options.entry);
  flags.addList("in", "F.npy", "an argument; once per argument, in order", options.inputs);
  flags.addList("out", "F.npy", "where to write a result; once per result", options.outputs);
  flags.addList("expect", "F.npy", "what a result should be; once per result",
                options.expectations);
  flags.addNumber("rtol", "relative tolerance (default: 1e-4)", options.rtol);
  flags.addNumber("atol", "absolute tolerance (default: 1e-5)", options.atol);
  flags.add("compare", "reference", "expect what the reference computes",
            [&](const std::string &text) {
              options.compareReference = text == "reference";
              return text == "reference" ? "" : "expected reference but got '" + text + "'";
            });
  flags.addOnOff("raise", "find attention in model IR first (default: on)", options.raise);
  flags.add("time", "N", "time N calls after a first one",
            [&](const std::string &text) { return setCount(text, options.timedRuns); });
  flags.addSwitch("json", "print one JSON object", options.json);
  flags.addSwitch("help", "print this", options.help);
  return flags;
}

std::string mlir::posenc::getRunHelp() {
  RunOptions options;
  return makeFlags(options).getHelp(
      "usage: posenc-run FILE [flags]\n\nCompiles a module and runs one of its functions on "
      ".npy "
      "files.\nExit code: 0 done, 1 bad input or failed run, 2 wrong command line, 3 a result "
      "differs.");
}

bool mlir::posenc::parseRunOptions(int argc, char **argv, RunOptions &options,
                                   std::string &error) {
  std::vector<std::string> files;
  if (!makeFlags(options).parse(argc, argv, files, error))
    return false;
  if (options.help)
    return true;
  if (files.size() != 1)
    return error =
               "expected one FILE but got " + std::to_string(files.size()) + " (see --help)",
           false;
  options.file = files[0];
  if (options.compareReference && !options.expectations.empty())
    return error = "expected --expect or --compare but got both", false;
  return true;
}
