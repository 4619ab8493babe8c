// RUN: %python -m posenc_testing.planted %s
// Lanes of a warp exchange through shared memory and rely on running in step.
// CHIPS: sm_80 sm_90a
// IN: np.arange(32, dtype=np.float32)
// OUT: np.roll(a0, -1)
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<32xf32>) -> tensor<32xf32> {
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<32xf32> to memref<32xf32>
    %out = memref.alloc() : memref<32xf32>
    gpu.launch_func @planted::@missing_warp_sync blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
        args(%a : memref<32xf32>, %out : memref<32xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<32xf32> to tensor<32xf32>
    return %out_t : tensor<32xf32>
  }
  gpu.module @planted {
    gpu.func @missing_warp_sync(%a: memref<32xf32>, %out: memref<32xf32>)
        workgroup(%s: memref<32xf32, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %c1 = arith.constant 1 : index
      %c32 = arith.constant 32 : index
      %zero = arith.constant 0.0 : f32
      %all = arith.constant -1 : i32
      memref.store %zero, %s[%t] : memref<32xf32, #gpu.address_space<workgroup>>
      nvvm.bar.warp.sync %all : i32
      %x = memref.load %a[%t] : memref<32xf32>
      memref.store %x, %s[%t] : memref<32xf32, #gpu.address_space<workgroup>> // PARTY: data race on shared memory
      nvvm.bar.warp.sync %all : i32 // FIX
      %t1 = arith.addi %t, %c1 : index
      %from = arith.remui %t1, %c32 : index
      %y = memref.load %s[%from] : memref<32xf32, #gpu.address_space<workgroup>> // PARTY: data race on shared memory
      memref.store %y, %out[%t] : memref<32xf32>
      gpu.return
    }
  }
}
