// RUN: %python -m posenc_testing.planted %s
// Registers that a wgmma still writes are read. Found on the kernel's code: no schedule decides it.
// CHIPS: sm_90a
// STATIC
// UNMODELLED: nvvm.wgmma.mma_async
// IN: np.arange(128, dtype=np.float32)
// OUT: a0
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<128xf32>) -> tensor<128xf32> {
    %c1 = arith.constant 1 : index
    %c128 = arith.constant 128 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<128xf32> to memref<128xf32>
    %out = memref.alloc() : memref<128xf32>
    gpu.launch_func @planted::@wgmma_before_wait blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
        args(%a : memref<128xf32>, %out : memref<128xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<128xf32> to tensor<128xf32>
    return %out_t : tensor<128xf32>
  }
  gpu.module @planted {
    gpu.func @wgmma_before_wait(%a: memref<128xf32>, %out: memref<128xf32>) kernel {
      %t = gpu.thread_id x
      // Descriptors of tiles at the start of shared memory; nothing runs that reads them.
      %descriptor = arith.constant 0x4000004000010000 : i64
      %start = llvm.mlir.undef : !llvm.struct<(f32, f32, f32, f32)>
      nvvm.wgmma.fence.aligned
      %d = nvvm.wgmma.mma_async %descriptor, %descriptor, %start, <m = 64, n = 8, k = 16>, D [<f32>, <zero>], A [<f16>, <one>, <row>], B [<f16>, <one>, <col>] : !llvm.struct<(f32, f32, f32, f32)> -> !llvm.struct<(f32, f32, f32, f32)> // NOTE: the instruction is here
      nvvm.wgmma.commit.group.sync.aligned
      nvvm.wgmma.wait.group.sync.aligned 0 // FIX
      %x = llvm.extractvalue %d[0] : !llvm.struct<(f32, f32, f32, f32)>
      %y = memref.load %a[%t] : memref<128xf32>
      %z = arith.addf %x, %y : f32 // ERROR: registers that an asynchronous instruction may still write
      memref.store %z, %out[%t] : memref<128xf32>
      gpu.return
    }
  }
}
