// RUN: %python -m posenc_testing.planted %s
// A function reads one element beyond the array that it gets.
// CHIPS: sm_80 sm_90a
// IN: np.arange(64, dtype=np.float32)
// OUT: a0 * 4
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@private_out_of_bounds blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    func.func @sum(%p: memref<4xf32>) -> f32 {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 5 : index // BUG
      %c4 = arith.constant 4 : index // FIX
      %zero = arith.constant 0.0 : f32
      %sum = scf.for %i = %c0 to %c4 step %c1 iter_args(%s = %zero) -> f32 {
        %x = memref.load %p[%i] : memref<4xf32> // ERROR: out-of-bounds read of private memory
        %more = arith.addf %s, %x : f32
        scf.yield %more : f32
      }
      return %sum : f32
    }
    gpu.func @private_out_of_bounds(%a: memref<64xf32>, %out: memref<64xf32>) kernel {
      %t = gpu.thread_id x
      %x = memref.load %a[%t] : memref<64xf32>
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %p = memref.alloca() : memref<4xf32>
      scf.for %i = %c0 to %c4 step %c1 {
        memref.store %x, %p[%i] : memref<4xf32>
      }
      %y = func.call @sum(%p) : (memref<4xf32>) -> f32
      memref.store %y, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
