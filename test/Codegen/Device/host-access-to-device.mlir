// RUN: posenc-opt %s --posenc-host-access-to-device | FileCheck %s

/// A running sum: its loop becomes one iteration on the device, the sum itself
/// comes back through a cell.
// CHECK-LABEL: func.func @serial_loop
// CHECK: %[[HOST:.*]] = memref.alloca() : memref<f32>
// CHECK: %[[CELL:.*]] = memref.alloc() : memref<f32>
// CHECK: scf.parallel
// CHECK:   %[[R:.*]] = scf.for
// CHECK:   memref.store %[[R]], %[[CELL]][]
// CHECK: gpu.memcpy %[[HOST]], %[[CELL]]
// CHECK: memref.dealloc %[[CELL]]
// CHECK: %[[V:.*]] = memref.load %[[HOST]][]
// CHECK: return %[[V]]
func.func @serial_loop(%x: memref<?xf32>, %n: index) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%s = %zero) -> f32 {
    %v = memref.load %x[%i] : memref<?xf32>
    %t = arith.addf %s, %v : f32
    memref.store %t, %x[%i] : memref<?xf32>
    scf.yield %t : f32
  }
  return %r : f32
}

// CHECK-LABEL: func.func @store
// CHECK: scf.parallel
// CHECK-NEXT: memref.store
func.func @store(%x: memref<4xf32>, %v: f32) {
  %c1 = arith.constant 1 : index
  memref.store %v, %x[%c1] : memref<4xf32>
  return
}

// CHECK-LABEL: func.func @load_for_a_branch
// CHECK: scf.parallel
// CHECK: memref.load %arg0
// CHECK: gpu.memcpy
// CHECK: %[[B:.*]] = memref.load %{{.*}}[] : memref<i1>
// CHECK: scf.if %[[B]]
func.func @load_for_a_branch(%x: memref<i1>, %y: memref<4xf32>, %v: f32) {
  %b = memref.load %x[] : memref<i1>
  scf.if %b {
    %c1 = arith.constant 1 : index
    memref.store %v, %y[%c1] : memref<4xf32>
  }
  return
}

/// The shape that only the host writes and reads stays there.
// CHECK-LABEL: func.func @negative_shape_on_host
// CHECK-NOT: scf.parallel
// CHECK: return
func.func @negative_shape_on_host(%x: memref<?xf32>, %m: index, %n: index) -> memref<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s = memref.alloc() : memref<2xindex>
  memref.store %m, %s[%c0] : memref<2xindex>
  memref.store %n, %s[%c1] : memref<2xindex>
  %r = memref.reshape %x(%s) : (memref<?xf32>, memref<2xindex>) -> memref<?x?xf32>
  return %r : memref<?x?xf32>
}

// CHECK-LABEL: func.func @shape_on_device
// CHECK: %[[S:.*]] = memref.alloc(%{{.*}}) : memref<?xi64>
// CHECK: gpu.memcpy %[[S]], %arg1
// CHECK: memref.reshape %arg0(%[[S]])
// CHECK: memref.dealloc %[[S]]
func.func @shape_on_device(%x: memref<?xf32>, %s: memref<?xi64>) {
  %r = memref.reshape %x(%s) : (memref<?xf32>, memref<?xi64>) -> memref<*xf32>
  return
}

/// The loop moves a host buffer to the device, so the store before it follows.
// CHECK-LABEL: func.func @rounds
// CHECK: scf.parallel
// CHECK-NEXT: memref.store
// CHECK: scf.parallel
// CHECK-NEXT: scf.for
func.func @rounds(%x: memref<4xf32>, %v: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %t = memref.alloc() : memref<f32>
  memref.store %v, %t[] : memref<f32>
  scf.for %i = %c0 to %c4 step %c1 {
    %w = memref.load %t[] : memref<f32>
    memref.store %w, %x[%i] : memref<4xf32>
  }
  memref.dealloc %t : memref<f32>
  return
}

/// A loop that launches stays on the host.
// CHECK-LABEL: func.func @negative_control_loop
// CHECK: scf.for
// CHECK-NEXT: scf.parallel
func.func @negative_control_loop(%x: memref<4xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.for %i = %c0 to %n step %c1 {
    scf.parallel (%j) = (%c0) to (%c4) step (%c1) {
      %v = memref.load %x[%j] : memref<4xf32>
      memref.store %v, %x[%j] : memref<4xf32>
    }
  }
  return
}

// CHECK-LABEL: func.func @parallel_reduction
// CHECK: scf.parallel
// CHECK: scf.for
// CHECK: arith.mulf
func.func @parallel_reduction(%x: memref<4xf32>, %init: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
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

/// Buffers of a private function are where its callers have them.
// CHECK-LABEL: func.func private @negative_helper_on_host
// CHECK-NOT: scf.parallel
// CHECK: return
func.func private @negative_helper_on_host(%s: memref<2xindex>, %m: index) {
  %c0 = arith.constant 0 : index
  memref.store %m, %s[%c0] : memref<2xindex>
  return
}
func.func @calls_helper(%m: index) -> index {
  %c0 = arith.constant 0 : index
  %s = memref.alloca() : memref<2xindex>
  call @negative_helper_on_host(%s, %m) : (memref<2xindex>, index) -> ()
  %r = memref.load %s[%c0] : memref<2xindex>
  return %r : index
}
