// RUN: posenc-opt %s --pass-pipeline="builtin.module(func.func(posenc-assert-to-flag))" | FileCheck %s

/// What follows an assertion runs only if it holds; the earliest message wins.
// CHECK-LABEL: func.func @two_messages
// CHECK: %[[HOST:.*]] = memref.alloca() : memref<i32>
// CHECK: %[[FLAG:.*]] = memref.alloc() : memref<i32>
// CHECK: gpu.memset %[[FLAG]], %c-1_i32
// CHECK: scf.parallel
// CHECK:   scf.if %{{.*}} {
// CHECK:     scf.if %{{.*}} {
// CHECK:       memref.load %arg1
// CHECK:     } else {
// CHECK:       %[[C1:.*]] = arith.constant 1 : i32
// CHECK:       memref.atomic_rmw minu %[[C1]], %[[FLAG]][]
// CHECK:   } else {
// CHECK:     %[[C0:.*]] = arith.constant 0 : i32
// CHECK:     memref.atomic_rmw minu %[[C0]], %[[FLAG]][]
// CHECK: gpu.memcpy %[[HOST]], %[[FLAG]]
// CHECK: memref.dealloc %[[FLAG]]
// CHECK: %[[CODE:.*]] = memref.load %[[HOST]][]
// CHECK: %[[OK:.*]] = arith.cmpi ne, %[[CODE]], %{{.*}} : i32
// CHECK: cf.assert %[[OK]], "index is negative"
// CHECK: cf.assert %{{.*}}, "index out of range"
// CHECK: return
func.func @two_messages(%i: memref<3xindex>, %x: memref<8xf32>, %y: memref<3xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c8 = arith.constant 8 : index
  scf.parallel (%j) = (%c0) to (%c3) step (%c1) {
    %k = memref.load %i[%j] : memref<3xindex>
    %a = arith.cmpi sge, %k, %c0 : index
    cf.assert %a, "index is negative"
    %b = arith.cmpi slt, %k, %c8 : index
    cf.assert %b, "index out of range"
    %v = memref.load %x[%k] : memref<8xf32>
    memref.store %v, %y[%j] : memref<3xf32>
  }
  return
}

/// A value that the block yields is zero where the assertion failed.
// CHECK-LABEL: func.func @in_a_reduction
// CHECK: scf.for
// CHECK: %[[R:.*]] = scf.if %{{.*}} -> (f32) {
// CHECK:   scf.yield %{{.*}} : f32
// CHECK: } else {
// CHECK:   memref.atomic_rmw
// CHECK:   %[[Z:.*]] = arith.constant 0.000000e+00 : f32
// CHECK:   scf.yield %[[Z]] : f32
// CHECK: scf.yield %[[R]] : f32
func.func @in_a_reduction(%x: memref<8xf32>, %b: i1, %z: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.parallel (%j) = (%c0) to (%c1) step (%c1) {
    %r = scf.for %k = %c0 to %c8 step %c1 iter_args(%s = %z) -> f32 {
      cf.assert %b, "no"
      %v = memref.load %x[%k] : memref<8xf32>
      %t = arith.addf %s, %v : f32
      scf.yield %t : f32
    }
    memref.store %r, %x[%j] : memref<8xf32>
  }
  return
}

/// The same text twice is one message.
// CHECK-LABEL: func.func @one_message
// CHECK-COUNT-1: cf.assert
// CHECK-NOT: cf.assert
func.func @one_message(%a: i1, %b: i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%j) = (%c0) to (%c1) step (%c1) {
    cf.assert %a, "no"
    cf.assert %b, "no"
  }
  return
}

// CHECK-LABEL: func.func @negative_on_host
// CHECK-NEXT: cf.assert
// CHECK-NEXT: return
func.func @negative_on_host(%a: i1) {
  cf.assert %a, "no"
  return
}
