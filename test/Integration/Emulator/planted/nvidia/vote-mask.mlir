// RUN: %python -m posenc_testing.planted %s
// A ballot that one lane skips.
// CHIPS: sm_80 sm_90a
// IN: np.arange(32, dtype=np.float32)
// OUT: np.where(np.arange(32) < 31, 1, 0).astype(np.float32)
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<32xf32>) -> tensor<32xf32> {
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<32xf32> to memref<32xf32>
    %out = memref.alloc() : memref<32xf32>
    gpu.launch_func @planted::@vote_mask blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
        args(%a : memref<32xf32>, %out : memref<32xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<32xf32> to tensor<32xf32>
    return %out_t : tensor<32xf32>
  }
  gpu.module @planted {
    gpu.func @vote_mask(%a: memref<32xf32>, %out: memref<32xf32>) kernel {
      %t = gpu.thread_id x
      %c31 = arith.constant 31 : index
      %none = arith.constant 0 : i32
      %mask = arith.constant -1 : i32 // BUG
      %mask = arith.constant 0x7FFFFFFF : i32 // FIX
      %one = arith.constant 1.0 : f32
      %zero = arith.constant 0.0 : f32
      %true = arith.constant true
      %low = arith.cmpi ult, %t, %c31 : index
      %y = scf.if %low -> i32 {
        %z = nvvm.vote.sync ballot %mask, %true -> i32 // ERROR: lanes missing from nvvm.vote.sync
        scf.yield %z : i32
      } else {
        scf.yield %none : i32
      }
      %any = arith.cmpi ne, %y, %none : i32
      %f = arith.select %any, %one, %zero : f32
      memref.store %f, %out[%t] : memref<32xf32>
      gpu.return
    }
  }
}
