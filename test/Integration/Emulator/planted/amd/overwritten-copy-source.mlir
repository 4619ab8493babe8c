// RUN: %python -m posenc_testing.planted %s
// The source of a copy is overwritten before the copy is complete.
// CHIPS: gfx942 gfx950
// IN: np.arange(64, dtype=np.float32)
// OUT: a0[::-1]
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@overwritten_copy_source blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @overwritten_copy_source(%a: memref<64xf32>, %out: memref<64xf32>)
        workgroup(%s: memref<64xf32, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %k0 = arith.constant 0 : index
      %k63 = arith.constant 63 : index
      %r = arith.subi %k63, %t : index

      %zero = arith.constant 0.0 : f32
      %x = memref.load %a[%t] : memref<64xf32>
      memref.store %x, %out[%t] : memref<64xf32>
      amdgpu.gather_to_lds %out[%t], %s[%k0] : f32, memref<64xf32>, memref<64xf32, #gpu.address_space<workgroup>> // NOTE: the copy, begun by thread
      rocdl.s.waitcnt 3952 // FIX
      memref.store %zero, %out[%t] : memref<64xf32> // ERROR: write to memory that an asynchronous operation still reads
      rocdl.s.waitcnt 3952
      gpu.barrier
      %y = memref.load %s[%r] : memref<64xf32, #gpu.address_space<workgroup>>
      memref.store %y, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
