// RUN: posenc-opt --pass-pipeline="builtin.module(func.func(posenc-shape-parallel-loops))" %s | FileCheck %s
// RUN: posenc-opt --pass-pipeline="builtin.module(func.func(posenc-shape-parallel-loops{min-work=0}))" %s | FileCheck %s --check-prefix=EAGER

// The last dimension is a plain loop for the vector unit, and so is what is nested.
// CHECK-LABEL: func @large
//       CHECK:   scf.parallel (%[[I:.*]]) = (%{{.*}}) to (%c128)
//       CHECK:     scf.for %[[J:.*]] = %{{.*}} to %c256
//   CHECK-NOT:       scf.parallel
//       CHECK:       scf.for %[[K:.*]] =
//       CHECK:         memref.store %{{.*}}, %{{.*}}[%[[I]], %[[J]]]
func.func @large(%m: memref<128x256xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  %c256 = arith.constant 256 : index
  scf.parallel (%i, %j) = (%c0, %c0) to (%c128, %c256) step (%c1, %c1) {
    scf.parallel (%k) = (%c0) to (%c4) step (%c1) {
      memref.store %x, %m[%i, %j] : memref<128x256xf32>
    }
  }
  return
}

// Four elements are not worth a thread.
// CHECK-LABEL: func @small
//   CHECK-NOT:   scf.parallel
// EAGER-LABEL: func @small
//       EAGER:   scf.parallel
func.func @small(%m: memref<4xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    memref.store %x, %m[%i] : memref<4xf32>
  }
  return
}

// Unknown extents get threads, in both dimensions.
// CHECK-LABEL: func @dynamic
//       CHECK:   scf.parallel (%{{.*}}, %{{.*}}) =
//   CHECK-NOT:   scf.for
//       CHECK:   return
func.func @dynamic(%m: memref<?x?xf32>, %x: f32, %a: index, %b: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i, %j) = (%c0, %c0) to (%a, %b) step (%c1, %c1) {
    memref.store %x, %m[%i, %j] : memref<?x?xf32>
  }
  return
}

// CHECK-LABEL: func @negative_reduction
//       CHECK:   scf.parallel {{.*}} init
func.func @negative_reduction(%m: memref<4xf32>, %x: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %r = scf.parallel (%i) = (%c0) to (%c4) step (%c1) init (%x) -> f32 {
    %v = memref.load %m[%i] : memref<4xf32>
    scf.reduce(%v : f32) {
    ^bb0(%a: f32, %b: f32):
      %s = arith.addf %a, %b : f32
      scf.reduce.return %s : f32
    }
  }
  return %r : f32
}
