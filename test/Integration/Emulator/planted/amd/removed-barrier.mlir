// RUN: %python -m posenc_testing.planted %s
// A reversal through LDS across waves, without the barrier between writes and reads.
// CHIPS: gfx90a gfx942 gfx950 gfx1100 gfx1201
// IN: np.arange(128, dtype=np.float32)
// OUT: a0[::-1]
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<128xf32>) -> tensor<128xf32> {
    %c1 = arith.constant 1 : index
    %c128 = arith.constant 128 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<128xf32> to memref<128xf32>
    %out = memref.alloc() : memref<128xf32>
    gpu.launch_func @planted::@removed_barrier blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
        args(%a : memref<128xf32>, %out : memref<128xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<128xf32> to tensor<128xf32>
    return %out_t : tensor<128xf32>
  }
  gpu.module @planted {
    gpu.func @removed_barrier(%a: memref<128xf32>, %out: memref<128xf32>)
        workgroup(%s: memref<128xf32, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %k127 = arith.constant 127 : index
      %zero = arith.constant 0.0 : f32
      memref.store %zero, %s[%t] : memref<128xf32, #gpu.address_space<workgroup>>
      amdgpu.lds_barrier
      %x = memref.load %a[%t] : memref<128xf32>
      memref.store %x, %s[%t] : memref<128xf32, #gpu.address_space<workgroup>> // PARTY: data race on shared memory
      amdgpu.lds_barrier // FIX
      %r = arith.subi %k127, %t : index
      %y = memref.load %s[%r] : memref<128xf32, #gpu.address_space<workgroup>> // PARTY: data race on shared memory
      memref.store %y, %out[%t] : memref<128xf32>
      gpu.return
    }
  }
}
