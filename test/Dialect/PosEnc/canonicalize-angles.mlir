// RUN: posenc-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: func.func @bottom_right(
// CHECK-SAME:    %[[T:.*]]: index, %[[N:.*]]: index)
// CHECK-DAG:     %[[C8:.*]] = arith.constant 8 : index
// CHECK-DAG:     %[[O:.*]] = arith.subi %[[N]], %[[T]] : index
// CHECK-DAG:     posenc.positions size(%[[T]]) offset(%[[O]]) : tensor<?xi64>
// CHECK-DAG:     %[[S:.*]] = arith.subi %[[N]], %[[C8]] : index
// CHECK-DAG:     posenc.positions offset(%[[S]]) : tensor<8xf32>
func.func @bottom_right(%t: index, %n: index) -> (tensor<?xi64>, tensor<8xf32>) {
  %p = posenc.positions size(%t) bottom_right(%n) : tensor<?xi64>
  %q = posenc.positions bottom_right(%n) : tensor<8xf32>
  return %p, %q : tensor<?xi64>, tensor<8xf32>
}

/// Bottom-right positions reach attention as an offset.
// CHECK-LABEL: func.func @attention(
// CHECK:         %[[O:.*]] = arith.subi
// CHECK:         posenc.attention {{.*}} offsets(q = %[[O]])
func.func @attention(%q: tensor<1x1x8x8xf32>, %n: index) -> tensor<1x1x8x8xf32> {
  %p = posenc.positions bottom_right(%n) : tensor<8xi64>
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x1x8x8xf32>, tensor<1x1x8x8xf32>, tensor<1x1x8x8xf32>) outs(%q : tensor<1x1x8x8xf32>) positions(q = %p : tensor<8xi64>) score(%s, %b, %h, %m, %k) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %x = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %x : f32
  }
  return %r : tensor<1x1x8x8xf32>
}

/// Not the first rows of the table.
// CHECK-LABEL: func.func @no_slice(
// CHECK:         posenc.lookup
func.func @no_slice(%table: tensor<16x4xf32>, %n: index) -> tensor<8x4xf32> {
  %p = posenc.positions bottom_right(%n) : tensor<8xi64>
  %r = posenc.lookup %table[%p] clamp : tensor<16x4xf32>, tensor<8xi64> -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}

/// base 10000 and 4 pairs: powers of ten.
// CHECK-LABEL: func.func @frequencies(
// CHECK-DAG:     arith.constant dense<[1.000000e+00, 1.000000e-01, 0.00999999977, 1.000000e-03]> : tensor<4xf32>
// CHECK-DAG:     arith.constant dense<[1.000000e+00, 5.000000e-01]> : tensor<2xf32>
// CHECK-DAG:     arith.constant dense<{{\[}}[1.000000e+00, 1.000000e-01], [0.000000e+00, -1.490116{{[0-9]*}}E-9]]> : tensor<2x2xf32>
// CHECK-DAG:     arith.constant 1.5{{0*}}e+00 : f32
// CHECK-NOT:     posenc.inv_freq
// CHECK:         return
func.func @frequencies() -> (tensor<4xf32>, tensor<2xf32>, tensor<2x2xf32>, f32, tensor<2xf32>) {
  %n = arith.constant 9 : index
  %0 = posenc.inv_freq <default, dim = 8> : tensor<4xf32>
  %1, %m = posenc.inv_freq <longrope, dim = 4, base = 4.0, factor = 2.0, original_length = 8, attention_factor = 1.5, short = [1.0, 1.0], long = [1.0, 1.0]> length(%n) : tensor<2xf32>, f32
  %2 = posenc.inv_freq <endpoint, dim = 4, base = 10.0> : tensor<2x2xf32>
  %3, %m3 = posenc.inv_freq <longrope, dim = 4, base = 4.0, factor = 2.0, original_length = 8, short = [1.0, 9.0], long = [1.0, 1.0]> length(%n) : tensor<2xf32>, f32
  return %0, %1, %2, %m, %3 : tensor<4xf32>, tensor<2xf32>, tensor<2x2xf32>, f32, tensor<2xf32>
}

/// The length decides, and is not known.
// CHECK-LABEL: func.func @no_fold(
// CHECK:         posenc.inv_freq
func.func @no_fold(%n: index) -> tensor<4xf32> {
  %0 = posenc.inv_freq <dynamic_ntk, dim = 8, factor = 2.0, max_position = 2048> length(%n) : tensor<4xf32>
  return %0 : tensor<4xf32>
}
