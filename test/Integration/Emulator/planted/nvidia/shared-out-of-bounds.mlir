// RUN: %python -m posenc_testing.planted %s
// A padded row length on the store, the plain one in the allocation.
// CHIPS: sm_80 sm_90a
// IN: np.arange(64, dtype=np.float32)
// OUT: a0
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@shared_out_of_bounds blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @shared_out_of_bounds(%a: memref<64xf32>, %out: memref<64xf32>)
        workgroup(%s: memref<64xf32, #gpu.address_space<workgroup>>, %other: memref<64xf32, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %c8 = arith.constant 8 : index
      %c9 = arith.constant 9 : index // BUG
      %c9 = arith.constant 8 : index // FIX
      %row = arith.divui %t, %c8 : index
      %column = arith.remui %t, %c8 : index
      %start = arith.muli %row, %c9 : index
      %at = arith.addi %start, %column : index
      %x = memref.load %a[%t] : memref<64xf32>
      memref.store %x, %other[%t] : memref<64xf32, #gpu.address_space<workgroup>>
      memref.store %x, %s[%at] : memref<64xf32, #gpu.address_space<workgroup>> // ERROR: out-of-bounds write of shared memory
      gpu.barrier
      %y = memref.load %s[%at] : memref<64xf32, #gpu.address_space<workgroup>>
      memref.store %y, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
