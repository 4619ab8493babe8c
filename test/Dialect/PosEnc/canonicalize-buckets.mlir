// Folders and patterns of tables of two positions, weights and the masks that are no interval.
// RUN: posenc-opt %s --canonicalize | FileCheck %s

/// Both positions known: one element, times the weight.
// CHECK-LABEL: func.func @known_positions(
// CHECK-SAME:    %[[S:.+]]: f32, %[[W:.+]]: f32, %[[T:.+]]: tensor<38x2xf32>, %[[H:.+]]: index)
// CHECK:         %[[ROW:.+]] = arith.constant 36 : index
// CHECK:         %[[E:.+]] = tensor.extract %[[T]][%[[ROW]], %[[H]]]
// CHECK:         %[[P:.+]] = arith.mulf %[[W]], %[[E]]
// CHECK:         %[[R:.+]] = arith.addf %[[S]], %[[P]]
// CHECK:         return %[[R]]
func.func @known_positions(%s: f32, %w: f32, %t: tensor<38x2xf32>, %h: index) -> f32 {
  %i = arith.constant 3 : index
  %j = arith.constant 0 : index
  %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <grid2d, q_minus_k, height = 3, width = 4, cls = beit> weight(%w) : tensor<38x2xf32>
  return %1 : f32
}

/// A pair without a row adds nothing.
// CHECK-LABEL: func.func @no_row(
// CHECK-SAME:    %[[S:.+]]: f32,
// CHECK-NEXT:    return %[[S]]
func.func @no_row(%s: f32, %t: tensor<4xf32>) -> f32 {
  %i = arith.constant 4 : index
  %j = arith.constant 0 : index
  %1 = posenc.bias_table %s, %t at(%i, %j) bucket <identity, q_minus_k, extent = 4> : tensor<4xf32>
  return %1 : f32
}

/// One position for both says the distance, but not where in a grid it is: a class token has rows of its own.
// CHECK-LABEL: func.func @no_fold_same_position(
// CHECK:         posenc.bias_table
func.func @no_fold_same_position(%s: f32, %t: tensor<16xf32>, %i: index) -> f32 {
  %1 = posenc.bias_table %s, %t at(%i, %i) bucket <grid2d, k_minus_q, height = 2, width = 3, cls = shared> : tensor<16xf32>
  return %1 : f32
}

/// Weights: a table of zeros may be multiplied by infinity, and sums are of two products.
// CHECK-LABEL: func.func @no_fold_weights(
// CHECK-COUNT-3: posenc.bias_table
func.func @no_fold_weights(%s: f32, %w: f32, %i: index, %j: index) -> f32 {
  %zero = arith.constant dense<0.0> : tensor<3xf32>
  %t = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %1 = posenc.bias_table %s, %zero at(%i, %j) bucket <clip, q_minus_k, left = 1, right = 1> weight(%w) : tensor<3xf32>
  %2 = posenc.bias_table %1, %t at(%i, %j) bucket <clip, q_minus_k, left = 1, right = 1> : tensor<3xf32>
  %3 = posenc.bias_table %2, %t at(%i, %j) bucket <clip, q_minus_k, left = 1, right = 1> weight(%w) : tensor<3xf32>
  return %3 : f32
}

/// j <= i - 2 and j <= i + 5; then with a window that ends at i + 1, which shows more.
// CHECK-LABEL: func.func @intersect_offsets(
// CHECK:         posenc.mask %{{.+}} at(%{{.+}}, %{{.+}}) <causal, offset = -2>
// CHECK-NEXT:    return
func.func @intersect_offsets(%s: f32, %i: index, %j: index) -> f32 {
  %1 = posenc.mask %s at(%i, %j) <causal, offset = 5>
  %2 = posenc.mask %1 at(%i, %j) <window, right = 1>
  %3 = posenc.mask %2 at(%i, %j) <causal, offset = -2>
  return %3 : f32
}

/// i - 8 <= j <= i - 2 is no mask that there is.
// CHECK-LABEL: func.func @no_intersect_past(
// CHECK:         posenc.mask %{{.+}} <causal, offset = -2>
// CHECK-NEXT:    posenc.mask %{{.+}} <window, left = 8>
func.func @no_intersect_past(%s: f32, %i: index, %j: index) -> f32 {
  %1 = posenc.mask %s at(%i, %j) <causal, offset = -2>
  %2 = posenc.mask %1 at(%i, %j) <window, left = 8>
  return %2 : f32
}

/// The same chunks twice are one mask; other chunks, and causal, stay.
// CHECK-LABEL: func.func @chunks(
// CHECK:         posenc.mask %{{.+}} <causal>
// CHECK-NEXT:    posenc.mask %{{.+}} <chunked, size = 4>
// CHECK-NEXT:    posenc.mask %{{.+}} <chunked, size = 6>
// CHECK-NEXT:    return
func.func @chunks(%s: f32, %i: index, %j: index) -> f32 {
  %1 = posenc.mask %s at(%i, %j) <causal>
  %2 = posenc.mask %1 at(%i, %j) <chunked, size = 4>
  %3 = posenc.mask %2 at(%i, %j) <chunked, size = 4>
  %4 = posenc.mask %3 at(%i, %j) <chunked, size = 6>
  return %4 : f32
}

/// A key is in its own chunk, and not after itself; a key ahead may be hidden.
// CHECK-LABEL: func.func @own_position(
// CHECK-SAME:    %[[S:.+]]: f32,
// CHECK-NEXT:    %[[HIDDEN:.+]] = arith.constant 0xFF800000 : f32
// CHECK-NEXT:    return %[[S]], %[[HIDDEN]]
func.func @own_position(%s: f32, %i: index, %p: index) -> (f32, f32) {
  %1 = posenc.mask %s at(%i, %i) <chunked, size = 4>
  %2 = posenc.mask %1 at(%i, %i) <prefix> length(%p)
  %3 = posenc.mask %s at(%i, %i) <causal, offset = -1>
  return %2, %3 : f32, f32
}

!o = tensor<1x1x4x8xf32>

/// All keys are in the chunk of all queries: chunks of 8, from position 8 to 15.
// CHECK-LABEL: func.func @one_chunk(
// CHECK-NOT:     posenc.mask
// CHECK:         return
func.func @one_chunk(%init: !o) -> !o {
  %o = arith.constant 8 : index
  %0 = posenc.score_map outs(%init : !o) offsets(q = %o, k = %o) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <chunked, size = 8>
    posenc.yield %1 : f32
  }
  return %0 : !o
}

/// Chunks of 7: the last key is in the next one.
// CHECK-LABEL: func.func @two_chunks(
// CHECK:         posenc.mask
func.func @two_chunks(%init: !o) -> !o {
  %0 = posenc.score_map outs(%init : !o) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <chunked, size = 7>
    posenc.yield %1 : f32
  }
  return %0 : !o
}

/// Every key is at or before every query: the prefix does not matter.
// CHECK-LABEL: func.func @prefix_of_the_past(
// CHECK-NOT:     posenc.mask
// CHECK:         return
func.func @prefix_of_the_past(%p: index, %init: !o) -> !o {
  %o = arith.constant 7 : index
  %0 = posenc.score_map outs(%init : !o) offsets(q = %o) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <prefix> length(%p)
    posenc.yield %1 : f32
  }
  return %0 : !o
}
