// RUN: %python -m posenc_testing.planted %s
// One element is read beyond a private array.
// CHIPS: sm_80 sm_90a
// IN: np.arange(64, dtype=np.float32)
// OUT: a0 * 5
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@off_by_one_private blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @off_by_one_private(%a: memref<64xf32>, %out: memref<64xf32>) kernel {
      %t = gpu.thread_id x
      %x = memref.load %a[%t] : memref<64xf32>
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index // FIX
      %c4 = arith.constant 5 : index // BUG
      %full = arith.constant 4 : index
      %p = memref.alloca() : memref<4xf32>
      scf.for %i = %c0 to %full step %c1 {
        memref.store %x, %p[%i] : memref<4xf32>
      }
      %sum = scf.for %i = %c0 to %c4 step %c1 iter_args(%s = %x) -> f32 {
        %e = memref.load %p[%i] : memref<4xf32> // ERROR: poison reaches an address
        %more = arith.addf %s, %e : f32
        scf.yield %more : f32
      }
      memref.store %sum, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
