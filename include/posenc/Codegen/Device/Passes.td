//===- Passes.td - Everything outside attention on the device -*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_DEVICE_PASSES
#define POSENC_CODEGEN_DEVICE_PASSES

include "mlir/Pass/PassBase.td"

def PosEncProtectArgumentsPass : Pass<"posenc-protect-arguments", "::mlir::ModuleOp"> {
  let summary = "keep bufferization from writing into the caller's tensors";
  let description = [{
    Marks every tensor argument of a public function with
    `bufferization.writable = false`: an op that would update an argument in
    place gets a copy instead. Arguments that say otherwise are left alone.
  }];
}

def PosEncDecomposeAggregatesPass : Pass<"posenc-decompose-aggregates"> {
  let summary = "decompose aggregate linalg ops (softmax) on tensors";
  let description = [{
    `linalg.softmax` and the other ops of AggregatedOpInterface have no loops of
    their own; they become generic ops while they are still on tensors.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::arith::ArithDialect",
    "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect",
    "::mlir::affine::AffineDialect"];
}

def PosEncLinalgToParallelPass : Pass<"posenc-linalg-to-parallel"> {
  let summary = "lower linalg on buffers to one scf.parallel each";
  let description = [{
    Every linalg op on memrefs becomes one `scf.parallel` over its parallel
    dimensions, which are moved outside its reductions, with the reductions as
    serial loops in the body. An op without parallel dimensions (a sum over
    everything, a scalar) becomes a parallel loop of one iteration. A
    `memref.copy` whose layout is not contiguous becomes a parallel loop too.

    ```mlir
    linalg.matmul ins(%a, %b) outs(%c)
    // becomes
    scf.parallel (%i, %j) = … { scf.for %k = … { … } }
    ```
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::scf::SCFDialect",
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
    "::mlir::affine::AffineDialect"];
}

def PosEncHostAccessToDevicePass : Pass<"posenc-host-access-to-device", "::mlir::ModuleOp"> {
  let summary = "move what the host still does with device buffers into kernels";
  let description = [{
    A buffer lives on the device if a kernel (linalg, attention, a parallel
    loop, a launch) uses it or if it crosses a function boundary; buffers that
    only the host reads and writes, such as the shape of a `memref.reshape`,
    stay on the host. What the host does with device buffers becomes:

    * a loop nest of loads, stores and scalar ops: a parallel loop of one
      iteration, its results read back;
    * a single store: a parallel loop of one iteration;
    * a single load: a one-element copy to the host, then a load;
    * the shape operand of a `memref.reshape`: a copy to the host.

    Parallel loops with reductions become serial loops in one iteration. Any
    other op that touches a device buffer on the host is an error.
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::arith::ArithDialect",
    "::mlir::memref::MemRefDialect", "::mlir::gpu::GPUDialect"];
}

def PosEncAssertToFlagPass : InterfacePass<"posenc-assert-to-flag", "::mlir::FunctionOpInterface"> {
  let summary = "turn assertions in parallel loops into an error flag the host checks";
  let description = [{
    A kernel cannot abort. Each `cf.assert` inside a parallel loop of a function
    with k different messages becomes: if the condition fails, the flag (one
    i32 in a device buffer, all ones at first) takes the unsigned minimum of
    itself and the index of the message, and the iteration skips what follows
    in its block (a load that the assertion guards must not run); values that
    the block yields are zero then. Before the function returns, the flag is
    copied to the host, and one host assertion per message checks it, so that
    the program stops with the original message.
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::arith::ArithDialect",
    "::mlir::memref::MemRefDialect", "::mlir::gpu::GPUDialect",
    "::mlir::cf::ControlFlowDialect"];
}

def PosEncParallelToGPUPass
    : InterfacePass<"posenc-parallel-to-gpu", "::mlir::FunctionOpInterface"> {
  let summary = "turn parallel loops into gpu.launch";
  let description = [{
    Every outermost `scf.parallel` becomes one launch. Its iterations are
    numbered and thread t of block b runs iteration b·block-size + t, if there is such an
    iteration; nested parallel loops become serial. The one grid dimension in
    use reaches 2^31-1 blocks, so no extent is out of reach, and a loop with no iterations
    launches one block that does nothing.
  }];
  let options = [
    Option<"blockSize", "block-size", "int64_t", "256", "threads of a block, 1 to 1024">];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::arith::ArithDialect",
    "::mlir::gpu::GPUDialect"];
}

def PosEncMergeGPUModulesPass : Pass<"posenc-merge-gpu-modules", "::mlir::ModuleOp"> {
  let summary = "put all kernels into one gpu.module";
  let description = [{
    One device compilation and one module load per program, whatever made the
    kernels. The merged module comes last. Clashing names get a numbered suffix. Modules that already have a
    target are left alone.
  }];
  let options = [Option<"moduleName", "module-name", "std::string", "\"kernels\"",
                        "symbol of the merged gpu.module">];
  let dependentDialects = ["::mlir::gpu::GPUDialect"];
}

def PosEncPlaceBuffersPass : Pass<"posenc-place-buffers", "::mlir::ModuleOp"> {
  let summary = "put the buffers that kernels use into device memory";
  let description = [{
    Allocation, release and copy of device buffers (see
    posenc-host-access-to-device for which those are) become `gpu.alloc`,
    `gpu.dealloc` and `gpu.memcpy`. A constant global (a weight) is copied to the
    device once per call of the function that uses it; with `resident-constants`,
    the runtime keeps it there: the code calls `posenc_constant_on_device`, which
    only posenc-host-to-runtime knows.

    A public function keeps the host ABI: its memref arguments are copied to
    the device at entry, its results to fresh host buffers that the caller
    frees, one each also where results are views of one buffer. With `device-entry` arguments and results are device buffers. A
    public function that the module itself calls is split: the body moves to a
    private function on device buffers.

    Errors: a public function with an unranked or strided memref; a global that is not
    constant, on the device; a copy that is not contiguous.
  }];
  let options = [Option<"deviceEntry", "device-entry", "bool", "false",
                        "arguments and results of public functions are device buffers">,
    Option<"residentConstants", "resident-constants", "bool", "false",
                        "leave constants to the runtime, which copies each to the device once">];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::gpu::GPUDialect",
    "::mlir::func::FuncDialect", "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect",
    "::mlir::LLVM::LLVMDialect"];
}

def PosEncExpandMathPass : Pass<"posenc-expand-math"> {
  let summary = "expand math ops to arithmetic and single instructions";
  let description = [{
    Neither libdevice nor ocml is needed for any math op afterwards. Ops that the
    hardware or LLVM's code generator has (square root, rounding, fma, sign and
    bit ops) become LLVM intrinsics; exp2 in f32 becomes the one instruction that
    the chip has (`ex2.approx.ftz.f32`, `v_exp_f32`: 2 ulp, subnormal results are
    0); everything else becomes polynomials in f32 or f64. f16 and bf16 go
    through f32. docs/Numerics-GPU.md lists the error bounds. Without a target
    exp2 is a polynomial as well, and what hardware has stays a math op, so that
    the code runs on a CPU.
  }];
  let options = [Option<"target", "target", "std::string", "\"\"",
                        "nvvm, rocdl, or nothing for code that runs anywhere">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect",
    "::mlir::math::MathDialect", "::mlir::vector::VectorDialect",
    "::mlir::LLVM::LLVMDialect"];
}

def PosEncHostToLLVMPass : Pass<"posenc-host-to-llvm", "::mlir::ModuleOp"> {
  let summary = "host code and launches to the LLVM dialect; kernels stay as they are";
  let description = [{
    Upstream's `gpu-to-llvm`, but that it does not look into a `gpu.module`: there
    it would turn the NVVM dialect's ops without an intrinsic (`mbarrier.try_wait.parity`,
    `wgmma.mma_async`) into inline assembly, which nobody can read any more.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def PosEncVerifyDeviceCodePass : Pass<"posenc-verify-device-code", "::mlir::ModuleOp"> {
  let summary = "check that kernels call nothing that is not there";
  let description = [{
    In the LLVM dialect: a function without a body in a `gpu.module` (libdevice's
    `__nv_*`, ocml's `__ocml_*`, malloc, an assertion handler) is an error that
    names it and its first caller.
  }];
}

def PosEncGPUToBinaryPass : Pass<"posenc-gpu-to-binary", "::mlir::ModuleOp"> {
  let summary = "serialize gpu.modules with the tools that are there";
  let description = [{
    Runs `gpu-module-to-binary` for one of the formats `isa` (PTX or GCN
    assembly) and `bin` (cubin or hsaco). A cubin needs ptxas and a hsaco needs
    ld.lld, both on PATH (ld.lld also beside LLVM's tools); the pass looks first and says
    what is missing. The folder that upstream wants for lld
    is temporary and removed again.
  }];
  let options = [
    Option<"format", "format", "std::string", "\"isa\"", "isa or bin">,
    Option<"toolsDir", "tools-dir", "std::string", "\"\"",
           "where to look for ld.lld before PATH; by default beside LLVM's tools">];
  let dependentDialects = ["::mlir::gpu::GPUDialect", "::mlir::LLVM::LLVMDialect"];
}

def PosEncHostToRuntimePass : Pass<"posenc-host-to-runtime", "::mlir::ModuleOp"> {
  let summary = "make host code in the LLVM dialect call libposenc_runtime";
  let description = [{
    After a CPU or GPU pipeline: everything that host code asks of the system
    becomes a call of `posenc/Runtime/CompiledCode.h`, so that a failure ends
    the call instead of the process.

    * upstream's wrappers (`mgpuMemAlloc` …) and malloc, aligned_alloc, free and
      memrefCopy become their `posenc_rt_…`; a wrapper without one is an error;
    * `posenc_constant_on_device` (of posenc-place-buffers) becomes
      `posenc_rt_constant` for the first module;
    * abort, with the message that puts or write prints before it, becomes
      `posenc_rt_assert_failed`;
    * each `gpu.launch_func` becomes `posenc_rt_launch` with an array of pointers
      to the arguments. Launches with clusters or tokens are errors;
    * each `gpu.binary` or `gpu.module` NAME gives a global `posenc_module_NAME`,
      a posenc_rt_module that points to `posenc_images_NAME`. For a binary this
      holds its objects (PTX, cubin or hsaco; other formats are errors), and the
      binary is erased. For a gpu.module it is only declared: posenc-emulate
      defines it.

    ```mlir
    gpu.launch_func <%s : !llvm.ptr> @kernels::@f blocks in (%g, %c1, %c1) … args(%n : i64)
    // becomes
    llvm.store %n, %slot
    llvm.call @posenc_rt_launch(%module, %name, %g, %c1, %c1, …, %shared, %s, %arguments, %c1)
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::gpu::GPUDialect"];
}

#endif // POSENC_CODEGEN_DEVICE_PASSES
