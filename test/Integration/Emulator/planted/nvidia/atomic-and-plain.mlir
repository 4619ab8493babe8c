// RUN: %python -m posenc_testing.planted %s
// One thread adds to a counter without the atomic that the others use.
// CHIPS: sm_80 sm_90a
// IN: np.arange(64, dtype=np.float32)
// OUT: np.full(1, 64, np.float32)
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<1xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<1xf32>
    gpu.launch_func @planted::@atomic_and_plain blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<1xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<1xf32> to tensor<1xf32>
    return %out_t : tensor<1xf32>
  }
  gpu.module @planted {
    gpu.func @atomic_and_plain(%a: memref<64xf32>, %out: memref<1xf32>)
        workgroup(%s: memref<1xf32, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %c0 = arith.constant 0 : index
      %c5 = arith.constant 5 : index
      %one = arith.constant 1.0 : f32
      %zero = arith.constant 0.0 : f32
      %first = arith.cmpi eq, %t, %c0 : index
      scf.if %first {
        memref.store %zero, %s[%c0] : memref<1xf32, #gpu.address_space<workgroup>>
      }
      gpu.barrier
      %plain = arith.cmpi eq, %t, %c5 : index // BUG
      %plain = arith.constant false // FIX
      scf.if %plain {
        %x = memref.load %s[%c0] : memref<1xf32, #gpu.address_space<workgroup>> // PARTY: data race on shared memory
        %y = arith.addf %x, %one : f32
        memref.store %y, %s[%c0] : memref<1xf32, #gpu.address_space<workgroup>> // PARTY: data race on shared memory
      } else {
        %u = memref.atomic_rmw addf %one, %s[%c0] : (f32, memref<1xf32, #gpu.address_space<workgroup>>) -> f32 // PARTY: data race on shared memory
      }
      gpu.barrier
      scf.if %first {
        %z = memref.load %s[%c0] : memref<1xf32, #gpu.address_space<workgroup>>
        memref.store %z, %out[%c0] : memref<1xf32>
      }
      gpu.return
    }
  }
}
