//===- Passes.td - Code generation for processors ----------*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_CPU_PASSES
#define POSENC_CODEGEN_CPU_PASSES

include "mlir/Pass/PassBase.td"

def PosEncAttentionToVector
    : InterfacePass<"posenc-attention-to-vector", "::mlir::FunctionOpInterface"> {
  let summary = "lower posenc.attention on memrefs to tiled loops on vectors";
  let description = [{
    Online softmax over blocks of keys, for tiles of queries that fill the vector
    registers; nothing grows with the number of queries times the number of keys.

    ```mlir
    // K, V: panels in f32; K transposed, so that lanes are keys      scf.parallel
    // strip[h, n − m]: what is added to a score                      scf.parallel
    scf.parallel (%worker) {
      // for each of its tasks (batch, head, block of queries)
      //   Q: queries in f32, scaled
      //   for each block of keys, for each tile of rows
      //     S = strip + Q · K    register tiles of math.fma
      //     S = e^(S − max)      polynomial, no call
      //     O = O · factor + S · V
      //   o = O / sum, lse
    }
    ```

    What is known of the score region (docs/Structure.md) decides what is done:

    | the score is | |
    |---|---|
    | s + g(i − j) or −inf | the strip is the products' initial value; where a mask hides some scores of a tile, they are compared with it |
    | the same of other differences, small static lengths, several batches | a matrix per head instead |
    | anything else | the region on vectors of keys, after the products |
    | −inf beyond some distance | no iterations there |

    With at least as many heads of keys as workers, each worker packs what it reads.
    At most four queries read keys and values where they are: keys are split into
    parts, which are combined at the end (decoding). All of it takes one allocation.
    Results do not depend on the number of threads.

    Operands may have any strides and any storage order `dims`; they are read in
    place. Row regions are evaluated while packing, on vectors of channels. In
    regions, element-wise ops become vector ops; loads become masked vector
    loads where the last index counts with the lane and masked gathers
    otherwise; any other op runs lane by lane. No load is executed for a key
    that does not exist. `math.tanh` and `math.log` become polynomials; other
    functions of `math` stay, and call libm lane by lane in LLVM.

    A row whose scores are all −inf, or without keys, gives 0 and lse −inf.

    Errors: attention on tensors; a memref whose layout is not strided; an
    unknown chip.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::bufferization::BufferizationDialect",
                           "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
  let options = [
    Option<"chip", "chip", "std::string", /*default=*/"\"host\"",
           "The processor: host, or LLVM's name of an x86 or AArch64 processor">,
    Option<"vectorWidth", "vector-width", "uint64_t", /*default=*/"0",
           "f32 lanes of a vector; 0 takes the chip's">,
    Option<"blockM", "block-m", "uint64_t", /*default=*/"128", "Queries of a task">,
    Option<"blockN", "block-n", "uint64_t", /*default=*/"128", "Keys of a block">,
  ];
}

def PosEncOptimizeHostLinalg
    : InterfacePass<"posenc-optimize-host-linalg", "::mlir::FunctionOpInterface"> {
  let summary = "fuse and order linalg on tensors for loops on a processor";
  let description = [{
    Fuses element-wise producers into the one op that uses them, unless that op
    reads an element more than once: then fusion would compute it again each
    time, and give a matrix product strided operands.

    Then orders the loops of every reduction so that the dimension in which the
    result is contiguous comes last, as far as all operands that have it are
    contiguous in it too: such loops vectorise.

    ```mlir
    linalg.generic (m, n, k)   C[m, n] += A[m, k] * B[k, n]
    // becomes
    linalg.generic (m, k, n)   C[m, n] += A[m, k] * B[k, n]
    ```

    Named ops are left alone: run linalg-generalize-named-ops before.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect",
                           "::mlir::affine::AffineDialect"];
}

def PosEncExpandCopies
    : InterfacePass<"posenc-expand-copies", "::mlir::FunctionOpInterface"> {
  let summary = "turn copies of strided memrefs into loops";
  let description = [{
    `memref.copy` between contiguous buffers is a memcpy in LLVM; any other one
    would call a routine of MLIR's runtime library, which compiled modules do
    not depend on. Those become `linalg.copy`.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def PosEncShapeParallelLoops
    : InterfacePass<"posenc-shape-parallel-loops", "::mlir::FunctionOpInterface"> {
  let summary = "keep of parallel loops what is worth a thread";
  let description = [{
    Loops on tensors come out as `scf.parallel` over every dimension, nested
    freely. Threads want few large pieces of work and vector units want the
    last dimension as a plain loop. So of an outermost `scf.parallel` the first
    dimensions stay, up to `min-tasks` iterations; the others, and all that is
    nested, become `scf.for`. A loop with less work than `min-work` scalar
    operations, as far as extents are known, becomes `scf.for` altogether.

    Loops that reduce into a value are left as they are.
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect"];
  let options = [
    Option<"minTasks", "min-tasks", "uint64_t", /*default=*/"64",
           "The number of iterations from which on no dimension is added">,
    Option<"minWork", "min-work", "uint64_t", /*default=*/"16384",
           "The number of scalar operations below which a loop runs on one thread">,
  ];
}

def PosEncLowerHostAsserts : Pass<"posenc-lower-host-asserts", "::mlir::ModuleOp"> {
  let summary = "lower cf.assert to a message on standard error and abort";
  let description = [{
    Upstream's lowering prints to the buffered standard output, where `abort`
    loses the message. Here a failed assertion writes its message, unbuffered,
    to standard error, then aborts.

    Expects blocks: run it after convert-scf-to-cf.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::cf::ControlFlowDialect"];
}

def PosEncOpenMPToRuntime : Pass<"posenc-openmp-to-runtime", "::mlir::ModuleOp"> {
  let summary = "run parallel loops on the threads of libposenc_runtime";
  let description = [{
    In the LLVM dialect with the parallel loops that convert-scf-to-openmp makes:
    the body of each becomes a function that runs a part of the loop, which
    `posenc_rt_parallel_for` calls. What it uses from outside is passed in a
    struct. Dimensions are collapsed into one range; the innermost stays a loop
    that counts by one, so that it vectorises.

    ```mlir
    omp.parallel { omp.wsloop { omp.loop_nest (%i) : i64 = (%a) to (%b) step (%s) { … } } }
    // becomes
    llvm.store %captured, %context[0] …
    llvm.call @posenc_rt_parallel_for(@main_part, %context, %count, 1)
    ```

    Loops that reduce into a value, and loops inside another parallel loop, run
    on the thread that they are on. Any other op of OpenMP is an error.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::omp::OpenMPDialect"];
}

def PosEncReplaceBF16 : Pass<"posenc-replace-bf16", "::mlir::ModuleOp"> {
  let summary = "make bf16 a 16-bit integer in the LLVM dialect";
  let description = [{
    Once arithmetic on bf16 is expanded, values of that type are only moved. A
    target without bf16 registers moves them through f32, and rounds them back
    by a call into the compiler's run-time library; integers it just moves.
    Scalar arguments and results of functions become 16-bit integers too.

    Run it last; arithmetic that is left on bf16 fails verification then.
  }];
}

def PosEncRequestHostInterface
    : Pass<"posenc-request-host-interface", "::mlir::ModuleOp"> {
  let summary = "give every public function with a body a C interface";
  let description = [{
    Sets `llvm.emit_c_interface`. Unlike llvm-request-c-wrappers it leaves
    private functions alone, and declarations, whose callees would have to be
    C interfaces then.
  }];
}

#endif // POSENC_CODEGEN_CPU_PASSES
