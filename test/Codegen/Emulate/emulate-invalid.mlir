// RUN: posenc-opt %s --posenc-emulate --split-input-file --verify-diagnostics

// expected-error @below {{expected one target but got 0}}
gpu.module @negative_no_target {
}

// -----

// expected-error @below {{expected one target but got 2}}
gpu.module @negative_two_targets [#nvvm.target<chip = "sm_80">, #nvvm.target<chip = "sm_90">] {
}

// -----

// expected-error @below {{expected an nvvm or rocdl target but got #xevm.target}}
gpu.module @negative_foreign_target [#xevm.target] {
}

// -----

gpu.module @negative_no_model [#nvvm.target<chip = "sm_90a">] {
  llvm.func @kernel() attributes {nvvm.kernel} {
    // expected-error @below {{'nvvm.breakpoint' op is not modelled by the emulator}}
    nvvm.breakpoint
    %0 = llvm.mlir.constant(1 : i32) : i32
    // The first error is not the only one.
    // expected-error @below {{'llvm.nvvm.nanosleep' op is not modelled by the emulator}}
    llvm.call_intrinsic "llvm.nvvm.nanosleep"(%0) : (i32) -> ()
    llvm.return
  }
}

// -----

gpu.module @negative_inline_assembly [#nvvm.target<chip = "sm_90a">] {
  llvm.func @kernel() attributes {nvvm.kernel} {
    // expected-error @below {{'llvm.inline_asm' op is not modelled by the emulator}}
    llvm.inline_asm has_side_effects "nanosleep.u32 1;", "" : () -> ()
    llvm.return
  }
}

// -----

gpu.module @negative_no_body [#nvvm.target<chip = "sm_90a">] {
  llvm.func @__nv_expf(f32) -> f32
  llvm.func @kernel(%x: f32) attributes {nvvm.kernel} {
    // expected-error @below {{'llvm.call' op is not modelled by the emulator: no body of @__nv_expf}}
    %0 = llvm.call @__nv_expf(%x) : (f32) -> f32
    llvm.return
  }
}

// -----

gpu.module @negative_indirect [#nvvm.target<chip = "sm_90a">] {
  llvm.func @kernel(%f: !llvm.ptr) attributes {nvvm.kernel} {
    // expected-error @below {{'llvm.call' op is not modelled by the emulator: indirect call}}
    llvm.call %f() : !llvm.ptr, () -> ()
    llvm.return
  }
}

// -----

gpu.module @negative_alloca [#nvvm.target<chip = "sm_90a">] {
  llvm.func @kernel(%n: i32, %to: !llvm.ptr) attributes {nvvm.kernel} {
    // expected-error @below {{'llvm.alloca' op is not modelled by the emulator: variable size}}
    %0 = llvm.alloca %n x f32 : (i32) -> !llvm.ptr
    llvm.store %0, %to : !llvm.ptr, !llvm.ptr
    llvm.return
  }
}

// -----

gpu.module @negative_atomic [#nvvm.target<chip = "sm_90a">] {
  llvm.func @kernel(%x: bf16, %p: !llvm.ptr) attributes {nvvm.kernel} {
    // expected-error @below {{'llvm.atomicrmw' op is not modelled by the emulator: arithmetic on bf16 in memory}}
    %0 = llvm.atomicrmw fadd %p, %x monotonic : !llvm.ptr, bf16
    llvm.return
  }
}

// -----

gpu.module @negative_wide [#rocdl.target<chip = "gfx942">] {
  llvm.func @kernel(%x: i128) attributes {rocdl.kernel} {
    // expected-error @below {{'rocdl.readfirstlane' op is not modelled by the emulator: scalars of more than 64 bits}}
    %0 = rocdl.readfirstlane %x : i128
    llvm.return
  }
}

// -----

gpu.module @negative_other_dialect [#nvvm.target<chip = "sm_90a">] {
  llvm.func @kernel(%x: i32) attributes {nvvm.kernel} {
    // expected-error @below {{'arith.addi' op is not modelled by the emulator}}
    %0 = arith.addi %x, %x : i32
    llvm.return
  }
}

// -----

gpu.module @negative_chip [#rocdl.target<chip = "gfx942">] {
  llvm.func @kernel(%x: i32) attributes {rocdl.kernel} {
    // expected-error @below {{'rocdl.permlane64' op does not exist on 'gfx942': expected}}
    %0 = "rocdl.permlane64"(%x) : (i32) -> i32
    llvm.return
  }
}

// -----

gpu.module @negative_global [#nvvm.target<chip = "sm_90a">] {
  // expected-error @below {{expected a constant but got global memory that kernels can write, which the emulator has no model for}}
  llvm.mlir.global internal @counter(0 : i32) {addr_space = 1 : i32} : i32
}

// -----

gpu.module @negative_shared_value [#nvvm.target<chip = "sm_90a">] {
  // expected-error @below {{expected shared memory without an initial value}}
  llvm.mlir.global internal @tile(0 : i32) {addr_space = 3 : i32} : i32
}

// -----

module attributes {gpu.container_module} {
  gpu.module @negative_launch [#nvvm.target<chip = "sm_90a">] {
    llvm.func @kernel() attributes {gpu.kernel, nvvm.kernel} {
      llvm.return
    }
  }
  func.func @host() {
    %c1 = arith.constant 1 : index
    // expected-error @below {{expected launches to be calls of the runtime: run posenc-host-to-runtime first}}
    gpu.launch_func @negative_launch::@kernel blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    return
  }
}

// -----

!registers = !llvm.struct<(f32, f32, f32, f32)>
gpu.module @negative_registers [#nvvm.target<chip = "sm_90a">] {
  llvm.func @kernel(%a: i64, %b: i64, %c: !registers, %to: !llvm.ptr) attributes {nvvm.kernel} {
    // expected-note @below {{the instruction is here}}
    %0 = nvvm.wgmma.mma_async %a, %b, %c, <m = 64, n = 8, k = 16>, D [<f32>, <zero>],
      A [<f16>, <one>, <row>], B [<f16>, <one>, <col>] : !registers -> !registers
    %1 = llvm.extractvalue %0[0] : !registers
    // expected-error @below {{'llvm.store' op uses registers that an asynchronous instruction may still write: expected its group to be committed and waited for}}
    llvm.store %1, %to : f32, !llvm.ptr
    llvm.return
  }
}

// -----

gpu.module @negative_recursion [#nvvm.target<chip = "sm_90a">] {
  llvm.func @down(%n: i32) {
    // expected-error @below {{'llvm.call' op is not modelled by the emulator: recursive call}}
    llvm.call @down(%n) : (i32) -> ()
    llvm.return
  }
  llvm.func @kernel(%n: i32) attributes {nvvm.kernel} {
    llvm.call @down(%n) : (i32) -> ()
    llvm.return
  }
}

// -----

gpu.module @negative_private_memory [#nvvm.target<chip = "sm_90a">] {
  llvm.func @use(%p: !llvm.ptr) {
    %n = llvm.mlir.constant(65537 : i32) : i32
    %0 = llvm.alloca %n x f32 : (i32) -> !llvm.ptr
    llvm.return
  }
  // expected-error @below {{expected at most 524288 bytes of private memory in kernel @kernel but got 524292}}
  llvm.func @kernel() attributes {nvvm.kernel} {
    %n = llvm.mlir.constant(65536 : i32) : i32
    %0 = llvm.alloca %n x f32 : (i32) -> !llvm.ptr
    llvm.call @use(%0) : (!llvm.ptr) -> ()
    llvm.return
  }
}
