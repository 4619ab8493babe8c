//===- GPUPipelines.h - From posenc to GPU binaries -------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_PIPELINES_GPUPIPELINES_H
#define POSENC_PIPELINES_GPUPIPELINES_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

#include <string>

namespace mlir::posenc {

/// What both GPU pipelines take; the chip's default differs.
struct GPUPipelineOptions : PassPipelineOptions<GPUPipelineOptions> {
  Option<std::string> chip{*this, "chip", llvm::cl::desc("sm_… or gfx…, see the docs")};
  Option<std::string> format{*this, "format",
                             llvm::cl::desc("ptx, cubin (NVIDIA), asm, hsaco (AMD), or llvm: "
                                            "the gpu.module in the LLVM dialect")};
  Option<bool> deviceEntry{
      *this, "device-entry", llvm::cl::init(false),
      llvm::cl::desc("arguments and results of public functions are device buffers")};
  Option<bool> residentConstants{
      *this, "resident-constants", llvm::cl::init(false),
      llvm::cl::desc("the runtime keeps constants on the device between calls; needs "
                     "posenc-host-to-runtime afterwards")};
};

using PipelineErrorHandler = function_ref<LogicalResult(const Twine &)>;

/// Append the passes from posenc, linalg or tosa on tensors to LLVM-dialect
/// host code and a gpu.binary. An unknown chip or format is an error that names
/// the known ones.
LogicalResult buildNVVMPipeline(OpPassManager &pm, const GPUPipelineOptions &options,
                                PipelineErrorHandler onError);
LogicalResult buildROCDLPipeline(OpPassManager &pm, const GPUPipelineOptions &options,
                                 PipelineErrorHandler onError);

/// The pipeline that makes kernels for a chip; with `only` this one or none. On an unknown
/// chip it is empty, and `error` names the known ones.
StringRef findGPUPipeline(StringRef chip, std::string &error, StringRef only = "");

/// `posenc-nvvm-pipeline` and `posenc-rocdl-pipeline`.
void registerGPUPipelines();

} // namespace mlir::posenc

#endif // POSENC_PIPELINES_GPUPIPELINES_H
