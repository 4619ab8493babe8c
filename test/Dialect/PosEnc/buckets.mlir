// Every kind of bucket and mask, and the optional parts of their ops.
// RUN: posenc-opt %s | posenc-opt | FileCheck %s
// RUN: posenc-opt %s --mlir-print-op-generic | posenc-opt | FileCheck %s
// RUN: posenc-opt %s --emit-bytecode | posenc-opt | FileCheck %s

// CHECK-LABEL: func.func @t5(
// CHECK:         posenc.bias_table %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true, cls = tupe> : tensor<33x4xf32>
func.func @t5(%s: f32, %t: tensor<33x4xf32>, %h: index, %i: index, %j: index) -> f32 {
  %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true, cls = tupe> : tensor<33x4xf32>
  return %1 : f32
}

// CHECK-LABEL: func.func @lut(
// CHECK:         posenc.bias_table %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) bucket <lut, k_minus_q, origin = -1, outside = zero, rows = [2, 0, 1]> : tensor<3x4xf32>
func.func @lut(%s: f32, %t: tensor<3x4xf32>, %h: index, %i: index, %j: index) -> f32 {
  %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <lut, k_minus_q, origin = -1, outside = zero, rows = [2, 0, 1]> : tensor<3x4xf32>
  return %1 : f32
}

// CHECK-LABEL: func.func @deberta(
// CHECK:         posenc.bias_table %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) bucket <deberta, q_minus_k, size = 256, max = 512, rule = huggingface> : tensor<512x4xf32>
func.func @deberta(%s: f32, %t: tensor<512x4xf32>, %h: index, %i: index, %j: index) -> f32 {
  %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <deberta, q_minus_k, size = 256, max = 512, rule = huggingface> : tensor<512x4xf32>
  return %1 : f32
}

// CHECK-LABEL: func.func @deberta_microsoft(
// CHECK:         posenc.bias_table %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) bucket <deberta, k_minus_q, size = 32, max = 128, rule = microsoft> : tensor<64x4xf32>
func.func @deberta_microsoft(%s: f32, %t: tensor<64x4xf32>, %h: index, %i: index, %j: index) -> f32 {
  %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <deberta, k_minus_q, size = 32, max = 128, rule = microsoft> : tensor<64x4xf32>
  return %1 : f32
}

// CHECK-LABEL: func.func @identity(
// CHECK:         posenc.bias_table %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) bucket <identity, q_minus_k, extent = 1024> : tensor<1024x4xf32>
func.func @identity(%s: f32, %t: tensor<1024x4xf32>, %h: index, %i: index, %j: index) -> f32 {
  %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <identity, q_minus_k, extent = 1024> : tensor<1024x4xf32>
  return %1 : f32
}

// CHECK-LABEL: func.func @grid2d(
// CHECK:         posenc.bias_table %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) bucket <grid2d, q_minus_k, height = 7, width = 7> : tensor<169x4xf32>
func.func @grid2d(%s: f32, %t: tensor<169x4xf32>, %h: index, %i: index, %j: index) -> f32 {
  %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <grid2d, q_minus_k, height = 7, width = 7> : tensor<169x4xf32>
  return %1 : f32
}

// CHECK-LABEL: func.func @grid2d_beit(
// CHECK:         posenc.bias_table %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) bucket <grid2d, q_minus_k, height = 14, width = 14, cls = beit> : tensor<732x4xf32>
func.func @grid2d_beit(%s: f32, %t: tensor<732x4xf32>, %h: index, %i: index, %j: index) -> f32 {
  %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <grid2d, q_minus_k, height = 14, width = 14, cls = beit> : tensor<732x4xf32>
  return %1 : f32
}

// CHECK-LABEL: func.func @grid2d_shared(
// CHECK:         posenc.bias_table %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) bucket <grid2d, k_minus_q, height = 2, width = 3, cls = shared> : tensor<16x4xf32>
func.func @grid2d_shared(%s: f32, %t: tensor<16x4xf32>, %h: index, %i: index, %j: index) -> f32 {
  %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <grid2d, k_minus_q, height = 2, width = 3, cls = shared> : tensor<16x4xf32>
  return %1 : f32
}

// CHECK-LABEL: func.func @grid3d(
// CHECK:         posenc.bias_table %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) bucket <grid3d, q_minus_k, depth = 8, height = 7, width = 7> : tensor<2535x4xf32>
func.func @grid3d(%s: f32, %t: tensor<2535x4xf32>, %h: index, %i: index, %j: index) -> f32 {
  %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <grid3d, q_minus_k, depth = 8, height = 7, width = 7> : tensor<2535x4xf32>
  return %1 : f32
}

// CHECK-LABEL: func.func @abs_grid(
// CHECK:         posenc.bias_table %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) bucket <abs_grid, height = 14, width = 14> : tensor<196x4xf32>
func.func @abs_grid(%s: f32, %t: tensor<196x4xf32>, %h: index, %i: index, %j: index) -> f32 {
  %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <abs_grid, height = 14, width = 14> : tensor<196x4xf32>
  return %1 : f32
}

// CHECK-LABEL: func.func @irpe_product(
// CHECK:         posenc.bias_table %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) bucket <irpe, q_minus_k, method = product, height = 14, width = 14, alpha = 1.9, beta = 3.8, gamma = 15.2> : tensor<49x4xf32>
func.func @irpe_product(%s: f32, %t: tensor<49x4xf32>, %h: index, %i: index, %j: index) -> f32 {
  %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <irpe, q_minus_k, method = product, height = 14, width = 14, alpha = 1.9, beta = 3.8, gamma = 15.2> : tensor<49x4xf32>
  return %1 : f32
}

