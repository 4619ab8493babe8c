// RUN: posenc-opt %s --posenc-decompose-aggregates | FileCheck %s

// CHECK-LABEL: func.func @softmax
// CHECK-NOT: linalg.softmax
// CHECK: linalg.generic
// CHECK: math.exp
// CHECK: arith.divf
func.func @softmax(%x: tensor<3x?xf32>, %e: tensor<3x?xf32>) -> tensor<3x?xf32> {
  %s = linalg.softmax dimension(1) ins(%x : tensor<3x?xf32>) outs(%e : tensor<3x?xf32>) -> tensor<3x?xf32>
  return %s : tensor<3x?xf32>
}

// Buffers are too late for it: the temporaries would have no owner.
// CHECK-LABEL: func.func @negative_buffers
// CHECK: linalg.softmax
func.func @negative_buffers(%x: memref<3x4xf32>, %e: memref<3x4xf32>) {
  linalg.softmax dimension(1) ins(%x : memref<3x4xf32>) outs(%e : memref<3x4xf32>)
  return
}
