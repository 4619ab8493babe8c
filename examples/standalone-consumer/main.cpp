//===- main.cpp - A compiler that uses posenc as a library ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Parses a file with posenc IR, runs a pass pipeline on it and prints the
// result:  standalone-consumer FILE 'builtin.module(posenc-expand-buckets)'
//===----------------------------------------------------------------------===//

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "posenc/InitAllPosEnc.h"
#include "llvm/Support/raw_ostream.h"

int main(int argc, char **argv) {
  if (argc != 3) {
    llvm::errs() << "usage: standalone-consumer FILE PIPELINE\n";
    return 2;
  }
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::posenc::registerAllDialects(registry);
  // Pipelines of posenc are spelt in terms of upstream passes.
  mlir::registerAllPasses();
  mlir::posenc::registerAllPasses();

  mlir::MLIRContext context(registry);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::parseSourceFile<mlir::ModuleOp>(argv[1], &context);
  if (!module)
    return 1;
  mlir::FailureOr<mlir::OpPassManager> pipeline = mlir::parsePassPipeline(argv[2]);
  if (mlir::failed(pipeline))
    return 2;
  mlir::PassManager manager(&context, pipeline->getOpAnchorName());
  static_cast<mlir::OpPassManager &>(manager) = *pipeline;
  if (mlir::failed(manager.run(*module)))
    return 1;
  module->print(llvm::outs());
  return 0;
}
