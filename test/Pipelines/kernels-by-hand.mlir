// Kernels that somebody wrote: gpu.func with workgroup memory and gpu.launch_func, on
// buffers that the pipeline places and frees.
// RUN: posenc-opt %s --posenc-nvvm-pipeline="chip=sm_90a format=llvm" | FileCheck %s --check-prefixes=HOST,NVVM
// RUN: posenc-opt %s --posenc-rocdl-pipeline="chip=gfx942 format=llvm" | FileCheck %s --check-prefixes=HOST,ROCDL

module attributes {gpu.container_module} {
  gpu.module @own_name {
    gpu.func @reverse(%in: memref<?xi32>, %out: memref<?xi32>)
        workgroup(%staged: memref<64xi32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64})
        kernel {
      %c63 = arith.constant 63 : index
      %t = gpu.thread_id x
      %x = memref.load %in[%t] : memref<?xi32>
      memref.store %x, %staged[%t] : memref<64xi32, #gpu.address_space<workgroup>>
      gpu.barrier
      %other = arith.subi %c63, %t : index
      %y = memref.load %staged[%other] : memref<64xi32, #gpu.address_space<workgroup>>
      memref.store %y, %out[%t] : memref<?xi32>
      gpu.return
    }
  }

  // HOST-LABEL: llvm.func @main
  // HOST-COUNT-2: llvm.call @mgpuMemAlloc
  // HOST: gpu.launch_func <{{.*}}> @kernels::@reverse
  // HOST: llvm.call @mgpuMemFree
  // HOST: gpu.module @kernels
  // HOST: llvm.mlir.global internal @[[STAGED:.*]]() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<64 x i32>
  // HOST: llvm.func @reverse({{.*}}gpu.kernel
  // HOST: llvm.mlir.addressof @[[STAGED]] : !llvm.ptr<3>
  // NVVM: nvvm.barrier0
  // ROCDL: rocdl.{{s.barrier|barrier}}
  // HOST: llvm.load {{.*}} : !llvm.ptr<3> -> i32
  func.func @main(%in: tensor<?xi32>) -> tensor<?xi32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %n = tensor.dim %in, %c0 : tensor<?xi32>
    %source = bufferization.to_buffer %in : tensor<?xi32> to memref<?xi32>
    %target = memref.alloc(%n) : memref<?xi32>
    gpu.launch_func @own_name::@reverse blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%source : memref<?xi32>, %target : memref<?xi32>)
    %out = bufferization.to_tensor %target restrict : memref<?xi32> to tensor<?xi32>
    return %out : tensor<?xi32>
  }
}
