// RUN: %python -m posenc_testing.planted %s
// The last lane writes behind the buffer in LDS.
// CHIPS: gfx90a gfx942 gfx1100 gfx1201
// IN: np.arange(64, dtype=np.float32)
// OUT: np.roll(a0, 1)
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@lds_out_of_bounds blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @lds_out_of_bounds(%a: memref<64xf32>, %out: memref<64xf32>)
        workgroup(%s: memref<64xf32, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %k1 = arith.constant 1 : index
      %k64 = arith.constant 64 : index
      %x = memref.load %a[%t] : memref<64xf32>
      %next = arith.addi %t, %k1 : index
      %to = arith.remui %next, %k64 : index // FIX
      %to = arith.addi %t, %k1 : index // BUG
      memref.store %x, %s[%to] : memref<64xf32, #gpu.address_space<workgroup>> // ERROR: out-of-bounds write of shared memory
      gpu.barrier
      %y = memref.load %s[%t] : memref<64xf32, #gpu.address_space<workgroup>>
      memref.store %y, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