// CHECK-LABEL: func.func @irpe_euclidean(
// CHECK:         posenc.bias_table %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) bucket <irpe, q_minus_k, method = euclidean, height = 14, width = 14, alpha = 20.0, beta = 40.05, gamma = 160.0, cls = shared> : tensor<82x4xf32>
func.func @irpe_euclidean(%s: f32, %t: tensor<82x4xf32>, %h: index, %i: index, %j: index) -> f32 {
  %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <irpe, q_minus_k, method = euclidean, height = 14, width = 14, alpha = 20.0, beta = 40.05, gamma = 160.0, cls = shared> : tensor<82x4xf32>
  return %1 : f32
}

// CHECK-LABEL: func.func @irpe_quant(
// CHECK:         posenc.bias_table %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) bucket <irpe, k_minus_q, method = quant, height = 4, width = 4, alpha = 1.0, beta = 2.0, gamma = 8.0> : tensor<5x4xf32>
func.func @irpe_quant(%s: f32, %t: tensor<5x4xf32>, %h: index, %i: index, %j: index) -> f32 {
  %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <irpe, k_minus_q, method = quant, height = 4, width = 4, alpha = 1.0, beta = 2.0, gamma = 8.0> : tensor<5x4xf32>
  return %1 : f32
}

// CHECK-LABEL: func.func @irpe_rows(
// CHECK:         posenc.bias_table %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) bucket <irpe, q_minus_k, method = rows, height = 4, width = 4, alpha = 1.0, beta = 2.0, gamma = 8.0> : tensor<5x4xf32>
func.func @irpe_rows(%s: f32, %t: tensor<5x4xf32>, %h: index, %i: index, %j: index) -> f32 {
  %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <irpe, q_minus_k, method = rows, height = 4, width = 4, alpha = 1.0, beta = 2.0, gamma = 8.0> : tensor<5x4xf32>
  return %1 : f32
}

// CHECK-LABEL: func.func @irpe_cols(
// CHECK:         posenc.bias_table %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) bucket <irpe, q_minus_k, method = cols, height = 4, width = 4, alpha = 1.0, beta = 2.0, gamma = 8.0> : tensor<5x4xf32>
func.func @irpe_cols(%s: f32, %t: tensor<5x4xf32>, %h: index, %i: index, %j: index) -> f32 {
  %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <irpe, q_minus_k, method = cols, height = 4, width = 4, alpha = 1.0, beta = 2.0, gamma = 8.0> : tensor<5x4xf32>
  return %1 : f32
}

/// A class token that is none is not printed.
// CHECK-LABEL: func.func @no_class_token(
// CHECK:         bucket <grid2d, q_minus_k, height = 2, width = 2> weight(%{{.+}}) : memref<?xbf16>
func.func @no_class_token(%s: f32, %w: f32, %t: memref<?xbf16>, %i: index) -> f32 {
  %1 = posenc.bias_table %s, %t at(%i, %i) bucket <grid2d, q_minus_k, height = 2, width = 2, cls = none> weight(%w) : memref<?xbf16>
  return %1 : f32
}

// CHECK-LABEL: func.func @weighted(
// CHECK-SAME:    f32, %[[W:[a-z0-9]+]]: f32, %{{.+}}: tensor
// CHECK:         bucket <clip, q_minus_k, left = 1, right = 1> weight(%[[W]]) {my.note} : tensor<3x2xf32>
func.func @weighted(%s: f32, %w: f32, %t: tensor<3x2xf32>, %h: index, %i: index, %j: index) -> f32 {
  %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <clip, q_minus_k, left = 1, right = 1> weight(%w) {my.note} : tensor<3x2xf32>
  return %1 : f32
}

// CHECK-LABEL: func.func @masks(
// CHECK-SAME:    %[[P:[a-z0-9]+]]: index)
// CHECK:         posenc.mask %{{.+}} at(%{{.+}}, %{{.+}}) <causal>{{$}}
// CHECK-NEXT:    posenc.mask %{{.+}} at(%{{.+}}, %{{.+}}) <causal>{{$}}
// CHECK-NEXT:    posenc.mask %{{.+}} at(%{{.+}}, %{{.+}}) <causal, offset = 3>{{$}}
// CHECK-NEXT:    posenc.mask %{{.+}} at(%{{.+}}, %{{.+}}) <causal, offset = -1>{{$}}
// CHECK-NEXT:    posenc.mask %{{.+}} at(%{{.+}}, %{{.+}}) <chunked, size = 8192>{{$}}
// CHECK-NEXT:    posenc.mask %{{.+}} at(%{{.+}}, %{{.+}}) <prefix> length(%[[P]]) {my.note}
func.func @masks(%s: f32, %i: index, %j: index, %p: index) -> f32 {
  %1 = posenc.mask %s at(%i, %j) <causal>
  %2 = posenc.mask %1 at(%i, %j) <causal, offset = 0>
  %3 = posenc.mask %2 at(%i, %j) <causal, offset = 3>
  %4 = posenc.mask %3 at(%i, %j) <causal, offset = -1>
  %5 = posenc.mask %4 at(%i, %j) <chunked, size = 8192>
  %6 = posenc.mask %5 at(%i, %j) <prefix> length(%p) {my.note}
  return %6 : f32
}
