// RUN: posenc-opt %s --posenc-cpu-pipeline | FileCheck %s
// RUN: posenc-opt %s --posenc-nvvm-pipeline | FileCheck %s
// RUN: posenc-opt %s --posenc-rocdl-pipeline | FileCheck %s

// A softmax that no attention surrounds has no loops of its own: every pipeline
// decomposes it.

// CHECK: llvm.func @_mlir_ciface_softmax
// CHECK-NOT: unrealized_conversion_cast
func.func @softmax(%x: tensor<?x40xf32>) -> tensor<?x40xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x40xf32>
  %init = tensor.empty(%n) : tensor<?x40xf32>
  %r = linalg.softmax dimension(1) ins(%x : tensor<?x40xf32>) outs(%init : tensor<?x40xf32>) -> tensor<?x40xf32>
  return %r : tensor<?x40xf32>
}
