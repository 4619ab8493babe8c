// bias_lowrank and bias_dense: printed, read and printed again.
// RUN: posenc-opt %s | posenc-opt | FileCheck %s
// RUN: posenc-opt %s --mlir-print-op-generic | posenc-opt | FileCheck %s
// RUN: posenc-opt %s --emit-bytecode | posenc-opt | FileCheck %s

// CHECK-LABEL: func.func @lowrank(
// CHECK:         posenc.bias_lowrank %{{.+}}, %{{.+}}[%{{.+}}, %{{.+}}, %{{.+}}], %{{.+}}[%{{.+}}, %{{.+}}] : tensor<?x?x?x4xf32>, tensor<?x?x4xbf16>
// CHECK:         posenc.bias_lowrank %{{.+}}, %{{.+}}[], %{{.+}}[%{{.+}}] weight(%{{.+}}) {my.note} : tensor<?xf32>, tensor<?x?xf32>
// CHECK:         posenc.bias_lowrank %{{.+}}, %{{.+}}[%{{.+}}], %{{.+}}[%{{.+}}] : memref<?x4xf16>, memref<?x?xf32>
func.func @lowrank(%s: f32, %b: index, %h: index, %m: index, %w: f32, %u: tensor<?x?x?x4xf32>, %v: tensor<?x?x4xbf16>, %x: tensor<?xf32>, %y: tensor<?x?xf32>, %p: memref<?x4xf16>, %q: memref<?x?xf32>) {
  %0 = posenc.bias_lowrank %s, %u[%b, %h, %m], %v[%h, %m] : tensor<?x?x?x4xf32>, tensor<?x?x4xbf16>
  %1 = posenc.bias_lowrank %s, %x[], %y[%h] weight(%w) {my.note} : tensor<?xf32>, tensor<?x?xf32>
  %2 = posenc.bias_lowrank %s, %p[%m], %q[%m] : memref<?x4xf16>, memref<?x?xf32>
  return
}

// CHECK-LABEL: func.func @dense(
// CHECK:         posenc.bias_dense %{{.+}}, %{{.+}}[%{{.+}}, %{{.+}}, %{{.+}}] : tensor<8x?x?xbf16>
// CHECK:         posenc.bias_dense %{{.+}}, %{{.+}}[] multiply weight(%{{.+}}) : tensor<f32>
// CHECK:         posenc.bias_dense %{{.+}}, %{{.+}}[%{{.+}}] weight(%{{.+}}) : memref<?xf16>
func.func @dense(%s: f32, %h: index, %m: index, %w: f32, %pair: tensor<8x?x?xbf16>, %one: tensor<f32>, %p: memref<?xf16>) {
  %0 = posenc.bias_dense %s, %pair[%h, %m, %m] : tensor<8x?x?xbf16>
  %1 = posenc.bias_dense %s, %one[] multiply weight(%w) : tensor<f32>
  %2 = posenc.bias_dense %s, %p[%m] weight(%w) : memref<?xf16>
  return
}
