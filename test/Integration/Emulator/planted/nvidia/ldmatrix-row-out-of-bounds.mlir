// RUN: %python -m posenc_testing.planted %s
// Row addresses start one row too late: the last one lies behind the tile.
// CHIPS: sm_80 sm_90a
// IN: np.arange(64, dtype=np.float16)
// OUT: a0
module attributes {gpu.container_module} {
  func.func @main(%in0: tensor<64xf16>) -> tensor<64xf16> {
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    %a = bufferization.to_buffer %in0 read_only : tensor<64xf16> to memref<64xf16>
    %out = memref.alloc() : memref<64xf16>
    gpu.launch_func @planted::@ldmatrix_row_out_of_bounds blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
        args(%a : memref<64xf16>, %out : memref<64xf16>)
    %out_t = bufferization.to_tensor %out restrict : memref<64xf16> to tensor<64xf16>
    return %out_t : tensor<64xf16>
  }
  gpu.module @planted {
    gpu.func @ldmatrix_row_out_of_bounds(%a: memref<64xf16>, %out: memref<64xf16>)
        workgroup(%s: memref<64xf16, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c2 = arith.constant 2 : index
      %c8 = arith.constant 8 : index
      %c16 = arith.constant 16 : index
      %o = arith.muli %t, %c2 : index
      %x = vector.load %a[%o] : memref<64xf16>, vector<2xf16>
      vector.store %x, %s[%o] : memref<64xf16, #gpu.address_space<workgroup>>, vector<2xf16>
      gpu.barrier
      %lane = arith.remui %t, %c8 : index

      %row = arith.addi %lane, %c1 : index // BUG
      %row = arith.addi %lane, %c0 : index // FIX

      %bytes = arith.muli %row, %c16 : index
      %sb = memref.extract_aligned_pointer_as_index %s : memref<64xf16, #gpu.address_space<workgroup>> -> index
      %si = arith.addi %sb, %bytes : index
      %s64 = arith.index_cast %si : index to i64
      %sp = llvm.inttoptr %s64 : i64 to !llvm.ptr<3>
      %m = nvvm.ldmatrix %sp {num = 1 : i32, layout = #nvvm.mma_layout<row>, shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>} : (!llvm.ptr<3>) -> i32 // ERROR: out-of-bounds read of shared memory
      %v = llvm.bitcast %m : i32 to vector<2xf16>
      vector.store %v, %out[%o] : memref<64xf16>, vector<2xf16>
      gpu.return
    }
  }
}
