// RUN: posenc-opt %s --posenc-gpu-to-binary --split-input-file | FileCheck %s --check-prefix=ISA
// RUN: %if ptxas && lld %{ posenc-opt %s --posenc-gpu-to-binary=format=bin --split-input-file | FileCheck %s --check-prefix=BIN %}

// What the tools lack is said before anything is tried.
// RUN: not env PATH=/nonexistent %posenc_bin/bin/posenc-opt %s --posenc-gpu-to-binary="format=bin tools-dir=/nonexistent" \
// RUN:   --split-input-file 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: %if lld %{ not env TMPDIR=/nonexistent posenc-opt %s --posenc-gpu-to-binary=format=bin \
// RUN:   --split-input-file 2>&1 | FileCheck %s --check-prefix=FOLDER %}
// RUN: not posenc-opt %s --posenc-gpu-to-binary=format=elf --split-input-file 2>&1 | FileCheck %s --check-prefix=FORMAT

// The folder for the linker is gone afterwards.
// RUN: rm -rf %t && mkdir -p %t
// RUN: %if lld && ptxas %{ env TMPDIR=%t posenc-opt %s --posenc-gpu-to-binary=format=bin --split-input-file -o /dev/null %}
// RUN: ls %t | FileCheck %s --check-prefix=EMPTY --allow-empty
// EMPTY-NOT: toolkit

// FORMAT: error: expected format isa or bin but got 'elf'

// ISA: gpu.binary @nvidia [#gpu.object<#nvvm.target{{.*}}, {{.*}}assembly = "{{.*}}.target sm_90
// BIN: gpu.binary @nvidia [#gpu.object<#nvvm.target{{.*}}, bin = "\7FELF
// MISSING: error: expected ptxas on PATH to make a cubin but found none
gpu.module @nvidia [#nvvm.target<chip = "sm_90", features = "+ptx80">] {
  llvm.func @kernel(%x: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
    llvm.return
  }
}

// -----

// ISA: gpu.binary @amd [#gpu.object<#rocdl.target{{.*}}, assembly = "{{.*}}amdgcn_target
// BIN: gpu.binary @amd [#gpu.object<#rocdl.target{{.*}}, bin = "\7FELF
// MISSING: error: expected ld.lld on PATH to make a hsaco but found none
// FOLDER: error: expected a temporary folder for ld.lld but got: No such file or directory
gpu.module @amd [#rocdl.target<chip = "gfx942">] {
  llvm.func @kernel(%x: !llvm.ptr) attributes {gpu.kernel, rocdl.kernel} {
    llvm.return
  }
}
