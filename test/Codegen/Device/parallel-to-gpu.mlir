// RUN: posenc-opt %s --pass-pipeline="builtin.module(func.func(posenc-parallel-to-gpu,cse))" | FileCheck %s
// RUN: posenc-opt %s --pass-pipeline="builtin.module(func.func(posenc-parallel-to-gpu{block-size=64},cse))" | FileCheck %s --check-prefix=SIZE

/// 6000 iterations are 24 blocks of 256.
// CHECK-LABEL: func.func @static
// CHECK-DAG: %[[GRID:.*]] = arith.constant 24 : index
// CHECK-DAG: %[[BLOCK:.*]] = arith.constant 256 : index
// CHECK: gpu.launch blocks(%[[BX:.*]], %{{.*}}, %{{.*}}) in (%{{.*}} = %[[GRID]], {{.*}}) threads(%[[TX:.*]], %{{.*}}, %{{.*}}) in (%{{.*}} = %[[BLOCK]],
// CHECK: %[[BASE:.*]] = arith.muli %[[BX]], %[[BLOCK]]
// CHECK: %[[ID:.*]] = arith.addi %[[BASE]], %[[TX]]
// CHECK: %[[IN:.*]] = arith.cmpi ult, %[[ID]], %{{.*}}
// CHECK: scf.if %[[IN]]
// CHECK: %[[J:.*]] = arith.remui %[[ID]], %{{.*}}
// CHECK: memref.store %{{.*}}[%{{.*}}, %{{.*}}]
// SIZE-LABEL: func.func @static
// SIZE: arith.constant 64 : index
// SIZE: arith.constant 94 : index
func.func @static(%x: memref<100x60xf32>, %v: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c60 = arith.constant 60 : index
  %c100 = arith.constant 100 : index
  scf.parallel (%i, %j) = (%c0, %c0) to (%c100, %c60) step (%c1, %c1) {
    memref.store %v, %x[%i, %j] : memref<100x60xf32>
  }
  return
}

/// Few iterations: as many threads.
// CHECK-LABEL: func.func @one_iteration
// CHECK: %[[ONE:.*]] = arith.constant 1 : index
// CHECK: gpu.launch {{.*}} threads(%{{.*}}, %{{.*}}, %{{.*}}) in (%{{.*}} = %[[N:.*]], %{{.*}} = %{{.*}}, %{{.*}} = %{{.*}})
func.func @one_iteration(%x: memref<f32>, %v: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i) = (%c0) to (%c1) step (%c1) {
    memref.store %v, %x[] : memref<f32>
  }
  return
}

/// Never a grid of nothing, and bounds and steps as they are.
// CHECK-LABEL: func.func @dynamic
// CHECK-SAME: %[[LB:[a-z0-9]*]]: index, %[[UB:[a-z0-9]*]]: index, %[[STEP:[a-z0-9]*]]: index
// CHECK: %[[LEN:.*]] = arith.subi %[[UB]], %[[LB]]
// CHECK: %[[EXT:.*]] = arith.ceildivsi %[[LEN]], %[[STEP]]
// CHECK: %[[POS:.*]] = arith.maxsi %[[EXT]], %{{.*}}
// CHECK: %[[BLOCKS:.*]] = arith.ceildivui %{{.*}}, %{{.*}}
// CHECK: %[[GRID:.*]] = arith.maxui %[[BLOCKS]], %{{.*}}
// CHECK: gpu.launch blocks(%{{.*}}, %{{.*}}, %{{.*}}) in (%{{.*}} = %[[GRID]],
// CHECK: %[[SCALED:.*]] = arith.muli %{{.*}}, %[[STEP]]
// CHECK: %[[I:.*]] = arith.addi %[[SCALED]], %[[LB]]
// CHECK: memref.store %{{.*}}, %{{.*}}[%[[I]]]
func.func @dynamic(%lb: index, %ub: index, %step: index, %x: memref<?xf32>, %v: f32) {
  scf.parallel (%i) = (%lb) to (%ub) step (%step) {
    memref.store %v, %x[%i] : memref<?xf32>
  }
  return
}

// CHECK-LABEL: func.func @nested
// CHECK: gpu.launch
// CHECK-NOT: scf.parallel
// CHECK: scf.for
func.func @nested(%n: index, %x: memref<?x?xf32>, %v: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    scf.parallel (%j) = (%c0) to (%n) step (%c1) {
      memref.store %v, %x[%i, %j] : memref<?x?xf32>
    }
  }
  return
}
