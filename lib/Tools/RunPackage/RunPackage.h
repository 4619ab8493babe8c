//===- RunPackage.h - Run an entry of a package on .npy files ---*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// What posenc-run and posenc-run-package share. Without LLVM.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_TOOLS_RUNPACKAGE_RUNPACKAGE_H
#define POSENC_LIB_TOOLS_RUNPACKAGE_RUNPACKAGE_H

#include "posenc/Support/RunReport.h"

#include <string>

namespace mlir {
namespace posenc {

/// True if the file is called NAME.posenc or begins as an ELF file does.
bool isPackageFile(const std::string &path);

/// Runs an entry of the package `options.file` and returns the exit code of the contract.
/// Must be called before the process has threads.
int runPackageFile(const RunOptions &options);

} // namespace posenc
} // namespace mlir

#endif // POSENC_LIB_TOOLS_RUNPACKAGE_RUNPACKAGE_H
