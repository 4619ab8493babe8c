// RUN: posenc-opt %s --canonicalize -split-input-file | FileCheck %s

!o = tensor<1x2x8x8xf32>

//===----------------------------------------------------------------------===//
// bias_table
//===----------------------------------------------------------------------===//

/// One position for both, or two constants: one element is added. The sign
/// counts: i − j = 2 reads row 2 + 8, j − i reads row −2 + 8.
// CHECK-LABEL: func.func @constant_distance(
// CHECK-DAG:     %[[C8:.+]] = arith.constant 8 : index
// CHECK-DAG:     %[[C6:.+]] = arith.constant 6 : index
// CHECK-DAG:     %[[C10:.+]] = arith.constant 10 : index
// CHECK-NOT:     posenc.bias_table
// CHECK:         tensor.extract %{{.+}}[%[[C8]], %{{.+}}] : tensor<17x2xf16>
// CHECK:         arith.extf
// CHECK:         arith.addf
// CHECK:         tensor.extract %{{.+}}[%[[C10]]] : tensor<17xf32>
// CHECK:         arith.addf
// CHECK:         tensor.extract %{{.+}}[%[[C6]]] : tensor<17xf32>
// CHECK:         arith.addf
func.func @constant_distance(%t: tensor<17x2xf16>, %u: tensor<17xf32>, %init: !o) -> !o {
  %c3 = arith.constant 3 : index
  %c5 = arith.constant 5 : index
  %r = posenc.score_map outs(%init : !o) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %1 = posenc.bias_table %s, %t[%h] at(%i, %i) bucket <clip, q_minus_k, left = 8, right = 8> : tensor<17x2xf16>
    %2 = posenc.bias_table %1, %u at(%c5, %c3) bucket <clip, q_minus_k, left = 8, right = 8> : tensor<17xf32>
    %3 = posenc.bias_table %2, %u at(%c5, %c3) bucket <clip, k_minus_q, left = 8, right = 8> : tensor<17xf32>
    posenc.yield %3 : f32
  }
  return %r : !o
}

// -----

/// A buffer is read with a load.
// CHECK-LABEL: func.func @constant_distance_memref(
// CHECK:         memref.load
// CHECK:         arith.addf
func.func @constant_distance_memref(%t: memref<17xf32>, %init: memref<1x2x8x8xf32>) {
  posenc.score_map outs(%init : memref<1x2x8x8xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %1 = posenc.bias_table %s, %t at(%i, %i) bucket <clip, q_minus_k, left = 8, right = 8> : memref<17xf32>
    posenc.yield %1 : f32
  }
  return
}

// -----

!o = tensor<1x2x8x8xf32>

// CHECK-LABEL: func.func @no_fold_distance(
// CHECK-COUNT-2: posenc.bias_table
func.func @no_fold_distance(%t: tensor<17xf32>, %init: !o) -> !o {
  %c3 = arith.constant 3 : index
  %r = posenc.score_map outs(%init : !o) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t at(%i, %j) bucket <clip, q_minus_k, left = 8, right = 8> : tensor<17xf32>
    %2 = posenc.bias_table %1, %t at(%i, %c3) bucket <clip, q_minus_k, left = 8, right = 8> : tensor<17xf32>
    posenc.yield %2 : f32
  }
  return %r : !o
}

// -----

!o = tensor<1x2x8x8xf32>

/// 1/3 in f16 and in f32 differ: the sum is taken in f32.
// CHECK-LABEL: func.func @merge_tables(
// CHECK:         %[[T:.+]] = arith.constant dense<{{\[}}[1.500000e+00, 2.500000e+00]]> : tensor<1x2xf32>
// CHECK:         posenc.bias_table %{{.+}}, %[[T]][
// CHECK-NOT:     posenc.bias_table
func.func @merge_tables(%init: !o) -> !o {
  %t = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf16>
  %u = arith.constant dense<[[0.5, 0.5]]> : tensor<1x2xf32>
  %r = posenc.score_map outs(%init : !o) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <clip, q_minus_k, left = 0, right = 0> : tensor<1x2xf16>
    %2 = posenc.bias_table %1, %u[%h] at(%i, %j) bucket <clip, q_minus_k, left = 0, right = 0> : tensor<1x2xf32>
    posenc.yield %2 : f32
  }
  return %r : !o
}

// -----

!o = tensor<1x2x8x8xf32>

