// RUN: %python -m posenc_testing.planted %s
// The last thread writes beyond the end of the buffer.
// CHIPS: gfx942 gfx1100
// IN: np.arange(64, dtype=np.float32)
// OUT: np.concatenate([a0[-1:], a0[:-1]])
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@off_by_one_store blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @off_by_one_store(%a: memref<64xf32>, %out: memref<64xf32>) kernel {
      %t = gpu.thread_id x
      %x = memref.load %a[%t] : memref<64xf32>
      %c1 = arith.constant 1 : index
      %c64 = arith.constant 64 : index
      %next = arith.addi %t, %c1 : index
      %to = arith.remui %next, %c64 : index // FIX
      memref.store %x, %out[%to] : memref<64xf32> // FIX
      memref.store %x, %out[%next] : memref<64xf32> // BUG ERROR: out-of-bounds write of global memory
      gpu.return
    }
  }
}
