// RUN: posenc-opt %s --posenc-emulate="checks=false statistics=true" | FileCheck %s
// One call per block and class with the scalars that it computes, and one per trip.

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_kernel
// CHECK-SAME:      (%[[T:.*]]: !llvm.ptr,
// CHECK-DAG:     %[[FMA:.*]] = llvm.mlir.constant(0 : i32) : i32
// CHECK-DAG:     %[[EXP:.*]] = llvm.mlir.constant(1 : i32) : i32
// CHECK-DAG:     %[[FLOAT:.*]] = llvm.mlir.constant(2 : i32) : i32
// CHECK-DAG:     %[[INTEGER:.*]] = llvm.mlir.constant(3 : i32) : i32
// CHECK-DAG:     %[[ONE:.*]] = llvm.mlir.constant(1 : i64) : i64
// CHECK-DAG:     %[[TWO:.*]] = llvm.mlir.constant(2 : i64) : i64
// CHECK-DAG:     %[[FOUR:.*]] = llvm.mlir.constant(4 : i64) : i64
// CHECK:         llvm.br ^[[LOOP:.*]](
// CHECK:         llvm.call %[[COUNT:.*]](%[[T]], %[[FMA]], %[[FOUR]]) : !llvm.ptr, (!llvm.ptr, i32, i64) -> ()
// CHECK:         llvm.call %[[COUNT]](%[[T]], %[[EXP]], %[[ONE]])
// CHECK:         llvm.call %[[COUNT]](%[[T]], %[[FLOAT]], %[[TWO]])
// CHECK:         llvm.call %[[COUNT]](%[[T]], %[[INTEGER]], %[[TWO]])
// CHECK:         llvm.call %{{.*}}(%[[T]], %{{.*}}) : !llvm.ptr, (!llvm.ptr, i32) -> ()
// CHECK-NEXT:    llvm.cond_br %{{.*}}, ^[[LOOP]](
// CHECK-NOT:     posenc.loop
// CHECK:         llvm.return
// CHECK:       .strings({{.*}}llvm.cond_br\00{{[^\\]*}}emulate-statistics.mlir:{{[0-9]+}}:5\00loop=keys\00
gpu.module @m [#nvvm.target<chip = "sm_90a">] {
  llvm.func @kernel(%v: vector<4xf32>, %x: f32, %n: i32) attributes {nvvm.kernel} {
    %one = llvm.mlir.constant(1 : i32) : i32
    llvm.br ^loop(%n : i32)
  ^loop(%i: i32):
    %0 = llvm.intr.fma(%v, %v, %v) : (vector<4xf32>, vector<4xf32>, vector<4xf32>) -> vector<4xf32>
    %1 = llvm.intr.exp2(%x) : (f32) -> f32
    %2 = llvm.fadd %1, %x : f32
    %3 = llvm.intr.maxnum(%2, %x) : (f32, f32) -> f32
    %4 = llvm.sub %i, %one : i32
    %5 = llvm.icmp "sgt" %4, %one : i32
    llvm.cond_br %5, ^loop(%4 : i32), ^done {posenc.loop = "keys"}
  ^done:
    llvm.return
  }
}
