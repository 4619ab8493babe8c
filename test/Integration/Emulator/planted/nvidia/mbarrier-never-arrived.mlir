// RUN: %python -m posenc_testing.planted %s
// The mbarrier expects one arrival more than there are threads.
// CHIPS: sm_90a
// IN: np.arange(64, dtype=np.float32)
// OUT: a0[::-1]
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@mbarrier_never_arrived blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @mbarrier_never_arrived(%a: memref<64xf32>, %out: memref<64xf32>)
        workgroup(%s: memref<64xf32, #gpu.address_space<workgroup>>, %bar: memref<1xi64, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %c0 = arith.constant 0 : index
      %c63 = arith.constant 63 : index
      %first = arith.cmpi eq, %t, %c0 : index
      %bi = memref.extract_aligned_pointer_as_index %bar : memref<1xi64, #gpu.address_space<workgroup>> -> index
      %b64 = arith.index_cast %bi : index to i64
      %bp = llvm.inttoptr %b64 : i64 to !llvm.ptr<3>

      %count = arith.constant 65 : i32 // BUG
      %count = arith.constant 64 : i32 // FIX
      %phase = arith.constant 0 : i32
      %ticks = arith.constant 1000 : i32
      scf.if %first {
        nvvm.mbarrier.init %bp, %count : !llvm.ptr<3>, i32
      }
      gpu.barrier
      %x = memref.load %a[%t] : memref<64xf32>
      memref.store %x, %s[%t] : memref<64xf32, #gpu.address_space<workgroup>>
      %token = nvvm.mbarrier.arrive %bp : !llvm.ptr<3> -> i64
      nvvm.mbarrier.try_wait.parity %bp, %phase, %ticks : !llvm.ptr<3>, i32, i32 // ERROR: deadlock
      %r = arith.subi %c63, %t : index
      %y = memref.load %s[%r] : memref<64xf32, #gpu.address_space<workgroup>>
      memref.store %y, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
