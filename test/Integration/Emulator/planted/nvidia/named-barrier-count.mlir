// RUN: %python -m posenc_testing.planted %s
// A named barrier counts one warp more than comes.
// CHIPS: sm_80 sm_90a
// IN: np.arange(64, dtype=np.float32)
// OUT: a0[::-1]
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@named_barrier_count blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @named_barrier_count(%a: memref<64xf32>, %out: memref<64xf32>)
        workgroup(%s: memref<64xf32, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %c63 = arith.constant 63 : index
      %id = arith.constant 1 : i32
      %threads = arith.constant 96 : i32 // BUG
      %threads = arith.constant 64 : i32 // FIX
      %x = memref.load %a[%t] : memref<64xf32>
      memref.store %x, %s[%t] : memref<64xf32, #gpu.address_space<workgroup>>
      nvvm.barrier id = %id number_of_threads = %threads // ERROR: deadlock
      %r = arith.subi %c63, %t : index
      %y = memref.load %s[%r] : memref<64xf32, #gpu.address_space<workgroup>>
      memref.store %y, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
