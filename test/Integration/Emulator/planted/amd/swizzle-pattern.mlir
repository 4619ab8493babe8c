// RUN: %python -m posenc_testing.planted %s
// An exchange of neighbours whose mask also clears the lane's other bits.
// CHIPS: gfx90a gfx942 gfx1100 gfx1201
// IN: np.arange(64, dtype=np.int32)
// OUT: a0 ^ 1
// WRONG
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xi32>) -> tensor<64xi32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xi32> to memref<64xi32>
    %out = memref.alloc() : memref<64xi32>
    gpu.launch_func @planted::@swizzle_pattern blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xi32>, %out : memref<64xi32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xi32> to tensor<64xi32>
    return %out_t : tensor<64xi32>
  }
  gpu.module @planted {
    gpu.func @swizzle_pattern(%a: memref<64xi32>, %out: memref<64xi32>) kernel {
      %t = gpu.thread_id x
      %x = memref.load %a[%t] : memref<64xi32>
      %pattern = arith.constant 1025 : i32 // BUG
      %pattern = arith.constant 1055 : i32 // FIX
      %y = rocdl.ds_swizzle %x, %pattern : (i32, i32) -> i32
      memref.store %y, %out[%t] : memref<64xi32>
      gpu.return
    }
  }
}
