// RUN: posenc-opt %s --posenc-verify-device-code -split-input-file -verify-diagnostics

gpu.module @ocml {
  // expected-note @below {{declared here, defined nowhere}}
  llvm.func @__ocml_exp_f32(f32) -> f32
  llvm.func @negative_library_call(%x: f32) -> f32 {
    // expected-error @below {{expected device code without outside functions but got a call of '__ocml_exp_f32'}}
    %y = llvm.call @__ocml_exp_f32(%x) : (f32) -> f32
    llvm.return %y : f32
  }
}

// -----

gpu.module @good {
  llvm.func @unused(f32) -> f32
  llvm.func @inside(%x: f32) -> f32 {
    llvm.return %x : f32
  }
  llvm.func @kernel(%x: f32) -> f32 {
    %y = llvm.call @inside(%x) : (f32) -> f32
    llvm.return %y : f32
  }
}
llvm.func @malloc(i64) -> !llvm.ptr
llvm.func @host(%n: i64) -> !llvm.ptr {
  %p = llvm.call @malloc(%n) : (i64) -> !llvm.ptr
  llvm.return %p : !llvm.ptr
}
