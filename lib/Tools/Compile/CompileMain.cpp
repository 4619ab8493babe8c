//===- CompileMain.cpp - posenc-compile -----------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compile.h"

#include "posenc/Support/Flags.h"
#include "posenc/Support/OutputFile.h"
#include "posenc/Support/Supervise.h"
#include "posenc/Tools/Tools.h"

#include "llvm/ADT/StringExtras.h"

#include <cstdio>

using namespace mlir;
using namespace mlir::posenc;
namespace json = llvm::json;

static const char *const kTool = "posenc-compile";

static int fail(const std::string &message, int code) {
  std::fprintf(stderr, "%s: %s\n", kTool, message.c_str());
  return code;
}

static Flags makeFlags(CompileOptions &options, std::string &target) {
  Flags flags;
  flags.addString("emit", "FORMAT", "ptx, cubin, asm, hsaco, llvm or object", options.emit);
  flags.addString("target", "TARGET",
                  "cuda:CHIP, hip:CHIP or cpu:CHIP; for a package several of them, or "
                  "emulate:CHIP, with commas between",
                  target);
  flags.addString("o", "OUT",
                  "where to write the kernels, which OUT.json describes; NAME.posenc for a "
                  "package",
                  options.output);
  flags.addOnOff("raise", "find attention in model IR first (default: on)", options.raise);
  flags.addSwitch("help", "print this", options.help);
  return flags;
}

/// The formats of a family of targets; empty for an unknown one.
static ArrayRef<StringRef> getFormats(StringRef family) {
  static const StringRef cuda[] = {"ptx", "cubin", "llvm"}, hip[] = {"asm", "hsaco", "llvm"},
                         cpu[] = {"object", "asm", "llvm"};
  if (family == "cuda")
    return cuda;
  if (family == "hip")
    return hip;
  return family == "cpu" ? ArrayRef<StringRef>(cpu) : ArrayRef<StringRef>();
}

/// Splits and checks the target; returns an error text, or none.
static std::string setTarget(StringRef target, CompileOptions &options) {
  auto [family, chip] = target.split(':');
  if (!isTargetName(target, {"cuda", "hip", "cpu"}))
    return "--target: expected cuda:CHIP, hip:CHIP or cpu:CHIP but got '" + target.str() + "'";
  options.family = family.str();
  options.chip = chip.str();
  ArrayRef<StringRef> formats = getFormats(family);
  if (options.emit.empty())
    return "expected --emit=" + llvm::join(formats, "|") + " for --target=" + target.str();
  if (!llvm::is_contained(formats, options.emit))
    return "--emit: expected " + llvm::join(formats, ", ") + " for --target=" + target.str() +
           " but got '" + options.emit + "'";
  return "";
}

/// Writes all outputs, then moves them to their places.
static LogicalResult writeAll(ArrayRef<const std::string *> contents,
                              std::vector<OutputFile> &outputs, const Driver &driver) {
  std::string error;
  for (auto [file, data] : llvm::zip_equal(outputs, contents))
    if (!file.write(data->data(), data->size(), error))
      return driver.fail("-o " + file.getPath() + ": cannot write: " + error);
  for (OutputFile &file : outputs)
    if (!file.commit(error))
      return driver.fail("-o " + file.getPath() + ": cannot write: " + error);
  return success();
}

static LogicalResult compile(const CompileOptions &options, std::vector<OutputFile> &outputs,
                             RegisterMore more) {
  Driver driver(kTool, more);
  OwningOpRef<ModuleOp> module = driver.parse(options.file);
  if (!module)
    return failure();
  if (!options.packageTargets.empty()) {
    FailureOr<std::string> package = compilePackage(*module, options, driver);
    return failed(package) ? failure() : writeAll({&*package}, outputs, driver);
  }
  FailureOr<CompiledFile> compiled = options.family == "cpu"
                                         ? compileForCPU(*module, options, driver)
                                         : compileForGPU(*module, options, driver);
  if (failed(compiled))
    return failure();
  json::Object description{{"format", options.emit},
                           {"target", options.family + ":" + options.chip},
                           {"kernels", std::move(compiled->kernels)}};
  std::string text;
  llvm::raw_string_ostream(text) << llvm::formatv("{0:2}", json::Value(std::move(description)))
                                 << '\n';
  return writeAll({&compiled->contents, &text}, outputs, driver);
}

/// Decides between one file of kernels and a package; returns an error text, or none.
static std::string setTargets(StringRef target, CompileOptions &options) {
  bool hasPackageName = StringRef(options.output).ends_with(".posenc");
  if (!target.contains(',') && (!options.emit.empty() || !hasPackageName))
    return setTarget(target, options);
  if (!options.emit.empty())
    return "expected one --target for --emit=" + options.emit + " but got '" + target.str() +
           "'";
  if (!hasPackageName)
    return "-o: expected NAME.posenc for several targets but got '" + options.output + "'";
  return parsePackageTargets(target, options);
}

/// Compiles in a process of its own, once the outputs can be written.
static int run(const CompileOptions &options, RegisterMore more) {
  std::string error;
  std::vector<OutputFile> outputs;
  std::vector<std::string> paths{options.output};
  if (options.packageTargets.empty())
    paths.push_back(options.output + ".json");
  for (const std::string &path : paths) {
    outputs.emplace_back(path, outputs.size());
    if (!outputs.back().open(error))
      return fail("-o " + path + ": cannot write: " + error, kExitBadInput);
  }
  return supervise(kTool, outputs, [&] {
    return succeeded(compile(options, outputs, more)) ? kExitOk : kExitBadInput;
  });
}

int mlir::posenc::compileMain(int argc, char **argv, RegisterMore more) {
  CompileOptions options;
  std::string error, target;
  std::vector<std::string> files;
  Flags flags = makeFlags(options, target);
  if (!flags.parse(argc, argv, files, error))
    return fail(error, kExitUsage);
  if (options.help) {
    std::string usage = "usage: posenc-compile FILE --emit=FORMAT --target=TARGET -o OUT\n"
                        "       posenc-compile FILE --target=TARGET,… -o NAME.posenc\n\n"
                        "Compiles a module to one file of kernels or to a package.\nExit code: "
                        "0 done, 1 bad input "
                        "or failed compilation, 2 wrong command line.";
    return std::fputs(flags.getHelp(usage).c_str(), stdout) < 0 ? kExitBadInput : kExitOk;
  }
  if (files.size() != 1)
    return fail("expected one FILE but got " + std::to_string(files.size()) + " (see --help)",
                kExitUsage);
  options.file = files[0];
  if (options.output.empty())
    return fail("expected -o OUT", kExitUsage);
  if (!(error = setTargets(target, options)).empty())
    return fail(error, kExitUsage);

  std::vector<std::string> targets = options.packageTargets;
  if (targets.empty())
    targets.push_back(target);
  for (const std::string &name : targets)
    if (!(error = whyNoKernels(name)).empty())
      return fail(error, kExitBadInput);
  return run(options, more);
}
