// RUN: posenc-opt %s --posenc-host-to-llvm | FileCheck %s
// RUN: posenc-opt %s --gpu-to-llvm | FileCheck %s --check-prefix=UPSTREAM

// Upstream's pass reaches into kernels, which is why this one is there.
// UPSTREAM: llvm.inline_asm

// CHECK-LABEL: llvm.func @launches(
// CHECK: gpu.launch_func @kernels::@waits blocks in ({{.*}}) threads in ({{.*}}) : i64
// CHECK-SAME: args(%{{.*}} : !llvm.ptr, %{{.*}} : !llvm.ptr, %{{.*}} : i64, %{{.*}} : i64, %{{.*}} : i64)
module attributes {gpu.container_module} {
  func.func @launches(%n: index, %buffer: memref<?xf32>) {
    gpu.launch_func @kernels::@waits blocks in (%n, %n, %n) threads in (%n, %n, %n)
        args(%buffer : memref<?xf32>)
    return
  }

  // CHECK-LABEL: llvm.func @transfers(
  // CHECK: llvm.load {{.*}} : !llvm.ptr -> vector<4xf32>
  func.func @transfers(%buffer: memref<4xf32>) -> vector<4xf32> {
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %v = vector.transfer_read %buffer[%c0], %zero {in_bounds = [true]} : memref<4xf32>, vector<4xf32>
    return %v : vector<4xf32>
  }

  // CHECK: gpu.module @kernels
  // CHECK: arith.constant 1 : i32
  // CHECK: nvvm.mbarrier.try_wait.parity
  // CHECK-NOT: llvm.inline_asm
  gpu.module @kernels {
    llvm.func @waits(%0: !llvm.ptr, %1: !llvm.ptr, %2: i64, %3: i64, %4: i64) attributes {gpu.kernel} {
      %one = arith.constant 1 : i32
      %barrier = llvm.mlir.zero : !llvm.ptr<3>
      nvvm.mbarrier.try_wait.parity %barrier, %one, %one : !llvm.ptr<3>, i32, i32
      llvm.return
    }
  }
}
