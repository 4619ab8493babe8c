// RUN: posenc-opt %s --posenc-linalg-to-parallel --cse | FileCheck %s

// CHECK-LABEL: func.func @matmul
// CHECK: scf.parallel (%[[I:.*]], %[[J:.*]]) =
// CHECK: scf.for %[[K:.*]] =
// CHECK-DAG: %[[AI:.*]] = affine.apply {{.*}}(%[[I]])
// CHECK-DAG: %[[AJ:.*]] = affine.apply {{.*}}(%[[J]])
// CHECK-DAG: affine.apply {{.*}}(%[[K]])
// CHECK: memref.store %{{.*}}, %{{.*}}[%[[AI]], %[[AJ]]]
func.func @matmul(%a: memref<?x?xf32>, %b: memref<?x?xf32>, %c: memref<?x?xf32>) {
  linalg.matmul ins(%a, %b : memref<?x?xf32>, memref<?x?xf32>) outs(%c : memref<?x?xf32>)
  return
}

// The parallel dimension comes out, whatever the order.
// CHECK-LABEL: func.func @reduction_outside
// CHECK-NOT: scf.for
// CHECK: scf.parallel
// CHECK: scf.for
func.func @reduction_outside(%x: memref<7x5xf32>, %y: memref<5xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>],
                  iterator_types = ["reduction", "parallel"]}
      ins(%x : memref<7x5xf32>) outs(%y : memref<5xf32>) {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  }
  return
}

// CHECK-LABEL: func.func @sum_of_all
// CHECK: scf.parallel (%{{.*}}) = (%c0{{.*}}) to (%c1{{.*}}) step (%c1{{.*}}) {
// CHECK: scf.for
func.func @sum_of_all(%x: memref<?xf32>, %y: memref<f32>) {
  linalg.reduce ins(%x : memref<?xf32>) outs(%y : memref<f32>) dimensions = [0]
      (%a: f32, %b: f32) {
        %s = arith.addf %a, %b : f32
        linalg.yield %s : f32
      }
  return
}

// CHECK-LABEL: func.func @scalar_fill
// CHECK: scf.parallel
// CHECK-NEXT: memref.store
func.func @scalar_fill(%v: f32, %y: memref<f32>) {
  linalg.fill ins(%v : f32) outs(%y : memref<f32>)
  return
}

// CHECK-LABEL: func.func @strided_copy
// CHECK-NOT: memref.copy
// CHECK: scf.parallel (%[[I:.*]], %[[J:.*]]) =
// CHECK-DAG: %[[AI:.*]] = affine.apply {{.*}}(%[[I]])
// CHECK-DAG: %[[AJ:.*]] = affine.apply {{.*}}(%[[J]])
// CHECK: memref.load %{{.*}}[%[[AI]], %[[AJ]]]
func.func @strided_copy(%x: memref<4x8xf32, strided<[16, 2], offset: ?>>, %y: memref<4x8xf32>) {
  memref.copy %x, %y : memref<4x8xf32, strided<[16, 2], offset: ?>> to memref<4x8xf32>
  return
}

// CHECK-LABEL: func.func @negative_contiguous_copy
// CHECK: memref.copy
func.func @negative_contiguous_copy(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  memref.copy %x, %y : memref<4x8xf32> to memref<4x8xf32>
  return
}
