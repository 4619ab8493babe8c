// RUN: posenc-opt %s --posenc-expand-buckets -split-input-file | FileCheck %s
// RUN: posenc-opt %s --posenc-expand-buckets=max-rows=16 -split-input-file | FileCheck %s --check-prefix=SMALL

/// Two layers share one table: it is expanded once, where it is defined.
// CHECK-LABEL: func.func @t5_shared(
// CHECK-SAME:    %[[TABLE:[a-z0-9]+]]: tensor<32x?xbf16>
// CHECK-COUNT-1: linalg.generic
// CHECK:           tensor.extract %[[TABLE]]
// CHECK-NOT:     linalg.generic
// CHECK:         posenc.attention
// CHECK:           bucket <clip, k_minus_q, left = 91, right = 91> : tensor<183x?xbf16>
// CHECK:         posenc.attention
// CHECK:           bucket <clip, k_minus_q, left = 91, right = 91> : tensor<183x?xbf16>
// SMALL-LABEL: func.func @t5_shared(
// SMALL-NOT:     linalg.generic
// SMALL:         bucket <t5,
func.func @t5_shared(%table: tensor<32x?xbf16>, %q: tensor<1x2x8x4xf32>, %init: tensor<1x2x8x4xf32>) -> tensor<1x2x8x4xf32> {
  %0 = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>) outs(%init : tensor<1x2x8x4xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32x?xbf16>
    posenc.yield %t : f32
  }
  %1 = posenc.attention scale(1.0) ins(%0, %0, %0 : tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>) outs(%init : tensor<1x2x8x4xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32x?xbf16>
    posenc.yield %t : f32
  }
  return %1 : tensor<1x2x8x4xf32>
}

// -----

/// A causal T5 table reads no future keys: right = 0. A table without heads.
// CHECK-LABEL: func.func @t5_causal(
// CHECK:         linalg.generic
// CHECK:         bucket <clip, q_minus_k, left = 113, right = 0> : tensor<114xf32>
func.func @t5_causal(%table: tensor<32xf32>, %init: tensor<1x1x8x8xf32>) -> tensor<1x1x8x8xf32> {
  %0 = posenc.score_map outs(%init : tensor<1x1x8x8xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.bias_table %s, %table at(%i, %j) bucket <t5, q_minus_k, num_buckets = 32, max_distance = 128, bidirectional = false> : tensor<32xf32>
    posenc.yield %t : f32
  }
  return %0 : tensor<1x1x8x8xf32>
}

// -----

/// A constant table is expanded now. Distances 2, 3, 4 read rows 2, 0, 1.
// CHECK-LABEL: func.func @lut_constant(
// CHECK-NOT:     linalg.generic
// CHECK:         %[[T:.+]] = arith.constant dense<{{\[}}[5.000000e+00, 6.000000e+00], [1.000000e+00, 2.000000e+00], [3.000000e+00, 4.000000e+00]]> : tensor<3x2xf16>
// CHECK:         posenc.bias_table %{{.+}}, %[[T]][%{{.+}}] at(%{{.+}}) bucket <clip, q_minus_k, left = -2, right = 4>
// SMALL-LABEL: func.func @lut_constant(
// SMALL:         left = -2, right = 4
func.func @lut_constant(%init: tensor<1x2x8x8xf32>) -> tensor<1x2x8x8xf32> {
  %table = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf16>
  %0 = posenc.score_map outs(%init : tensor<1x2x8x8xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <lut, q_minus_k, origin = 2, outside = clamp, rows = [2, 0, 1]> : tensor<3x2xf16>
    posenc.yield %t : f32
  }
  return %0 : tensor<1x2x8x8xf32>
}

// -----

/// A table whose rows are only known at run time is read no earlier than
/// attention itself.
// CHECK-LABEL: func.func @dynamic_rows(
// CHECK:         scf.if
// CHECK:           linalg.generic
// CHECK:           posenc.score_map
// CHECK:             bucket <clip, q_minus_k, left = 0, right = 1> : tensor<2xf32>
func.func @dynamic_rows(%c: i1, %table: tensor<?xf32>, %init: tensor<1x2x8x8xf32>) -> tensor<1x2x8x8xf32> {
  %r = scf.if %c -> tensor<1x2x8x8xf32> {
    %0 = posenc.score_map outs(%init : tensor<1x2x8x8xf32>) score(%s, %b, %h, %m, %n) {
      %i = posenc.q_pos : index
      %j = posenc.k_pos : index
      %t = posenc.bias_table %s, %table at(%i, %j) bucket <lut, q_minus_k, origin = 0, outside = clamp, rows = [0, 5]> : tensor<?xf32>
      posenc.yield %t : f32
    }
    scf.yield %0 : tensor<1x2x8x8xf32>
  } else {
    scf.yield %init : tensor<1x2x8x8xf32>
  }
  return %r : tensor<1x2x8x8xf32>
}

// -----

