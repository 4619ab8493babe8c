// RUN: %python -m posenc_testing.planted %s
// A 128-bit load from an address that is a multiple of 4 only.
// CHIPS: sm_80 sm_90a
// IN: np.arange(68, dtype=np.float32)
// OUT: a0[:64]
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<68xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c16 = arith.constant 16 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<68xf32> to memref<68xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@misaligned_vector blocks in (%c1, %c1, %c1) threads in (%c16, %c1, %c1)
        args(%a : memref<68xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @misaligned_vector(%a: memref<68xf32>, %out: memref<64xf32>) kernel {
      %t = gpu.thread_id x
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %o = arith.muli %t, %c4 : index
      %from = arith.addi %o, %c1 : index // BUG
      %from = arith.addi %o, %c0 : index // FIX
      %x = vector.load %a[%from] {alignment = 16 : i64} : memref<68xf32>, vector<4xf32> // ERROR: misaligned access
      vector.store %x, %out[%o] : memref<64xf32>, vector<4xf32>
      gpu.return
    }
  }
}
