// RUN: posenc-opt %s --posenc-emulate=checks=false | FileCheck %s
// RUN: posenc-opt %s --posenc-emulate | mlir-translate --mlir-to-llvmir -o %t
// What LLVM leaves undefined has a result, and flags that promise something are gone.

gpu.module @m [#nvvm.target<chip = "sm_90a">] {
// CHECK-LABEL: llvm.func internal @posenc_emulated_m_flags
// CHECK:         llvm.add %{{.*}}, %{{.*}} : i32
// CHECK:         llvm.trunc %{{.*}} : i32 to i16
// CHECK:         llvm.lshr %{{.*}}, %{{.*}} : i32
// CHECK:         llvm.or %{{.*}}, %{{.*}} : i32
// CHECK:         llvm.zext %{{.*}} : i16 to i32
// CHECK:         llvm.getelementptr %{{.*}}[%{{.*}}] : (!llvm.ptr, i32) -> !llvm.ptr, i8
// CHECK:         "llvm.intr.ctlz"(%{{.*}}) <{is_zero_poison = false}>
// CHECK:         llvm.fmul %{{.*}}, %{{.*}} : f32
  llvm.func @flags(%x: i32, %y: i32, %f: f32, %p: !llvm.ptr) -> i32 {
    %three = llvm.mlir.constant(3 : i32) : i32
    %0 = llvm.add %x, %y overflow<nsw, nuw> : i32
    %1 = llvm.trunc %0 overflow<nsw> : i32 to i16
    %2 = llvm.lshr exact %x, %three : i32
    %3 = llvm.or disjoint %2, %y : i32
    %4 = llvm.zext nneg %1 : i16 to i32
    %5 = llvm.getelementptr inbounds|nuw %p[%3] : (!llvm.ptr, i32) -> !llvm.ptr, i8
    %6 = "llvm.intr.ctlz"(%4) <{is_zero_poison = true}> : (i32) -> i32
    %7 = llvm.fmul %f, %f {fastmathFlags = #llvm.fastmath<nnan>} : f32
    llvm.store %7, %5 : f32, !llvm.ptr
    llvm.return %6 : i32
  }

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_shift
// CHECK:         %[[GOOD:.*]] = llvm.icmp "ult" %[[N:.*]], %{{.*}} : i32
// CHECK:         %[[AMOUNT:.*]] = llvm.select %[[GOOD]], %[[N]], %[[ZERO:.*]] : i1, i32
// CHECK:         %[[SHIFTED:.*]] = llvm.shl %{{.*}}, %[[AMOUNT]] : i32
// CHECK:         %[[RESULT:.*]] = llvm.select %[[GOOD]], %[[SHIFTED]], %[[ZERO]] : i1, i32
// CHECK:         llvm.return %[[RESULT]]
  llvm.func @shift(%x: i32, %n: i32) -> i32 {
    %0 = llvm.shl %x, %n : i32
    llvm.return %0 : i32
  }

// A constant, a mask or a remainder keeps the amount small enough.

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_negative_shift
// CHECK-NOT:     llvm.select
// CHECK:         llvm.return
  llvm.func @negative_shift(%x: i32, %n: i32) -> i32 {
    %four = llvm.mlir.constant(4 : i32) : i32
    %mask = llvm.mlir.constant(31 : i32) : i32
    %size = llvm.mlir.constant(32 : i32) : i32
    %0 = llvm.shl %x, %four : i32
    %1 = llvm.and %n, %mask : i32
    %2 = llvm.lshr %0, %1 : i32
    %3 = llvm.urem %n, %size : i32
    %4 = llvm.ashr %2, %3 : i32
    llvm.return %4 : i32
  }

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_divide
// CHECK:         %[[ISZERO:.*]] = llvm.icmp "eq" %[[Y:.*]], %{{.*}} : i32
// CHECK:         %[[SAFE:.*]] = llvm.select %[[ISZERO]], %{{.*}}, %[[Y]] : i1, i32
// CHECK:         llvm.icmp "eq" %[[X:.*]], %{{.*}} : i32
// CHECK:         llvm.icmp "eq" %[[SAFE]], %{{.*}} : i32
// CHECK:         %[[SAFER:.*]] = llvm.select %{{.*}}, %{{.*}}, %[[SAFE]] : i1, i32
// CHECK:         llvm.sdiv %[[X]], %[[SAFER]] : i32
  llvm.func @divide(%x: i32, %y: i32) -> i32 {
    %0 = llvm.sdiv %x, %y : i32
    llvm.return %0 : i32
  }

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_negative_divide
// CHECK-NOT:     llvm.icmp
// CHECK:         llvm.return
  llvm.func @negative_divide(%x: i32) -> i32 {
    %seven = llvm.mlir.constant(7 : i32) : i32
    %0 = llvm.sdiv %x, %seven : i32
    %1 = llvm.urem %0, %seven : i32
    llvm.return %1 : i32
  }

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_convert
// CHECK:         llvm.call_intrinsic "llvm.fptosi.sat"(%{{.*}}) : (f32) -> i32
// CHECK:         llvm.call_intrinsic "llvm.fptoui.sat"(%{{.*}}) : (vector<2xf32>) -> vector<2xi8>
  llvm.func @convert(%x: f32, %v: vector<2xf32>, %out: !llvm.ptr) {
    %0 = llvm.fptosi %x : f32 to i32
    %1 = llvm.fptoui %v : vector<2xf32> to vector<2xi8>
    llvm.store %0, %out : i32, !llvm.ptr
    llvm.store %1, %out : vector<2xi8>, !llvm.ptr
    llvm.return
  }

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_lanes
// CHECK:         %[[GOOD:.*]] = llvm.icmp "ult" %[[I:.*]], %{{.*}} : i32
// CHECK:         %[[LANE:.*]] = llvm.select %[[GOOD]], %[[I]], %{{.*}} : i1, i32
// CHECK:         llvm.insertelement %{{.*}}, %{{.*}}[%[[LANE]] : i32]
// CHECK:         llvm.extractelement %{{.*}}[%{{.*}} : i32]
// CHECK:         llvm.mlir.zero : f32
  llvm.func @lanes(%v: vector<4xf32>, %i: i32, %x: f32) -> f32 {
    %0 = llvm.insertelement %x, %v[%i : i32] : vector<4xf32>
    %1 = llvm.extractelement %0[%i : i32] : vector<4xf32>
    %2 = llvm.mlir.undef : f32
    %3 = llvm.fadd %1, %2 : f32
    llvm.return %3 : f32
  }
}
