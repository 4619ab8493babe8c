// RUN: %python -m posenc_testing.planted %s
// The guard of the last wave lets one thread too many through.
// CHIPS: gfx90a gfx942 gfx1100 gfx1201
// IN: np.arange(100, dtype=np.float32)
// OUT: a0 * 2
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<100xf32>) -> tensor<100xf32> {
    %c1 = arith.constant 1 : index
    %c128 = arith.constant 128 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<100xf32> to memref<100xf32>
    %out = memref.alloc() : memref<100xf32>
    gpu.launch_func @planted::@off_by_one_tail blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
        args(%a : memref<100xf32>, %out : memref<100xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<100xf32> to tensor<100xf32>
    return %out_t : tensor<100xf32>
  }
  gpu.module @planted {
    gpu.func @off_by_one_tail(%a: memref<100xf32>, %out: memref<100xf32>) kernel {
      %t = gpu.thread_id x
      %k100 = arith.constant 100 : index
      %inside = arith.cmpi ule, %t, %k100 : index // BUG
      %inside = arith.cmpi ult, %t, %k100 : index // FIX
      scf.if %inside {
        %x = memref.load %a[%t] : memref<100xf32> // ERROR: out-of-bounds read of global memory
        %y = arith.addf %x, %x : f32
        memref.store %y, %out[%t] : memref<100xf32>
      }
      gpu.return
    }
  }
}
