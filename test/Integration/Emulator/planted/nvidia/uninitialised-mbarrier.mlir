// RUN: %python -m posenc_testing.planted %s
// Threads use an mbarrier before the thread that initialises it is known to have done so.
// CHIPS: sm_90a
// IN: np.arange(64, dtype=np.float32)
// OUT: a0
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@uninitialised_mbarrier blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @uninitialised_mbarrier(%a: memref<64xf32>, %out: memref<64xf32>)
        workgroup(%s: memref<64xf32, #gpu.address_space<workgroup>>, %bar: memref<1xi64, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %c0 = arith.constant 0 : index
      %c63 = arith.constant 63 : index
      %first = arith.cmpi eq, %t, %c0 : index
      %bi = memref.extract_aligned_pointer_as_index %bar : memref<1xi64, #gpu.address_space<workgroup>> -> index
      %b64 = arith.index_cast %bi : index to i64
      %bp = llvm.inttoptr %b64 : i64 to !llvm.ptr<3>

      %count = arith.constant 64 : i32
      %even = arith.constant 0 : i32
      %ticks = arith.constant 1000 : i32
      scf.if %first {
        nvvm.mbarrier.init %bp, %count : !llvm.ptr<3>, i32 // FIX
      }
      gpu.barrier
      %token = nvvm.mbarrier.arrive %bp : !llvm.ptr<3> -> i64 // ERROR: read of uninitialised shared memory
      nvvm.mbarrier.try_wait.parity %bp, %even, %ticks : !llvm.ptr<3>, i32, i32
      %x = memref.load %a[%t] : memref<64xf32>
      memref.store %x, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
