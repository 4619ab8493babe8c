// RUN: %python -m posenc_testing.planted %s
// Each thread writes one row further; the last row lies behind the buffer.
// CHIPS: sm_80 sm_90a
// IN: np.arange(128, dtype=np.float32).reshape(32, 4)
// OUT: a0
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<32x4xf32>) -> tensor<32x4xf32> {
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<32x4xf32> to memref<32x4xf32>
    %out = memref.alloc() : memref<32x4xf32>
    gpu.launch_func @planted::@off_by_one_store blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
        args(%a : memref<32x4xf32>, %out : memref<32x4xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<32x4xf32> to tensor<32x4xf32>
    return %out_t : tensor<32x4xf32>
  }
  gpu.module @planted {
    gpu.func @off_by_one_store(%a: memref<32x4xf32>, %out: memref<32x4xf32>) kernel {
      %t = gpu.thread_id x
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %x = vector.load %a[%t, %c0] : memref<32x4xf32>, vector<4xf32>
      %to = arith.addi %t, %c1 : index // BUG
      %to = arith.addi %t, %c0 : index // FIX
      vector.store %x, %out[%to, %c0] : memref<32x4xf32>, vector<4xf32> // ERROR: out-of-bounds write of global memory
      gpu.return
    }
  }
}
