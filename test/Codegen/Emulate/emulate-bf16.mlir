// RUN: posenc-opt %s --posenc-emulate=checks=false | FileCheck %s
// RUN: posenc-opt %s --posenc-emulate | mlir-translate --mlir-to-llvmir -o %t
// bf16 is an i16 that is widened where it is computed with. No conversion calls a function.

gpu.module @m [#nvvm.target<chip = "sm_90a">] {
// CHECK-LABEL: llvm.func internal @posenc_emulated_m_convert
// CHECK-SAME:    %[[X:.*]]: i16, %[[Y:.*]]: vector<2xf32>) -> vector<2xi16>
// CHECK:         %[[WIDE:.*]] = llvm.zext %{{.*}} : i16 to i32
// CHECK:         %[[UP:.*]] = llvm.shl %[[WIDE]], %{{.*}} : i32
// CHECK:         llvm.bitcast %[[UP]] : i32 to f32
// CHECK:         llvm.fcmp "uno" %[[Y]], %[[Y]] : vector<2xf32>
// CHECK:         llvm.trunc %{{.*}} : vector<2xi32> to vector<2xi16>
// CHECK-NOT:     bf16
  llvm.func @convert(%x: bf16, %y: vector<2xf32>) -> vector<2xbf16> {
    %0 = llvm.fpext %x : bf16 to f32
    %1 = llvm.mlir.constant(0 : i32) : i32
    %2 = llvm.insertelement %0, %y[%1 : i32] : vector<2xf32>
    %3 = llvm.fptrunc %y : vector<2xf32> to vector<2xbf16>
    %4 = llvm.fptrunc %2 : vector<2xf32> to vector<2xbf16>
    %5 = llvm.shufflevector %3, %4 [0, 2] : vector<2xbf16>
    llvm.return %5 : vector<2xbf16>
  }

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_compute
// CHECK:         llvm.fadd %{{.*}}, %{{.*}} : f32
// CHECK:         llvm.intr.fma(%{{.*}}, %{{.*}}, %{{.*}}) : (f64, f64, f64) -> f64
// An f64 is rounded to odd first.
// CHECK:         llvm.fptrunc %{{.*}} : f64 to f32
// CHECK:         llvm.fcmp "one" %{{.*}}, %{{.*}} : f64
// CHECK:         llvm.fcmp "olt" %{{.*}}, %{{.*}} : f32
// CHECK:         llvm.sitofp %{{.*}} : i32 to f32
// CHECK-NOT:     bf16
// CHECK:         llvm.return
  llvm.func @compute(%x: bf16, %y: bf16, %i: i32, %out: !llvm.ptr) -> i1 {
    %one = llvm.mlir.constant(1.0 : bf16) : bf16
    %0 = llvm.fadd %x, %one : bf16
    %1 = llvm.intr.fma(%0, %x, %y) : (bf16, bf16, bf16) -> bf16
    %2 = llvm.fcmp "olt" %1, %y : bf16
    %3 = llvm.sitofp %i : i32 to bf16
    llvm.store %3, %out : bf16, !llvm.ptr
    llvm.return %2 : i1
  }
}
