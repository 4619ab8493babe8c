// Forms of NVIDIA's instructions without a model, and chips without the instruction.
// RUN: posenc-opt %s --posenc-emulate --split-input-file --verify-diagnostics

gpu.module @kernels [#nvvm.target<chip = "sm_80">] {
  llvm.func @negative_stmatrix_on_ampere(%p: !llvm.ptr<3>, %x: i32) attributes {gpu.kernel, nvvm.kernel} {
    // expected-error @below {{'nvvm.stmatrix' op does not exist on 'sm_80': expected sm_90 and later}}
    nvvm.stmatrix %p, %x {layout = #nvvm.mma_layout<row>, shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>} : !llvm.ptr<3>, i32
    llvm.return
  }
}

// -----

gpu.module @kernels [#nvvm.target<chip = "sm_75">] {
  llvm.func @negative_cp_async_on_turing() attributes {gpu.kernel, nvvm.kernel} {
    // expected-error @below {{'nvvm.cp.async.commit.group' op does not exist on 'sm_75': expected sm_80 and later}}
    nvvm.cp.async.commit.group
    llvm.return
  }
}

// -----

gpu.module @kernels [#nvvm.target<chip = "sm_90a">] {
  llvm.func @negative_bytes(%p: !llvm.ptr<3>) attributes {gpu.kernel, nvvm.kernel} {
    // expected-error @below {{'nvvm.ldmatrix' op is not modelled by the emulator: only 16-bit elements have a model}}
    %r = nvvm.ldmatrix %p {num = 1 : i32, layout = #nvvm.mma_layout<col>, shape = #nvvm.ld_st_matrix_shape<m = 16, n = 16>, eltType = #nvvm.ld_st_matrix_elt_type<b8>} : (!llvm.ptr<3>) -> !llvm.struct<(i32, i32)>
    llvm.return
  }
}

// -----

gpu.module @kernels [#nvvm.target<chip = "sm_90a">] {
  llvm.func @negative_f64(%a: f64) attributes {gpu.kernel, nvvm.kernel} {
    // expected-error @below {{'nvvm.mma.sync' op is not modelled by the emulator: operands of this type have no model}}
    %d = nvvm.mma.sync A[%a] B[%a] C[%a, %a] {shape = #nvvm.shape<m = 8, n = 8, k = 4>, layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>} : (f64, f64, f64) -> !llvm.struct<(f64, f64)>
    llvm.return
  }
}

// -----

gpu.module @kernels [#nvvm.target<chip = "sm_90a">] {
  llvm.func @negative_wgmma() attributes {gpu.kernel, nvvm.kernel} {
    // expected-error @below {{'nvvm.wgmma.fence.aligned' op is not modelled by the emulator}}
    nvvm.wgmma.fence.aligned
    llvm.return
  }
}
