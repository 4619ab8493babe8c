// RUN: %python -m posenc_testing.planted %s
// s_barrier that the even lanes of each wave reach alone.
// CHIPS: gfx90a gfx942 gfx1100
// IN: np.arange(128, dtype=np.float32)
// OUT: a0 + 1
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<128xf32>) -> tensor<128xf32> {
    %c1 = arith.constant 1 : index
    %c128 = arith.constant 128 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<128xf32> to memref<128xf32>
    %out = memref.alloc() : memref<128xf32>
    gpu.launch_func @planted::@divergent_barrier blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
        args(%a : memref<128xf32>, %out : memref<128xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<128xf32> to tensor<128xf32>
    return %out_t : tensor<128xf32>
  }
  gpu.module @planted {
    gpu.func @divergent_barrier(%a: memref<128xf32>, %out: memref<128xf32>) kernel {
      %t = gpu.thread_id x
      %k0 = arith.constant 0 : index
      %k2 = arith.constant 2 : index
      %one = arith.constant 1.0 : f32
      %half = arith.remui %t, %k2 : index
      %even = arith.cmpi eq, %half, %k0 : index
      %x = memref.load %a[%t] : memref<128xf32>
      %y = arith.addf %x, %one : f32
      rocdl.s.barrier // FIX
      scf.if %even {
        rocdl.s.barrier // BUG ERROR: divergent barrier
        memref.store %y, %out[%t] : memref<128xf32>
      } else {
        memref.store %y, %out[%t] : memref<128xf32>
      }
      gpu.return
    }
  }
}
