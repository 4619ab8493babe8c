// RUN: %python -m posenc_testing.planted %s
// Zeros go into the buffer while a copy still writes it.
// CHIPS: gfx942 gfx950
// IN: np.arange(64, dtype=np.float32)
// OUT: np.where(np.arange(64) % 2, a0, 0).astype(np.float32)
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@overwritten_copy_target blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @overwritten_copy_target(%a: memref<64xf32>, %out: memref<64xf32>)
        workgroup(%s: memref<64xf32, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %k0 = arith.constant 0 : index
      %k63 = arith.constant 63 : index
      %r = arith.subi %k63, %t : index

      %zero = arith.constant 0.0 : f32
      %k2 = arith.constant 2 : index
      %half = arith.remui %t, %k2 : index
      %even = arith.cmpi eq, %half, %k0 : index
      amdgpu.gather_to_lds %a[%t], %s[%k0] : f32, memref<64xf32>, memref<64xf32, #gpu.address_space<workgroup>> // NOTE: the copy, begun by thread
      rocdl.s.waitcnt 3952 // FIX
      scf.if %even {
        memref.store %zero, %s[%t] : memref<64xf32, #gpu.address_space<workgroup>> // ERROR: write to memory that an asynchronous operation still writes
      }
      rocdl.s.waitcnt 3952
      %y = memref.load %s[%t] : memref<64xf32, #gpu.address_space<workgroup>>
      memref.store %y, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
