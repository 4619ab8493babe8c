//===- posenc-run-package.cpp - Run packages without LLVM -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RunPackage.h"

#include "posenc/Support/Flags.h"

#include <cstdio>

using namespace mlir::posenc;

int main(int argc, char **argv) {
  RunOptions options;
  options.tool = "posenc-run-package";
  std::string error;
  if (!parseRunOptions(argc, argv, options, error)) {
    std::fprintf(stderr, "%s: %s\n", options.tool.c_str(), error.c_str());
    return kExitUsage;
  }
  if (options.help) {
    std::string help = getRunHelp(options.tool, "Runs an entry of a package on .npy files.");
    return std::fputs(help.c_str(), stdout) < 0 ? kExitBadInput : kExitOk;
  }
  return runPackageFile(options);
}
