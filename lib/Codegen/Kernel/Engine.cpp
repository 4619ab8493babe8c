//===- Engine.cpp - What produces the body of a kernel --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Kernel/Engine.h"

using namespace mlir::posenc::kernel;

// Out of line, so that the class has a home.
Engine::~Engine() = default;
