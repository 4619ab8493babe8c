// RUN: %python -m posenc_testing.planted %s
// Half of the block writes the buffer that all of it reads.
// CHIPS: gfx90a gfx942 gfx1100 gfx1201
// IN: np.arange(128, dtype=np.float32)
// OUT: a0[::-1]
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<128xf32>) -> tensor<128xf32> {
    %c1 = arith.constant 1 : index
    %c128 = arith.constant 128 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<128xf32> to memref<128xf32>
    %out = memref.alloc() : memref<128xf32>
    gpu.launch_func @planted::@uninitialised_lds blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
        args(%a : memref<128xf32>, %out : memref<128xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<128xf32> to tensor<128xf32>
    return %out_t : tensor<128xf32>
  }
  gpu.module @planted {
    gpu.func @uninitialised_lds(%a: memref<128xf32>, %out: memref<128xf32>)
        workgroup(%s: memref<128xf32, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %k64 = arith.constant 64 : index
      %k127 = arith.constant 127 : index
      %x = memref.load %a[%t] : memref<128xf32>
      %low = arith.cmpi ult, %t, %k64 : index // BUG
      %low = arith.cmpi ule, %t, %k127 : index // FIX
      scf.if %low {
        memref.store %x, %s[%t] : memref<128xf32, #gpu.address_space<workgroup>>
      }
      gpu.barrier
      %r = arith.subi %k127, %t : index
      %y = memref.load %s[%r] : memref<128xf32, #gpu.address_space<workgroup>> // ERROR: read of uninitialised shared memory
      memref.store %y, %out[%t] : memref<128xf32>
      gpu.return
    }
  }
}
