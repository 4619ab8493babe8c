//===- InitAllPosEnc.cpp - Register everything of posenc ------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/InitAllPosEnc.h"

#include "posenc/Conversion/Passes.h"
#include "posenc/Dialect/PosEnc/IR/PosEncDialect.h"
#include "posenc/Dialect/PosEnc/Transforms/BufferizableOpInterfaceImpl.h"

#include "mlir/IR/DialectRegistry.h"

using namespace mlir;

void posenc::registerAllDialects(DialectRegistry &registry) {
  registry.insert<PosEncDialect>();
  registerBufferizableOpInterfaceExternalModels(registry);
}

void posenc::registerAllPasses() {
  registerConversionPasses();
}