/// Left alone: a clip bucket, a table that the region itself makes, a table
/// on a memref, a distance range that no table can hold.
// CHECK-LABEL: func.func @negative_left_alone(
// CHECK-NOT:     linalg.generic
// CHECK:         bucket <clip, q_minus_k, left = 1, right = 1>
// CHECK:         bucket <lut
// CHECK:         bucket <t5, k_minus_q, num_buckets = 8, max_distance = 2000000000
// CHECK:         bucket <lut
func.func @negative_left_alone(%table: tensor<3xf32>, %t8: tensor<8xf32>, %init: tensor<1x2x8x8xf32>, %mem: memref<1x2x8x8xf32>, %tm: memref<3xf32>) -> tensor<1x2x8x8xf32> {
  %0 = posenc.score_map outs(%init : tensor<1x2x8x8xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %table at(%i, %j) bucket <clip, q_minus_k, left = 1, right = 1> : tensor<3xf32>
    %own = tensor.from_elements %s, %s, %s : tensor<3xf32>
    %2 = posenc.bias_table %1, %own at(%i, %j) bucket <lut, q_minus_k, origin = 0, outside = clamp, rows = [0, 2]> : tensor<3xf32>
    %3 = posenc.bias_table %2, %t8 at(%i, %j) bucket <t5, k_minus_q, num_buckets = 8, max_distance = 2000000000, bidirectional = true> : tensor<8xf32>
    posenc.yield %3 : f32
  }
  posenc.score_map outs(%mem : memref<1x2x8x8xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %tm at(%i, %j) bucket <lut, q_minus_k, origin = 0, outside = clamp, rows = [0, 2]> : memref<3xf32>
    posenc.yield %1 : f32
  }
  return %0 : tensor<1x2x8x8xf32>
}

// -----

/// DeBERTa: transformers reads row 0 from -max on; up to size - 1 ahead.
// CHECK-LABEL: func.func @deberta(
// CHECK:         linalg.generic
// CHECK:         bucket <clip, q_minus_k, left = 128, right = 111> : tensor<240x2xf32>
func.func @deberta(%table: tensor<64x2xf32>, %init: tensor<1x2x8x8xf32>) -> tensor<1x2x8x8xf32> {
  %0 = posenc.score_map outs(%init : tensor<1x2x8x8xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <deberta, q_minus_k, size = 32, max = 128, rule = huggingface> : tensor<64x2xf32>
    posenc.yield %t : f32
  }
  return %0 : tensor<1x2x8x8xf32>
}

// -----

/// Distances without a row are a row of zeros on either side, under the same weight.
// CHECK-LABEL: func.func @identity(
// CHECK:         %[[T:.+]] = arith.constant dense<[0.000000e+00, 1.000000e+00, 2.000000e+00, 0.000000e+00]> : tensor<4xf32>
// CHECK:         posenc.bias_table %{{.+}}, %[[T]] at(%{{.+}}) bucket <clip, q_minus_k, left = 1, right = 2> weight(%{{.+}}) : tensor<4xf32>
// CHECK-LABEL: func.func @identity_code(
// CHECK:         linalg.generic
// CHECK:           %[[E:.+]] = tensor.extract
// CHECK:           arith.select %{{.+}}, %[[E]], %{{.+}} : f32
// CHECK:         bucket <clip, q_minus_k, left = 1, right = 2>
func.func @identity(%w: f32, %init: tensor<1x2x8x8xf32>) -> tensor<1x2x8x8xf32> {
  %table = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = posenc.score_map outs(%init : tensor<1x2x8x8xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.bias_table %s, %table at(%i, %j) bucket <identity, q_minus_k, extent = 2> weight(%w) : tensor<2xf32>
    posenc.yield %t : f32
  }
  return %0 : tensor<1x2x8x8xf32>
}
func.func @identity_code(%table: tensor<2xf32>, %init: tensor<1x2x8x8xf32>) -> tensor<1x2x8x8xf32> {
  %0 = posenc.score_map outs(%init : tensor<1x2x8x8xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.bias_table %s, %table at(%i, %j) bucket <identity, q_minus_k, extent = 2> : tensor<2xf32>
    posenc.yield %t : f32
  }
  return %0 : tensor<1x2x8x8xf32>
}

// -----

/// Trap D.2: row n/2, which T5 never gives, is that of TUPE's class token. A table over distances would lose it, and
/// what stands in a grid is no matter of distance.
// CHECK-LABEL: func.func @negative_class_token(
// CHECK-NOT:     linalg.generic
// CHECK:         bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true, cls = tupe> : tensor<33xf32>
// CHECK:         bucket <grid2d,
func.func @negative_class_token(%table: tensor<33xf32>, %grid: tensor<9xf32>, %init: tensor<1x2x8x8xf32>) -> tensor<1x2x8x8xf32> {
  %0 = posenc.score_map outs(%init : tensor<1x2x8x8xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.bias_table %s, %table at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true, cls = tupe> : tensor<33xf32>
    %u = posenc.bias_table %t, %grid at(%i, %j) bucket <grid2d, q_minus_k, height = 2, width = 2> : tensor<9xf32>
    posenc.yield %u : f32
  }
  return %0 : tensor<1x2x8x8xf32>
}
