// RUN: %python -m posenc_testing.planted %s
// A shift along a row leaves the first lane what it had: nothing.
// CHIPS: gfx90a gfx942 gfx1100 gfx1201
// IN: np.arange(1, 65, dtype=np.float32)
// OUT: np.where(np.arange(64) % 16, np.roll(a0, 1), 0).astype(np.float32)
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@poison_store blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @poison_store(%a: memref<64xf32>, %out: memref<64xf32>) kernel {
      %t = gpu.thread_id x
      %x = memref.load %a[%t] : memref<64xf32>
      %old = ub.poison : f32 // BUG
      %old = arith.constant 0.0 : f32 // FIX
      %y = rocdl.update.dpp %old, %x with 273, 15, 15, false : f32
      memref.store %y, %out[%t] : memref<64xf32> // ERROR: poison reaches a store
      gpu.return
    }
  }
}
