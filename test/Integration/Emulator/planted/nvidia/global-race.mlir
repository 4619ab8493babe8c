// RUN: %python -m posenc_testing.planted %s
// The tiles of two blocks overlap by one element.
// CHIPS: sm_80 sm_90a
// IN: np.arange(64, dtype=np.float32)
// OUT: a0
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c32 = arith.constant 32 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@global_race blocks in (%c2, %c1, %c1) threads in (%c32, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @global_race(%a: memref<64xf32>, %out: memref<64xf32>) kernel {
      %t = gpu.thread_id x
      %b = gpu.block_id x
      %c31 = arith.constant 31 : index // BUG
      %c31 = arith.constant 32 : index // FIX
      %start = arith.muli %b, %c31 : index
      %i = arith.addi %start, %t : index
      %x = memref.load %a[%i] : memref<64xf32>
      memref.store %x, %out[%i] : memref<64xf32> // PARTY: data race on global memory
      gpu.return
    }
  }
}
