// RUN: %python -m posenc_testing.planted %s
// A block reads what another block of the same launch writes.
// CHIPS: sm_80 sm_90a
// IN: np.arange(64, dtype=np.float32)
// OUT: np.where(np.arange(64) < 32, a0, 0).astype(np.float32)
// OUT: np.roll(np.where(np.arange(64) < 32, a0, 0), 0).astype(np.float32)
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>) {
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c32 = arith.constant 32 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    %copy = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@global_read_race blocks in (%c2, %c1, %c1) threads in (%c32, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>, %copy : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    %copy_t = bufferization.to_tensor %copy restrict : memref<64xf32> to tensor<64xf32>
    return %out_t, %copy_t : tensor<64xf32>, tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @global_read_race(%a: memref<64xf32>, %out: memref<64xf32>, %copy: memref<64xf32>) kernel {
      %t = gpu.thread_id x
      %b = gpu.block_id x
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c32 = arith.constant 32 : index
      %zero = arith.constant 0.0 : f32
      %start = arith.muli %b, %c32 : index
      %i = arith.addi %start, %t : index
      %first = arith.cmpi eq, %b, %c0 : index
      %x = memref.load %a[%i] : memref<64xf32>
      %y = arith.select %first, %x, %zero : f32
      memref.store %y, %out[%i] : memref<64xf32> // PARTY: data race on global memory
      %other = arith.subi %c1, %b : index // BUG
      %other = arith.addi %b, %c0 : index // FIX
      %from = arith.muli %other, %c32 : index
      %j = arith.addi %from, %t : index
      %z = memref.load %out[%j] : memref<64xf32> // PARTY: data race on global memory
      memref.store %z, %copy[%j] : memref<64xf32>
      gpu.return
    }
  }
}
