//===- Passes.td - Kernels as host code --------------------*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_CODEGEN_EMULATE_PASSES
#define POSENC_CODEGEN_EMULATE_PASSES

include "mlir/Pass/PassBase.td"

def PosEncEmulatePass : Pass<"posenc-emulate", "::mlir::ModuleOp"> {
  let summary = "make host code of GPU kernels, for the emulator to run";
  let description = [{
    Each `gpu.module` in the LLVM dialect with NVVM or ROCDL ops, as the GPU
    pipelines leave it with `format=llvm`, becomes functions of the host,

    ```mlir
    llvm.func internal @posenc_emulated_NAME_KERNEL(%thread: !llvm.ptr, %arguments: !llvm.ptr)
    ```

    and the tables of EmulatedCode.h; `posenc_images_NAME` is one image of format
    "emulated" that points to them. The module is erased.

    All address spaces become the host's. Shared memory is where the thread says,
    each buffer at its own offset, with gaps that no buffer reaches by accident.
    What a thread knows of itself (ids and sizes of block and grid) is read from
    its `posenc_emu_thread`; everything else of NVVM and ROCDL, and intrinsics of
    the two targets, becomes a call of the emulator with operands and results in
    slots. Arithmetic stays what it is, without what makes poison: flags are
    dropped, a shift by too much gives 0, a conversion to integers saturates,
    a division by zero gives the dividend.

    With `checks`, the emulator hears of every access to memory before it
    happens, and of poison that reaches a stored value, an address, a branch, a
    divisor or an instruction. Poison is followed by one `i1` per scalar that may
    be poison, along values, block arguments, calls and variables of one thread; code
    that cannot make poison gets none of them. The fast-math flags `nnan` and
    `ninf` make no poison.

    With `statistics`, the emulator hears of accesses too; scalar operations are counted per basic block, and trips
    of loops whose latch has the attribute `posenc.loop`.

    Fails, with the op's name, on what the emulator has no model for, on inline
    assembly, indirect calls and calls of functions without a body, on allocas of
    variable size and on global memory that is not constant; and where
    `posenc-verify-async-registers` fails.
  }];
  let options = [
    Option<"checks", "checks", "bool", /*default=*/"true",
           "Report accesses to memory and uses of poison to the emulator">,
    Option<"statistics", "statistics", "bool", /*default=*/"false",
           "Count operations and trips of loops">,
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def PosEncVerifyAsyncRegistersPass : Pass<"posenc-verify-async-registers"> {
  let summary = "check that registers are read after the wait for what writes them";
  let description = [{
    The results of `nvvm.wgmma.mma_async` are registers that the instruction
    still writes after it. On every path to a use there must be a
    `nvvm.wgmma.commit.group.sync.aligned` after the instruction and, after that,
    a `nvvm.wgmma.wait.group.sync.aligned N` with at most N groups committed in
    between. Being an accumulator of the next `nvvm.wgmma.mma_async`, being taken
    out of or put into a struct, and being passed to a block are no uses.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // POSENC_CODEGEN_EMULATE_PASSES
