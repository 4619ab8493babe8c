// RUN: posenc-opt --pass-pipeline="builtin.module(func.func(posenc-expand-copies))" %s | FileCheck %s

// CHECK-LABEL: func @strided
//   CHECK-NOT:   memref.copy
//       CHECK:   linalg.copy
func.func @strided(%a: memref<4x8xf32, strided<[16, 1]>>, %b: memref<4x8xf32>) {
  memref.copy %a, %b : memref<4x8xf32, strided<[16, 1]>> to memref<4x8xf32>
  return
}

// CHECK-LABEL: func @contiguous_stays
//       CHECK:   memref.copy
func.func @contiguous_stays(%a: memref<?x8xf32>, %b: memref<?x8xf32>) {
  memref.copy %a, %b : memref<?x8xf32> to memref<?x8xf32>
  return
}
