//===- CPUPipeline.cpp - posenc on tensors to the LLVM dialect ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Composed from text: naming passes costs nothing, including their headers
// costs half a minute of compile time.
//===----------------------------------------------------------------------===//

#include "posenc/Pipelines/Pipelines.h"

#include "Import.h"

#include "posenc/Codegen/CPU/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/ErrorHandling.h"

using namespace mlir;
using namespace mlir::posenc;

/// Adds the passes that `text` names. Only a pass that the tool did not
/// register can fail, which is a mistake in the tool.
static void addPasses(OpPassManager &pm, StringRef text) {
  std::string error;
  llvm::raw_string_ostream os(error);
  if (failed(parsePassPipeline(text, pm, os)))
    llvm::report_fatal_error("posenc-cpu-pipeline: " + Twine(error), /*gen_crash_diag=*/false);
}

/// All of linalg is fused and shares buffers. LLVM knows no integer power of a vector. Narrow
/// floats are computed in f32 and rounded by bit operations: no target has to bring a
/// conversion routine.
static constexpr StringLiteral kTensors =
    "func.func(convert-elementwise-to-linalg,linalg-generalize-named-ops),"
    "func.func(posenc-optimize-host-linalg),canonicalize,cse,"
    "func.func(math-expand-ops{ops=fpowi}),"
    "func.func(math-extend-to-supported-types{target-type=f32},"
    "arith-emulate-unsupported-floats{source-types=bf16,f16 target-type=f32}),"
    "eliminate-empty-tensors";

/// Functions take and return contiguous buffers; returned ones belong to the
/// caller, so that one which aliases an argument or a constant is copied.
static constexpr StringLiteral kBuffers =
    "one-shot-bufferize{bufferize-function-boundaries=true "
    "function-boundary-type-conversion=identity-layout-map "
    "allow-return-allocs-from-loops=true},"
    "canonicalize,cse";

/// After attention is gone: the pipeline wants to see through every region. It
/// frees at the end of a block; moving that up to the last use keeps the peak low.
static constexpr StringLiteral kDeallocation =
    "buffer-deallocation-pipeline,convert-bufferization-to-memref,canonicalize,cse,"
    "func.func(optimize-allocation-liveness)";

static constexpr StringLiteral kLoops =
    "func.func(posenc-expand-copies,convert-linalg-to-parallel-loops),canonicalize,"
    "func.func(posenc-shape-parallel-loops)";

/// Canonicalization before scf-to-cf removes scopes of allocations that hold
/// none: they cannot hold several blocks.
static constexpr StringLiteral kLLVM =
    "canonicalize,cse,posenc-request-host-interface,"
    "expand-strided-metadata,lower-affine,convert-vector-to-scf,convert-scf-to-cf,"
    "posenc-lower-host-asserts,"
    "func.func(arith-expand{include-bf16=true}),"
    "convert-complex-to-standard,convert-complex-to-llvm,"
    "convert-math-to-llvm,convert-math-to-libm,convert-vector-to-llvm,"
    "expand-strided-metadata,lower-affine,finalize-memref-to-llvm,"
    "convert-arith-to-llvm,convert-index-to-llvm,convert-ub-to-llvm,convert-cf-to-llvm,"
    "convert-openmp-to-llvm,convert-func-to-llvm,reconcile-unrealized-casts,"
    "posenc-replace-bf16";

void posenc::buildCPUPipeline(OpPassManager &pm, const CPUPipelineOptions &options) {
  addPasses(pm, kImport);
  addPasses(pm, kPosEncToLinalg);
  addPasses(pm, kTensors);
  addPasses(pm, kBuffers);
  // Not as text: a chip's name is the user's.
  PosEncAttentionToVectorOptions attention;
  attention.chip = options.chip;
  pm.addNestedPass<func::FuncOp>(createPosEncAttentionToVector(attention));
  addPasses(pm, kDeallocation);
  addPasses(pm, kLoops);
  addPasses(pm, options.parallel ? "convert-scf-to-openmp"
                                 : "func.func(scf-parallel-for-to-nested-fors)");
  addPasses(pm, kLLVM);
}

void posenc::registerCPUPipeline() {
  PassPipelineRegistration<CPUPipelineOptions>(
      "posenc-cpu-pipeline",
      "Compile model IR and posenc on tensors to the LLVM dialect, for processors",
      buildCPUPipeline);
}
