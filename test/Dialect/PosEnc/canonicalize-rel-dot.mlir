// RUN: posenc-opt %s --canonicalize --split-input-file | FileCheck %s

/// DeBERTa: c2p gathers q·Kr at I(i, j), p2c k·Qr at the swapped pair. Both read the same row.
// CHECK-LABEL: func.func @p2c_index_is_c2p_index(
// CHECK:         posenc.rel_dot %{{.+}}, %arg0[%{{.+}}, %{{.+}}, %{{.+}}], %{{.+}}[%{{.+}}] at(%[[I:.+]], %[[J:.+]]) bucket <deberta, q_minus_k, size = 8, max = 16, rule = huggingface>
// CHECK:         posenc.rel_dot %{{.+}}, %arg1[%{{.+}}, %{{.+}}, %{{.+}}], %{{.+}}[%{{.+}}] at(%[[I]], %[[J]]) bucket <deberta, q_minus_k, size = 8, max = 16, rule = huggingface>
func.func @p2c_index_is_c2p_index(%q: tensor<1x2x9x4xf32>, %k: tensor<1x2x9x4xf32>, %kr: tensor<16x2x4xf32>, %qr: tensor<16x2x4xf32>, %init: tensor<1x2x9x4xf32>) -> tensor<1x2x9x4xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<1x2x9x4xf32>, tensor<1x2x9x4xf32>, tensor<1x2x9x4xf32>) outs(%init : tensor<1x2x9x4xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.rel_dot %s, %q[%b, %h, %m], %kr[%h] at(%i, %j) bucket <deberta, q_minus_k, size = 8, max = 16, rule = huggingface> : tensor<1x2x9x4xf32>, tensor<16x2x4xf32>
    %2 = posenc.rel_dot %1, %k[%b, %h, %n], %qr[%h] at(%j, %i) bucket <deberta, k_minus_q, size = 8, max = 16, rule = huggingface> : tensor<1x2x9x4xf32>, tensor<16x2x4xf32>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x2x9x4xf32>
}

// -----

/// What is read at the key's position first is another row where a class token tells them apart,
/// and where both positions are of one side nothing is known.
// CHECK-LABEL: func.func @negative_class_token(
// CHECK:         %[[I:.+]] = posenc.q_pos
// CHECK:         %[[J:.+]] = posenc.k_pos
// CHECK:         posenc.rel_dot %{{.+}} at(%[[J]], %[[I]]) bucket <t5, k_minus_q
// CHECK:         posenc.rel_dot %{{.+}} at(%[[J]], %[[J]]) bucket <clip, k_minus_q
func.func @negative_class_token(%q: tensor<1x2x9x4xf32>, %t5: tensor<9x4xf32>, %t: tensor<5x4xf32>, %init: tensor<1x2x9x4xf32>) -> tensor<1x2x9x4xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x2x9x4xf32>, tensor<1x2x9x4xf32>, tensor<1x2x9x4xf32>) outs(%init : tensor<1x2x9x4xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.rel_dot %s, %q[%b, %h, %m], %t5 at(%j, %i) bucket <t5, k_minus_q, num_buckets = 8, max_distance = 16, bidirectional = true, cls = tupe> : tensor<1x2x9x4xf32>, tensor<9x4xf32>
    %2 = posenc.rel_dot %1, %q[%b, %h, %m], %t at(%j, %j) bucket <clip, k_minus_q, left = 2, right = 2> : tensor<1x2x9x4xf32>, tensor<5x4xf32>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x2x9x4xf32>
}

// -----

// CHECK-LABEL: func.func @zero_table(
// CHECK-NEXT:    return %arg0
func.func @zero_table(%s: f32, %i: index, %x: tensor<4x16xf32>) -> f32 {
  %t = arith.constant dense<0.0> : tensor<17x16xf32>
  %0 = posenc.rel_dot %s, %x[%i], %t row(%i) : tensor<4x16xf32>, tensor<17x16xf32>
  return %0 : f32
}

// -----

/// A weight may be infinite.
// CHECK-LABEL: func.func @negative_zero_table_weight(
// CHECK:         posenc.rel_dot
func.func @negative_zero_table_weight(%s: f32, %i: index, %x: tensor<4x16xf32>) -> f32 {
  %t = arith.constant dense<0.0> : tensor<17x16xf32>
  %0 = posenc.rel_dot %s, %x[%i], %t row(%i) weight(%s) : tensor<4x16xf32>, tensor<17x16xf32>
  return %0 : f32
}
