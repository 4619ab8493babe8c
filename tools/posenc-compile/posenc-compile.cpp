//===- posenc-compile.cpp - Compile a module to a file of kernels ---------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Tools/Tools.h"

int main(int argc, char **argv) { return mlir::posenc::compileMain(argc, argv); }
