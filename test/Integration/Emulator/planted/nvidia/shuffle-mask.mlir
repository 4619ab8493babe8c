// RUN: %python -m posenc_testing.planted %s
// Half a warp exchanges values with a mask that names the whole warp.
// CHIPS: sm_80 sm_90a
// IN: np.arange(32, dtype=np.float32)
// OUT: np.where(np.arange(32) < 16, a0[np.arange(32) ^ 1], 0).astype(np.float32)
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<32xf32>) -> tensor<32xf32> {
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<32xf32> to memref<32xf32>
    %out = memref.alloc() : memref<32xf32>
    gpu.launch_func @planted::@shuffle_mask blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
        args(%a : memref<32xf32>, %out : memref<32xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<32xf32> to tensor<32xf32>
    return %out_t : tensor<32xf32>
  }
  gpu.module @planted {
    gpu.func @shuffle_mask(%a: memref<32xf32>, %out: memref<32xf32>) kernel {
      %t = gpu.thread_id x
      %c16 = arith.constant 16 : index
      %zero = arith.constant 0.0 : f32
      %one = arith.constant 1 : i32
      %clamp = arith.constant 31 : i32
      %mask = arith.constant -1 : i32 // BUG
      %mask = arith.constant 0xFFFF : i32 // FIX
      %x = memref.load %a[%t] : memref<32xf32>
      %low = arith.cmpi ult, %t, %c16 : index
      %y = scf.if %low -> f32 {
        %z = nvvm.shfl.sync bfly %mask, %x, %one, %clamp : f32 -> f32 // ERROR: lanes missing from nvvm.shfl.sync
        scf.yield %z : f32
      } else {
        scf.yield %zero : f32
      }
      memref.store %y, %out[%t] : memref<32xf32>
      gpu.return
    }
  }
}
