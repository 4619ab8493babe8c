// RUN: posenc-opt %s --posenc-nvvm-pipeline="chip=sm_90a format=llvm" | FileCheck %s --check-prefixes=LLVM,NVVM
// RUN: posenc-opt %s --posenc-rocdl-pipeline="chip=gfx942 format=llvm" | FileCheck %s --check-prefixes=LLVM,ROCDL
// RUN: posenc-opt %s --posenc-nvvm-pipeline | FileCheck %s --check-prefixes=BINARY,PTX
// RUN: posenc-opt %s --posenc-rocdl-pipeline | FileCheck %s --check-prefixes=BINARY,ASM
// RUN: posenc-opt %s --posenc-nvvm-pipeline="format=llvm device-entry=true" | FileCheck %s --check-prefix=DEVICE

// What the chips' front ends make of it is in gpu-chips.mlir.

// BINARY: gpu.launch_func {{.*}}@kernels::@exp_kernel
// LLVM: llvm.func @exp(%{{.*}}) -> {{.*}} attributes {llvm.emit_c_interface}
// LLVM: llvm.call @mgpuMemAlloc
// LLVM: llvm.call @mgpuMemcpy
// LLVM: gpu.launch_func
// LLVM: llvm.call @mgpuMemcpy
// LLVM: llvm.call @mgpuMemFree
// LLVM: llvm.func @_mlir_ciface_exp

// LLVM: gpu.module @kernels
// NVVM-SAME: #nvvm.target<O = 3, chip = "sm_90a", features = "+ptx80">
// ROCDL-SAME: #rocdl.target<O = 3, chip = "gfx942">
// LLVM: llvm.func @exp_kernel
// NVVM: nvvm.read.ptx.sreg.ctaid.x
// ROCDL: rocdl.workgroup.id.x
// LLVM-NOT: __nv_
// LLVM-NOT: __ocml_
// BINARY: gpu.binary @kernels
// PTX-SAME: .target sm_90a
// ASM-SAME: gfx942

// DEVICE-LABEL: llvm.func @exp(
// DEVICE-NOT: mgpuMemcpy
// DEVICE-NOT: mgpuMemFree
// DEVICE: llvm.return
func.func @exp(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %y = linalg.exp ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}
