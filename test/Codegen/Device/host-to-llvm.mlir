// RUN: posenc-opt %s --posenc-host-to-llvm | FileCheck %s

// The host's side is converted, launches included. The kernels keep ops that upstream's
// conversion makes PTX text of; a module without a target is converted as upstream does.

module attributes {gpu.container_module} {
  // CHECK-LABEL: llvm.func @host
  // CHECK: gpu.launch_func @kernels::@wait blocks in (%{{.*}}) threads in (%{{.*}}) : i64 args(%{{.*}} : !llvm.ptr
  func.func @host(%phase: i32, %memory: memref<4xf32>) {
    %c1 = arith.constant 1 : index
    gpu.launch_func @kernels::@wait blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
        args(%memory : memref<4xf32>, %phase : i32)
    return
  }

  // CHECK-LABEL: gpu.module @kernels
  // CHECK: nvvm.mbarrier.try_wait.parity
  gpu.module @kernels [#nvvm.target<chip = "sm_90a">] {
    llvm.mlir.global internal @barrier() {addr_space = 3 : i32} : i64
    llvm.func @wait(%a: !llvm.ptr, %b: !llvm.ptr, %c: i64, %d: i64, %e: i64, %phase: i32)
        attributes {gpu.kernel, nvvm.kernel} {
      %address = llvm.mlir.addressof @barrier : !llvm.ptr<3>
      nvvm.mbarrier.try_wait.parity %address, %phase, %phase : !llvm.ptr<3>, i32, i32
      llvm.return
    }
  }

  // CHECK-LABEL: gpu.module @other
  // CHECK: llvm.inline_asm
  gpu.module @other {
    llvm.mlir.global internal @barrier() {addr_space = 3 : i32} : i64
    llvm.func @wait(%phase: i32) {
      %address = llvm.mlir.addressof @barrier : !llvm.ptr<3>
      nvvm.mbarrier.try_wait.parity %address, %phase, %phase : !llvm.ptr<3>, i32, i32
      llvm.return
    }
  }
}
