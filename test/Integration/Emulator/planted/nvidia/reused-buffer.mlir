// RUN: %python -m posenc_testing.planted %s
// A second tile overwrites the buffer while other threads still read the first: the barrier at the end of
// the loop is missing.
// CHIPS: sm_80 sm_90a
// IN: np.arange(64, dtype=np.float32)
// OUT: np.full(64, 63 * 32, np.float32) + np.roll(a0, -1)
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@reused_buffer blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @reused_buffer(%a: memref<64xf32>, %out: memref<64xf32>)
        workgroup(%s: memref<64xf32, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c64 = arith.constant 64 : index
      %zero = arith.constant 0.0 : f32
      %x = memref.load %a[%t] : memref<64xf32>
      memref.store %x, %s[%t] : memref<64xf32, #gpu.address_space<workgroup>>
      gpu.barrier
      %sum = scf.for %i = %c0 to %c64 step %c1 iter_args(%acc = %zero) -> f32 {
        %v = memref.load %s[%i] : memref<64xf32, #gpu.address_space<workgroup>> // PARTY: data race on shared memory
        %next = arith.addf %acc, %v : f32
        scf.yield %next : f32
      }
      gpu.barrier // FIX
      %t1 = arith.addi %t, %c1 : index
      %from = arith.remui %t1, %c64 : index
      %y = memref.load %a[%from] : memref<64xf32>
      memref.store %y, %s[%t] : memref<64xf32, #gpu.address_space<workgroup>> // PARTY: data race on shared memory
      %own = memref.load %s[%t] : memref<64xf32, #gpu.address_space<workgroup>>
      %z = arith.addf %sum, %own : f32
      memref.store %z, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
