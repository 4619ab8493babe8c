//===- Supervise.h - Run in a child process ---------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_SUPPORT_SUPERVISE_H
#define POSENC_SUPPORT_SUPERVISE_H

#include "posenc/Support/OutputFile.h"

#include <functional>
#include <string>
#include <vector>

namespace mlir {
namespace posenc {

/// Runs `work` in a child process and returns its exit code. A child that
/// dies of a signal (compiled programs abort when an assertion fails) gives
/// one line on stderr and code 1; outputs that are not committed by then are
/// removed. Must be called before the process has threads. `tool` begins the
/// line.
int supervise(const std::string &tool, std::vector<OutputFile> &outputs,
              const std::function<int()> &work);

/// Sends what compiled programs print to stderr, unbuffered (abort does not
/// flush), and returns the descriptor of the real stdout.
int redirectProgramOutput();

/// Writes the report to the real stdout; false, after a line on stderr, if that fails.
bool writeReport(const std::string &tool, int realStdout, const std::string &text);

} // namespace posenc
} // namespace mlir

#endif // POSENC_SUPPORT_SUPERVISE_H
