// RUN: %python -m posenc_testing.planted %s
// The kernel ends while its last prefetch is on the way.
// CHIPS: sm_80 sm_90a
// IN: np.arange(64, dtype=np.float32)
// OUT: a0
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf32>) -> tensor<64xf32> {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf32> to memref<64xf32>
    %out = memref.alloc() : memref<64xf32>
    gpu.launch_func @planted::@copy_not_waited_for blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%a : memref<64xf32>, %out : memref<64xf32>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf32> to tensor<64xf32>
    return %out_t : tensor<64xf32>
  }
  gpu.module @planted {
    gpu.func @copy_not_waited_for(%a: memref<64xf32>, %out: memref<64xf32>)
        workgroup(%s: memref<64xf32, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %x = memref.load %a[%t] : memref<64xf32>
      %c4 = arith.constant 4 : index
      %sb = memref.extract_aligned_pointer_as_index %s : memref<64xf32, #gpu.address_space<workgroup>> -> index
      %gb = memref.extract_aligned_pointer_as_index %a : memref<64xf32> -> index
      %bytes = arith.muli %t, %c4 : index
      %si = arith.addi %sb, %bytes : index
      %gi = arith.addi %gb, %bytes : index
      %s64 = arith.index_cast %si : index to i64
      %g64 = arith.index_cast %gi : index to i64
      %sp = llvm.inttoptr %s64 : i64 to !llvm.ptr<3>
      %gp = llvm.inttoptr %g64 : i64 to !llvm.ptr<1>
      nvvm.cp.async.shared.global %sp, %gp, 4, cache = ca : !llvm.ptr<3>, !llvm.ptr<1> // ERROR: asynchronous copy that is never waited for
      nvvm.cp.async.commit.group
      nvvm.cp.async.wait.group 0 // FIX
      memref.store %x, %out[%t] : memref<64xf32>
      gpu.return
    }
  }
}
