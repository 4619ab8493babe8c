// RUN: %python -m posenc_testing.planted %s
// A shift by as many bits as the value has decides a branch.
// CHIPS: sm_80 sm_90a
// IN: np.arange(64, dtype=np.float32)
// OUT: a0 * (np.arange(64) < 32)
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@poison_branch blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @poison_branch(%a: memref<64xf32>, %out: memref<64xf32>) kernel {
      %t = gpu.thread_id x
      %c0 = arith.constant 0 : i32
      %c31 = arith.constant 31 : i32
      %c1 = arith.constant 1 : i32
      %zero = arith.constant 0.0 : f32
      %i = arith.index_cast %t : index to i32
      %low = arith.andi %i, %c31 : i32 // FIX
      %low = arith.addi %i, %c0 : i32 // BUG
      %bit = arith.shli %c1, %low : i32
      %any = arith.cmpi ne, %bit, %c0 : i32
      %c32 = arith.constant 32 : i32
      %first = arith.cmpi slt, %i, %c32 : i32
      %both = arith.andi %any, %first : i1
      %v = scf.if %both -> f32 { // ERROR: poison reaches a branch
        %x = memref.load %a[%t] : memref<64xf32>
        scf.yield %x : f32
      } else {
        scf.yield %zero : f32
      }
      memref.store %v, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
