// RUN: %python -m posenc_testing.planted %s
// The kernel ends while its last prefetch is on the way.
// CHIPS: gfx942 gfx950
// IN: np.arange(64, dtype=np.float32)
// OUT: a0
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@copy_not_waited_for blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @copy_not_waited_for(%a: memref<64xf32>, %out: memref<64xf32>)
        workgroup(%s: memref<64xf32, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %x = memref.load %a[%t] : memref<64xf32>
      %k0 = arith.constant 0 : index
      amdgpu.gather_to_lds %a[%t], %s[%k0] : f32, memref<64xf32>, memref<64xf32, #gpu.address_space<workgroup>> // ERROR: asynchronous copy that is never waited for
      rocdl.s.waitcnt 3952 // FIX
      memref.store %x, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
