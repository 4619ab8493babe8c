//===- Engines.cpp - All engines ------------------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Kernel/Engine.h"

using namespace mlir::posenc::kernel;

mlir::ArrayRef<std::unique_ptr<Engine>> mlir::posenc::kernel::getEngines() {
  static const auto *engines = [] {
    auto *list = new SmallVector<std::unique_ptr<Engine>>;
    list->push_back(createSIMTEngine());
    return list;
  }();
  return *engines;
}
