// RUN: posenc-opt %s --posenc-host-to-runtime --split-input-file --verify-diagnostics

llvm.func @mgpuSetDefaultDevice(i32)
llvm.func @negative_unknown_wrapper(%n: i32) {
  // expected-error @below {{'llvm.call' op expected a call that the runtime has but got @mgpuSetDefaultDevice}}
  llvm.call @mgpuSetDefaultDevice(%n) : (i32) -> ()
  llvm.return
}

// -----

llvm.func @malloc(i32) -> !llvm.ptr
llvm.func @negative_type(%n: i32) {
  // expected-error @below {{'llvm.call' op expected @malloc to have the type '!llvm.func<ptr (i64)>' but got '!llvm.func<ptr (i32)>'}}
  %0 = llvm.call @malloc(%n) : (i32) -> !llvm.ptr
  llvm.return
}

// -----

llvm.func @malloc(i64) -> !llvm.ptr
// expected-error @below {{redefinition of function 'posenc_rt_malloc' of different type '!llvm.func<ptr (i64)>'}}
llvm.func @posenc_rt_malloc(i32)
llvm.func @negative_runtime_type(%n: i64) {
  // expected-error @below {{expected @posenc_rt_malloc to have the runtime's type '!llvm.func<ptr (i64)>'}}
  %0 = llvm.call @malloc(%n) : (i64) -> !llvm.ptr
  llvm.return
}

// -----

module attributes {gpu.container_module} {
  llvm.func @negative_clusters(%n: i64) {
    // expected-error @below {{'gpu.launch_func' op expected a launch without clusters}}
    gpu.launch_func @kernels::@f clusters in (%n, %n, %n) blocks in (%n, %n, %n) threads in (%n, %n, %n) : i64
    llvm.return
  }
  gpu.module @kernels {
    llvm.func @f() attributes {gpu.kernel} {
      llvm.return
    }
  }
}

// -----

module attributes {gpu.container_module} {
  func.func @negative_token(%n: index) {
    // expected-error @below {{'gpu.launch_func' op expected a launch on a stream but got one with tokens}}
    %0 = gpu.launch_func async @kernels::@f blocks in (%n, %n, %n) threads in (%n, %n, %n)
    return
  }
  gpu.module @kernels {
    llvm.func @f() attributes {gpu.kernel} {
      llvm.return
    }
  }
}

// -----

module attributes {gpu.container_module} {
  func.func @negative_index(%n: index) {
    // expected-error @below {{'gpu.launch_func' op expected operands of the LLVM dialect but got 'index'}}
    gpu.launch_func @kernels::@f blocks in (%n, %n, %n) threads in (%n, %n, %n)
    return
  }
  gpu.module @kernels {
    llvm.func @f() attributes {gpu.kernel} {
      llvm.return
    }
  }
}

// -----

module attributes {gpu.container_module} {
  func.func @negative_func(%n: i64) {
    // expected-error @below {{'gpu.launch_func' op expected a launch in an llvm.func}}
    gpu.launch_func @kernels::@f blocks in (%n, %n, %n) threads in (%n, %n, %n) : i64
    return
  }
  gpu.module @kernels {
    llvm.func @f() attributes {gpu.kernel} {
      llvm.return
    }
  }
}

// -----

module attributes {gpu.container_module} {
  // expected-error @below {{'gpu.binary' op expected objects in the format ptx, cubin or hsaco but got assembly for gfx942}}
  gpu.binary @kernels [#gpu.object<#rocdl.target<chip = "gfx942">, assembly = "text">]
}

// -----

module attributes {gpu.container_module} {
  // expected-error @below {{'gpu.binary' op expected objects in the format ptx, cubin or hsaco but got fatbin for sm_80}}
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_80">, "bytes">]
}

// -----

module attributes {gpu.container_module} {
  // expected-error @below {{'gpu.binary' op expected objects for nvvm or rocdl targets but got #spirv.target_env}}
  gpu.binary @kernels [#gpu.object<#spirv.target_env<#spirv.vce<v1.0, [Shader], []>, #spirv.resource_limits<>>, bin = "bytes">]
}

// -----

module attributes {gpu.container_module} {
  // expected-note @below {{it is taken here}}
  llvm.func @posenc_module_kernels()
  // expected-error @below {{expected the symbol @posenc_module_kernels to be free for the runtime}}
  gpu.module @kernels {
  }
}
