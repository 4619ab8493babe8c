//===- OptMain.cpp - posenc-opt -------------------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Tools/Driver.h"
#include "posenc/Tools/Tools.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"

#include "llvm/Support/CommandLine.h"

using namespace mlir;
using namespace mlir::posenc;

/// True if `argument` is `-name` or `--name`, with or without a value.
static bool isOption(StringRef argument, StringRef name) {
  bool dashed = argument.consume_front("--") || argument.consume_front("-");
  return dashed && argument.consume_front(name) &&
         (argument.empty() || argument.front() == '=');
}

/// mlir-opt creates its context itself and enables remarks by these flags
/// alone, so the default is a flag that the user did not give.
static bool wantsMissedRemarks(ArrayRef<char *> arguments) {
  return llvm::none_of(arguments, [](StringRef argument) {
    return argument == "--posenc-quiet" || argument == "-posenc-quiet" ||
           isOption(argument, "remarks-filter") || isOption(argument, "remarks-filter-missed");
  });
}

int mlir::posenc::optMain(int argc, char **argv, RegisterMore more) {
  static llvm::cl::opt<bool> quiet("posenc-quiet",
                                   llvm::cl::desc("Do not print what posenc-raise missed"));
  DialectRegistry registry;
  registerEverything(registry);
  if (more)
    more(registry);
  SmallVector<char *> arguments(argv, argv + argc);
  std::string filter = "--remarks-filter-missed=posenc-.*";
  if (wantsMissedRemarks(arguments))
    arguments.insert(arguments.begin() + std::min(argc, 1), filter.data());
  return asMainReturnCode(
      MlirOptMain(arguments.size(), arguments.data(), "posenc optimizer driver\n", registry));
}
