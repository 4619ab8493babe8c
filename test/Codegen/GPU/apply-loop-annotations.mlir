// RUN: posenc-opt %s --convert-scf-to-cf --convert-cf-to-llvm --convert-arith-to-llvm --convert-func-to-llvm --reconcile-unrealized-casts --posenc-apply-loop-annotations | FileCheck %s

// CHECK: #[[$ANNOTATION:.*]] = #llvm.loop_annotation<unroll = #loop_unroll>
// CHECK-LABEL: llvm.func @loop
// CHECK: llvm.br ^bb1(%{{.*}} : i64, i64) {loop_annotation = #[[$ANNOTATION]]}
func.func @loop(%n: index) -> index {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %c0) -> index {
    %1 = arith.addi %a, %i : index
    scf.yield %1 : index
  } {llvm.loop_annotation = #llvm.loop_annotation<unroll = <disable = true>>}
  return %0 : index
}

// A branch without one stays as it is.

// CHECK-LABEL: llvm.func @negative_plain
// CHECK-NOT: loop_annotation
// CHECK: llvm.return
func.func @negative_plain(%n: index) -> index {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %c0) -> index {
    %1 = arith.addi %a, %i : index
    scf.yield %1 : index
  }
  return %0 : index
}

// The name of a loop becomes a string on its latch.

// CHECK-LABEL: llvm.func @named
// CHECK: llvm.br ^bb1(%{{.*}} : i64, i64) {posenc.loop = "keys"}
func.func @named(%n: index) -> index {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %c0) -> index {
    %1 = arith.addi %a, %i : index
    scf.yield %1 : index
  } {posenc.loop = #llvm.mmra_tag<"loop":"keys">}
  return %0 : index
}
