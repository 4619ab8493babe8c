// RUN: posenc-opt %s --posenc-cpu-pipeline | FileCheck %s

// The caller's tensors are read only: an update of an argument goes to a new
// buffer, though bufferization could do it in place.

// CHECK-LABEL: llvm.func @update(
// CHECK: llvm.call @malloc
// CHECK: llvm.return
func.func @update(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %r = tensor.insert %one into %x[%c0] : tensor<4xf32>
  return %r : tensor<4xf32>
}