/// Another bucket, another head, swapped positions, a second reader, a table
/// that is no constant.
// CHECK-LABEL: func.func @no_merge_tables(
// CHECK-COUNT-6: posenc.bias_table
func.func @no_merge_tables(%a: tensor<3x2xf32>, %init: !o) -> !o {
  %c0 = arith.constant 0 : index
  %t = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %r = posenc.score_map outs(%init : !o) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <clip, q_minus_k, left = 1, right = 1> : tensor<3x2xf32>
    %2 = posenc.bias_table %1, %t[%h] at(%i, %j) bucket <clip, k_minus_q, left = 1, right = 1> : tensor<3x2xf32>
    %3 = posenc.bias_table %2, %t[%c0] at(%i, %j) bucket <clip, k_minus_q, left = 1, right = 1> : tensor<3x2xf32>
    %4 = posenc.bias_table %3, %t[%c0] at(%j, %i) bucket <clip, k_minus_q, left = 1, right = 1> : tensor<3x2xf32>
    %5 = posenc.bias_table %4, %a[%c0] at(%j, %i) bucket <clip, k_minus_q, left = 1, right = 1> : tensor<3x2xf32>
    %6 = posenc.bias_table %5, %t[%c0] at(%j, %i) bucket <clip, k_minus_q, left = 1, right = 1> : tensor<3x2xf32>
    %7 = arith.addf %6, %5 : f32
    posenc.yield %7 : f32
  }
  return %r : !o
}

// -----

!o = tensor<1x2x8x8xf32>

// CHECK-LABEL: func.func @zero_bias(
// CHECK:         score(%[[S:.+]], %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}) {
// CHECK-NEXT:      posenc.yield %[[S]]
func.func @zero_bias(%init: !o) -> !o {
  %t = arith.constant dense<0.0> : tensor<3x2xbf16>
  %p = arith.constant dense<0.0> : tensor<f32>
  %r = posenc.score_map outs(%init : !o) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <clip, q_minus_k, left = 1, right = 1> : tensor<3x2xbf16>
    %2 = posenc.bias_fn %1, %p at(%i, %j) linear absolute : tensor<f32>, index
    posenc.yield %2 : f32
  }
  return %r : !o
}

// -----

!o = tensor<1x2x8x8xf32>

/// An f32 position may be infinite, and 0 · inf is no 0.
// CHECK-LABEL: func.func @no_fold_zero_bias(
// CHECK:         posenc.bias_fn
// CHECK:         posenc.bias_fn
func.func @no_fold_zero_bias(%p: tensor<8xf32>, %init: !o) -> !o {
  %z = arith.constant dense<0.0> : tensor<f32>
  %one = arith.constant dense<1.0> : tensor<f32>
  %r = posenc.score_map outs(%init : !o) positions(q = %p, k = %p : tensor<8xf32>, tensor<8xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : f32
    %j = posenc.k_pos : f32
    %1 = posenc.bias_fn %s, %z at(%i, %j) linear absolute : tensor<f32>, f32
    %2 = posenc.bias_fn %1, %one at(%i, %j) linear absolute : tensor<f32>, f32
    posenc.yield %2 : f32
  }
  return %r : !o
}

// -----

//===----------------------------------------------------------------------===//
// mask
//===----------------------------------------------------------------------===//

!o = tensor<1x2x8x?xf32>

// CHECK-LABEL: func.func @intersect_masks(
// CHECK:         score(%[[S:[a-z0-9]+]],
// CHECK:         %[[A:.+]] = posenc.mask %[[S]] at(%[[I:.+]], %[[J:.+]]) <window, left = 3, right = 0>
// CHECK-NEXT:    %[[B:.+]] = posenc.softcap %[[A]]
// CHECK-NEXT:    %[[C:.+]] = posenc.mask %[[B]] at(%[[J]], %[[I]]) <causal>
// CHECK-NEXT:    posenc.yield %[[C]]
func.func @intersect_masks(%init: !o) -> !o {
  %r = posenc.score_map outs(%init : !o) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    %2 = posenc.mask %1 at(%i, %j) <window, left = 5>
    %3 = posenc.mask %2 at(%i, %j) <window, left = 3, right = 9>
    %4 = posenc.softcap %3 cap(2.0)
    %5 = posenc.mask %4 at(%j, %i) <causal>
    %6 = posenc.mask %5 at(%j, %i) <causal>
    posenc.yield %6 : f32
  }
  return %r : !o
}

// -----

!o = tensor<1x2x8x?xf32>

