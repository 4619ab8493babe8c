// RUN: %python -m posenc_testing.planted %s
// Results go to the table instead of the buffer.
// CHIPS: sm_80 sm_90a
// IN: np.arange(64, dtype=np.float32)
// OUT: a0 * 2
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@write_of_constant blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    memref.global "private" constant @table : memref<64xf32> = dense<2.0>
    gpu.func @write_of_constant(%a: memref<64xf32>, %out: memref<64xf32>) kernel {
      %t = gpu.thread_id x
      %x = memref.load %a[%t] : memref<64xf32>
      %table = memref.get_global @table : memref<64xf32>
      %f = memref.load %table[%t] : memref<64xf32>
      %y = arith.mulf %x, %f : f32
      memref.store %y, %table[%t] : memref<64xf32> // BUG ERROR: write of constant memory
      memref.store %y, %out[%t] : memref<64xf32> // FIX
      gpu.return
    }
  }
}
