//===- Pipelines.h - From posenc on tensors to targets ----------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_PIPELINES_PIPELINES_H
#define POSENC_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::posenc {

/// Options of `--posenc-cpu-pipeline`.
struct CPUPipelineOptions : public PassPipelineOptions<CPUPipelineOptions> {
  PassOptions::Option<std::string> chip{
      *this, "chip",
      llvm::cl::desc("The processor that kernels are shaped for: host or an LLVM name such "
                     "as x86-64-v3, znver4 or neoverse-n1"),
      llvm::cl::init("host")};
  PassOptions::Option<bool> parallel{*this, "parallel",
                                     llvm::cl::desc("Run loops on the threads of OpenMP"),
                                     llvm::cl::init(true)};
};

/// Adds the passes from model IR and posenc on tensors to the LLVM dialect.
/// Public functions get a C interface; the caller frees the buffers that they
/// return. Plain linalg modules, such as the reference, go the same way.
void buildCPUPipeline(OpPassManager &pm, const CPUPipelineOptions &options);

void registerCPUPipeline();

} // namespace mlir::posenc

#endif // POSENC_PIPELINES_PIPELINES_H
