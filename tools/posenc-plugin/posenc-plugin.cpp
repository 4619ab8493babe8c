//===- posenc-plugin.cpp - posenc for a stock mlir-opt --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// mlir-opt-22 --load-dialect-plugin=posenc-plugin.so
//             --load-pass-plugin=posenc-plugin.so --pass-pipeline=…
//===----------------------------------------------------------------------===//

#include "posenc/InitAllPosEnc.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

#include "llvm/Config/llvm-config.h"

extern "C" LLVM_ATTRIBUTE_WEAK mlir::DialectPluginLibraryInfo mlirGetDialectPluginInfo() {
  return {
      MLIR_PLUGIN_API_VERSION, "posenc", LLVM_VERSION_STRING,
      [](mlir::DialectRegistry *registry) { mlir::posenc::registerAllDialects(*registry); }};
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "posenc", LLVM_VERSION_STRING,
          [] { mlir::posenc::registerAllPasses(); }};
}
