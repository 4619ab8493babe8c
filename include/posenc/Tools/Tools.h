//===- Tools.h - The mains of posenc's tools --------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_TOOLS_TOOLS_H
#define POSENC_TOOLS_TOOLS_H

namespace mlir {
class DialectRegistry;

namespace posenc {

/// What a tool outside the tree registers beside everything of posenc: the
/// dialects of its own modifiers.
using RegisterMore = void (*)(DialectRegistry &);

/// posenc-run; returns the exit code of the contract.
int runMain(int argc, char **argv, RegisterMore more = nullptr);

/// posenc-compile; returns the exit code of the contract.
int compileMain(int argc, char **argv, RegisterMore more = nullptr);

/// posenc-opt: mlir-opt with everything upstream and posenc. What the raising
/// passes missed is printed as remarks, unless `--posenc-quiet` or a filter of
/// the user's own says otherwise.
int optMain(int argc, char **argv, RegisterMore more = nullptr);

} // namespace posenc
} // namespace mlir

#endif // POSENC_TOOLS_TOOLS_H
