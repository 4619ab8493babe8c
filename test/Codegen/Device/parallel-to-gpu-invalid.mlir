// RUN: posenc-opt %s --pass-pipeline="builtin.module(func.func(posenc-parallel-to-gpu))" -verify-diagnostics
// RUN: not posenc-opt %s --pass-pipeline="builtin.module(func.func(posenc-parallel-to-gpu{block-size=2000}))" 2>&1 | FileCheck %s

// CHECK: error: expected a block-size of 1 to 1024 but got 2000
func.func @negative_reduction(%x: memref<4xf32>, %init: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  // expected-error @below {{'scf.parallel' op expected a parallel loop without reductions}}
  %r = scf.parallel (%i) = (%c0) to (%c4) step (%c1) init(%init) -> f32 {
    %v = memref.load %x[%i] : memref<4xf32>
    scf.reduce(%v : f32) {
    ^bb0(%a: f32, %b: f32):
      %m = arith.mulf %a, %b : f32
      scf.reduce.return %m : f32
    }
  }
  return %r : f32
}
