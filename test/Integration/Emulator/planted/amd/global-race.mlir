// RUN: %python -m posenc_testing.planted %s
// Every block adds to the same sums without an atomic.
// CHIPS: gfx90a gfx942 gfx1100
// IN: np.arange(64, dtype=np.float32)
// OUT: a0 * 4
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@global_race blocks in (%c4, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @global_race(%a: memref<64xf32>, %out: memref<64xf32>) kernel {
      %t = gpu.thread_id x
      %k0 = arith.constant 0 : index
      %block = gpu.block_id x
      %first = arith.cmpi eq, %block, %k0 : index
      %x = memref.load %a[%t] : memref<64xf32>
      %four = arith.constant 4.0 : f32
      %y = arith.mulf %x, %four : f32
      scf.if %first { // FIX
        memref.store %y, %out[%t] : memref<64xf32> // PARTY: data race on global memory
      } // FIX
      gpu.return
    }
  }
}
