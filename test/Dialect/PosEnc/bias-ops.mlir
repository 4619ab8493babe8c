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

// CHECK-LABEL: func.func @mlp(
// CHECK:         posenc.bias_mlp %{{.+}}, (%{{.+}}) [%{{.+}}] layers(%{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}) relu : tensor<1x32xf32>, tensor<32xf32>, tensor<32x8xf32>, tensor<8xf32>
// CHECK:         posenc.bias_mlp %{{.+}}, (%{{.+}}, %{{.+}}) layers(%{{.+}}, %{{.+}}) gelu sigmoid(1.600000e+01) weight(%{{.+}}) {my.note} : tensor<2x?xbf16>, tensor<?x1xbf16>
// CHECK:         posenc.bias_mlp %{{.+}}, (%{{.+}}) [%{{.+}}] layers(%{{.+}}) leaky_relu : memref<1x?xf32>
// CHECK:         posenc.bias_mlp %{{.+}}, (%{{.+}}) [%{{.+}}] layers(%{{.+}}) silu : memref<1x?xf32>
// CHECK:         posenc.bias_mlp %{{.+}}, (%{{.+}}) [%{{.+}}] layers(%{{.+}}) tanh : memref<1x?xf32>
func.func @mlp(%s: f32, %h: index, %x: f32, %w1: tensor<1x32xf32>, %b1: tensor<32xf32>, %w2: tensor<32x8xf32>, %b2: tensor<8xf32>, %u1: tensor<2x?xbf16>, %u2: tensor<?x1xbf16>, %m: memref<1x?xf32>) {
  %0 = posenc.bias_mlp %s, (%x)[%h] layers(%w1, %b1, %w2, %b2) relu : tensor<1x32xf32>, tensor<32xf32>, tensor<32x8xf32>, tensor<8xf32>
  %1 = posenc.bias_mlp %s, (%x, %x) layers(%u1, %u2) gelu sigmoid(16.0) weight(%x) {my.note} : tensor<2x?xbf16>, tensor<?x1xbf16>
  %2 = posenc.bias_mlp %s, (%x)[%h] layers(%m) leaky_relu : memref<1x?xf32>
  %3 = posenc.bias_mlp %s, (%x)[%h] layers(%m) silu : memref<1x?xf32>
  %4 = posenc.bias_mlp %s, (%x)[%h] layers(%m) tanh : memref<1x?xf32>
  return
}

// CHECK-LABEL: func.func @decay_gate(
// CHECK:         posenc.decay_gate %{{.+}} : tensor<2x8x?xf32> -> tensor<2x8x?xf32>
// CHECK:         posenc.decay_gate %{{.+}} logsigmoid axis 1 start(%{{.+}}) : tensor<2x?x8xbf16>, tensor<2xi64> -> tensor<2x?x8xf32>
func.func @decay_gate(%f: tensor<2x8x?xf32>, %x: tensor<2x?x8xbf16>, %n: tensor<2xi64>) -> (tensor<2x8x?xf32>, tensor<2x?x8xf32>) {
  %0 = posenc.decay_gate %f : tensor<2x8x?xf32> -> tensor<2x8x?xf32>
  %1 = posenc.decay_gate %x logsigmoid axis 1 start(%n) : tensor<2x?x8xbf16>, tensor<2xi64> -> tensor<2x?x8xf32>
  return %0, %1 : tensor<2x8x?xf32>, tensor<2x?x8xf32>
}