/// The outer mask hides all that the inner one hides: only the outer one stays.
// CHECK-LABEL: func.func @inner_mask(
// CHECK:         score(%[[S:[a-z0-9]+]],
// CHECK:         posenc.softcap %[[S]]
// CHECK:         posenc.bias_table
// CHECK:         posenc.mask %{{.+}} <window, left = 4, right = 0>
func.func @inner_mask(%t: tensor<3xf32>, %init: !o) -> !o {
  %r = posenc.score_map outs(%init : !o) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    %2 = posenc.softcap %1 cap(2.0)
    %3 = posenc.bias_table %2, %t at(%i, %j) bucket <clip, q_minus_k, left = 1, right = 1> : tensor<3xf32>
    %4 = posenc.mask %3 at(%i, %j) <window, left = 4, right = 0>
    posenc.yield %4 : f32
  }
  return %r : !o
}

// -----

!o = tensor<1x2x8x?xf32>

/// The inner mask hides more, softcap lets a hidden score through; a second
/// reader of the masked score.
// CHECK-LABEL: func.func @no_drop_inner_mask(
// CHECK-COUNT-4: posenc.mask
func.func @no_drop_inner_mask(%init: !o) -> !o {
  %r = posenc.score_map outs(%init : !o) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <window, left = 2, right = 2>
    %2 = posenc.softcap %1 cap(2.0)
    %3 = posenc.mask %2 at(%i, %j) <window, left = 4, right = 0>
    %4 = posenc.softcap %3 cap(2.0)
    %5 = posenc.mask %4 at(%i, %j) <causal>
    %6 = posenc.softcap %5 cap(2.0)
    %7 = posenc.mask %6 at(%i, %j) <causal>
    %8 = arith.maximumf %7, %5 : f32
    posenc.yield %8 : f32
  }
  return %r : !o
}

// -----

/// 4 queries behind 36 keys, and no more than 39 apart: both ends are seen.
// CHECK-LABEL: func.func @no_op_mask(
// CHECK:         posenc.attention
// CHECK-NOT:     posenc.mask
func.func @no_op_mask(%q: tensor<1x2x4x8xf32>, %k: tensor<1x2x37x8xf32>, %init: tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  %c36 = arith.constant 36 : index
  %r = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<1x2x4x8xf32>, tensor<1x2x37x8xf32>, tensor<1x2x37x8xf32>) outs(%init : tensor<1x2x4x8xf32>) offsets(q = %c36) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    %2 = posenc.softcap %1 cap(2.0)
    %3 = posenc.mask %2 at(%i, %j) <window, left = 39, right = 0>
    posenc.yield %3 : f32
  }
  return %r : tensor<1x2x4x8xf32>
}

// -----

/// One position too many at either end, an unknown offset, an unknown length.
// CHECK-LABEL: func.func @no_drop_mask(
// CHECK-COUNT-4: posenc.mask
func.func @no_drop_mask(%o: index, %init: tensor<1x2x4x37xf32>, %dyn: tensor<1x2x?x37xf32>) -> (tensor<1x2x4x37xf32>, tensor<1x2x4x37xf32>, tensor<1x2x?x37xf32>) {
  %c36 = arith.constant 36 : index
  %c35 = arith.constant 35 : index
  %x = posenc.score_map outs(%init : tensor<1x2x4x37xf32>) offsets(q = %c35) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    %2 = posenc.softcap %1 cap(2.0)
    %3 = posenc.mask %2 at(%i, %j) <window, left = 37>
    posenc.yield %3 : f32
  }
  %y = posenc.score_map outs(%init : tensor<1x2x4x37xf32>) offsets(q = %o) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  %z = posenc.score_map outs(%dyn : tensor<1x2x?x37xf32>) offsets(q = %c36) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <window, left = 100>
    posenc.yield %1 : f32
  }
  return %x, %y, %z : tensor<1x2x4x37xf32>, tensor<1x2x4x37xf32>, tensor<1x2x?x37xf32>
}

// -----

!o = tensor<1x2x8x8xf32>

/// One distance: seen, or hidden.
// CHECK-LABEL: func.func @constant_mask(
// CHECK:         %[[INF:.+]] = arith.constant 0xFF800000 : f32
// CHECK:         arith.minimumf %{{.+}}, %[[INF]] : f32
func.func @constant_mask(%init: !o) -> !o {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = posenc.score_map outs(%init : !o) score(%s, %b, %h, %m, %n) {
    %1 = posenc.mask %s at(%m, %m) <causal>
    %2 = posenc.mask %s at(%c0, %c1) <causal>
    %3 = arith.minimumf %1, %2 : f32
    posenc.yield %3 : f32
  }
  return %r : !o
}
