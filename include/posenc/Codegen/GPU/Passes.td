//===- Passes.td - Attention to GPU kernels ----------------*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_GPU_PASSES
#define POSENC_CODEGEN_GPU_PASSES

include "mlir/Pass/PassBase.td"

def PosEncAttentionToGPUPass : Pass<"posenc-attention-to-gpu", "::mlir::ModuleOp"> {
  let summary = "turn attention on memrefs into kernels and launches";
  let description = [{
    Each `posenc.attention` on memrefs becomes a `gpu.module` with one
    `gpu.func` kernel, and a `gpu.launch_func` in its place. The kernel is fused:
    no buffer grows with Tq · Tk. Its arguments are the op's operands and what
    its regions capture, in the order that the attribute `posenc.kernel` names;
    every extent may be dynamic, and q, k, v and o may have any strides.

    The chip decides the wave size (32 for sm_XX and gfx10 to gfx12, 64 for
    gfx9) and which intrinsics stand for exp2 and lane exchange:
    `llvm.nvvm.ex2.approx.ftz.f32` and `gpu.shuffle`, or `llvm.amdgcn.exp2.f32`
    and `rocdl.update.dpp`. Other functions of score and row regions stay `math`
    ops. No target is attached.

    An engine computes the op: the first that supports it, or the one that the
    option names. `simt` (f32 arithmetic, 256 threads, at most 64 queries × 64
    keys at a time) takes any shape with a value head size up to 256; a dynamic
    one is checked by `cf.assert` on the host.

    ```mlir
    gpu.launch_func @posenc_attention::@posenc_attention
        blocks in (%tiles, %c1, %c1) threads in (%c256, %c1, %c1) args(%q : …, %k : …, %v : …, %o : …)
    ```

    Equal kernels are emitted once. A value that is several operands is passed
    once, under its first name.

    The attribute `posenc.kernel` of the kernel: `engine`; `arguments`, names in
    order; `grid` and `block`, three each, the grid as expressions over Tq, Hq
    and B; `shared_memory`, static bytes; `alignment`, the boundary in bytes that
    makes rows readable 128 bits at a time (others work too).

    Fails on attention on tensors, and where no engine supports the op.
  }];
  let options = [
    Option<"chip", "chip", "std::string", /*default=*/"\"\"", "sm_XX or gfxXXX">,
    Option<"engine", "engine", "std::string", /*default=*/"\"\"",
           "Name of the engine to use; by default the first that supports the op">,
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect",
    "::mlir::gpu::GPUDialect", "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::ROCDL::ROCDLDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

def PosEncApplyLoopAnnotationsPass : Pass<"posenc-apply-loop-annotations"> {
  let summary = "make loop annotations of scf loops reach LLVM";
  let description = [{
    Kernels annotate loops that must not be unrolled (unrolling them spills
    registers). Lowering scf to cf to LLVM carries `llvm.loop_annotation` along
    as an attribute that the translation to LLVM IR does not read; this pass
    moves it to where it is read. Runs on the LLVM dialect.

    ```mlir
    llvm.br ^bb1(%i : i64) {llvm.loop_annotation = #a}   // before
    llvm.br ^bb1(%i : i64) {loop_annotation = #a}        // after
    ```

    A name that the emulator counts trips by comes the same way. Only attributes
    of the LLVM dialect come along, so that it is one until then:

    ```mlir
    llvm.br ^bb1(%i : i64) {posenc.loop = #llvm.mmra_tag<"loop":"keys">}   // before
    llvm.br ^bb1(%i : i64) {posenc.loop = "keys"}                          // after
    ```

    The translation to LLVM IR ignores it.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // POSENC_CODEGEN_GPU_PASSES
