// RUN: %python -m posenc_testing.planted %s
// Two copies in flight: vmcnt(1) leaves the second one running.
// CHIPS: gfx942 gfx950
// IN: np.arange(128, dtype=np.float32)
// OUT: a0[63::-1] + a0[:63:-1]
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<128xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<128xf32> to memref<128xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@late_waitcnt blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<128xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @late_waitcnt(%a: memref<128xf32>, %out: memref<64xf32>)
        workgroup(%s: memref<128xf32, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %k0 = arith.constant 0 : index
      %k63 = arith.constant 63 : index
      %r = arith.subi %k63, %t : index

      %k64 = arith.constant 64 : index
      %t64 = arith.addi %t, %k64 : index
      %r64 = arith.addi %r, %k64 : index
      amdgpu.gather_to_lds %a[%t], %s[%k0] : f32, memref<128xf32>, memref<128xf32, #gpu.address_space<workgroup>>
      amdgpu.gather_to_lds %a[%t64], %s[%k64] : f32, memref<128xf32>, memref<128xf32, #gpu.address_space<workgroup>> // NOTE: the copy, begun by thread
      rocdl.s.waitcnt 3953
      gpu.barrier
      %x = memref.load %s[%r] : memref<128xf32, #gpu.address_space<workgroup>>
      rocdl.s.waitcnt 3953 // BUG
      rocdl.s.waitcnt 3952 // FIX
      gpu.barrier
      %y = memref.load %s[%r64] : memref<128xf32, #gpu.address_space<workgroup>> // ERROR: read of memory that an asynchronous copy still writes
      %z = arith.addf %x, %y : f32
      memref.store %z, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
