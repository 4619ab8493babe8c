// RUN: %python -m posenc_testing.planted %s
// A float that no i32 can hold becomes an index.
// CHIPS: sm_80 sm_90a
// IN: np.where(np.arange(64) == 63, np.float32(1e20), np.arange(64)).astype(np.float32)
// OUT: a0
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@poison_address blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @poison_address(%a: memref<64xf32>, %out: memref<64xf32>) kernel {
      %t = gpu.thread_id x
      %limit = arith.constant 63.0 : f32
      %c63 = arith.constant 63 : i32
      %x = memref.load %a[%t] : memref<64xf32>
      %y = arith.minimumf %x, %limit : f32 // FIX
      %y = arith.maximumf %x, %x : f32 // BUG
      %i = arith.fptosi %y : f32 to i32
      %j = arith.andi %i, %c63 : i32
      %k = arith.index_cast %j : i32 to index
      %z = memref.load %a[%k] : memref<64xf32> // ERROR: poison reaches an address
      memref.store %z, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
