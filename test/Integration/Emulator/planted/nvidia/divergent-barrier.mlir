// RUN: %python -m posenc_testing.planted %s
// A barrier that only the even threads reach.
// CHIPS: sm_80 sm_90a
// IN: np.arange(64, dtype=np.float32)
// OUT: a0 + 1
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@divergent_barrier blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @divergent_barrier(%a: memref<64xf32>, %out: memref<64xf32>) kernel {
      %t = gpu.thread_id x
      %c0 = arith.constant 0 : index
      %c2 = arith.constant 2 : index
      %one = arith.constant 1.0 : f32
      %half = arith.remui %t, %c2 : index
      %even = arith.cmpi eq, %half, %c0 : index
      %x = memref.load %a[%t] : memref<64xf32>
      scf.if %even {
        gpu.barrier // BUG ERROR: divergent barrier
        %y = arith.addf %x, %one : f32
        memref.store %y, %out[%t] : memref<64xf32>
      }
      gpu.barrier // FIX
      %odd = arith.cmpi ne, %half, %c0 : index
      scf.if %odd {
        %y = arith.addf %x, %one : f32
        memref.store %y, %out[%t] : memref<64xf32>
      }
      gpu.return
    }
  }
}
