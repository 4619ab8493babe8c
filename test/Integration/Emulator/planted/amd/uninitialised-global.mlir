// RUN: %python -m posenc_testing.planted %s
// The sum starts from what the buffer happened to hold.
// CHIPS: gfx942 gfx1100
// IN: np.arange(64, dtype=np.float32)
// OUT: a0
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@uninitialised_global blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @uninitialised_global(%a: memref<64xf32>, %out: memref<64xf32>) kernel {
      %t = gpu.thread_id x
      %x = memref.load %a[%t] : memref<64xf32>
      %zero = arith.constant 0.0 : f32 // FIX
      memref.store %zero, %out[%t] : memref<64xf32> // FIX
      %sum = memref.load %out[%t] : memref<64xf32> // ERROR: read of uninitialised global memory
      %more = arith.addf %sum, %x : f32
      memref.store %more, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
