// RUN: %python -m posenc_testing.planted %s
// Reads one element further than what was written.
// CHIPS: sm_80 sm_90a
// IN: np.arange(64, dtype=np.float32)
// OUT: a0
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@uninitialised_shared blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @uninitialised_shared(%a: memref<64xf32>, %out: memref<64xf32>)
        workgroup(%s: memref<65xf32, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %c1 = arith.constant 1 : index
      %x = memref.load %a[%t] : memref<64xf32>
      memref.store %x, %s[%t] : memref<65xf32, #gpu.address_space<workgroup>>
      gpu.barrier
      %t1 = arith.addi %t, %c1 : index
      %y = memref.load %s[%t1] : memref<65xf32, #gpu.address_space<workgroup>> // BUG ERROR: read of uninitialised shared memory
      %y = memref.load %s[%t] : memref<65xf32, #gpu.address_space<workgroup>> // FIX
      memref.store %y, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
