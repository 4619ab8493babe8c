// RUN: %python -m posenc_testing.planted %s
// A barrier in a loop whose trip count differs between threads.
// CHIPS: sm_80 sm_90a
// IN: np.arange(64, dtype=np.float32)
// OUT: a0
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@divergent_loop_barrier blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @divergent_loop_barrier(%a: memref<64xf32>, %out: memref<64xf32>) kernel {
      %t = gpu.thread_id x
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c2 = arith.constant 2 : index
      %half = arith.remui %t, %c2 : index
      %trips = arith.addi %half, %c1 : index // BUG
      %trips = arith.constant 2 : index // FIX
      scf.for %i = %c0 to %trips step %c1 {
        gpu.barrier // ERROR: divergent barrier
      }
      %x = memref.load %a[%t] : memref<64xf32>
      memref.store %x, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
