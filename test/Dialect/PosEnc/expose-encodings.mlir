// RUN: posenc-opt %s --posenc-expose-encodings | FileCheck %s

// The function stays as it was.
// CHECK-LABEL: func.func @attention(
// CHECK: posenc.attention
// CHECK-LABEL: func.func @attention_encodings(
// CHECK-SAME: %[[Q:.*]]: tensor<1x2x?x8xf32>, %[[K:.*]]: tensor<1x?x2x8xf32>, %[[OFFSET:.*]]: index
// CHECK-SAME: -> (tensor<1x2x?x?xf32> {posenc.shows = "attention 0 score"}, tensor<1x2x?x8xf32> {posenc.shows = "attention 0 k_rows"})
// CHECK: %[[MAP:.*]] = posenc.score_map outs({{.*}} : tensor<1x2x?x?xf32>) offsets(q = %[[OFFSET]])
// CHECK: posenc.mask {{.*}} <causal>
// CHECK: %[[ROWS:.*]] = linalg.generic
// CHECK: return %[[MAP]], %[[ROWS]]
func.func @attention(%q: tensor<1x2x?x8xf32>, %k: tensor<1x?x2x8xf32>, %offset: index, %tau: tensor<?xf32>) -> tensor<1x2x?x8xf32> {
  %o = posenc.attention scale(1.0)
      ins(%q, %k, %k : tensor<1x2x?x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>)
      outs(%q : tensor<1x2x?x8xf32>) dims(k = bthd, v = bthd) offsets(q = %offset)
      k_rows(%row, %b, %h, %t) {
    %x = posenc.row_scale %row at(%b, %t) by(%tau) : !posenc.row, tensor<?xf32>
    posenc.yield %x : !posenc.row
  } score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x2x?x8xf32>
}

// CHECK-LABEL: func.func @map_encodings(
// CHECK-SAME: -> (tensor<1x1x4x4xf32> {posenc.shows = "score_map 0"}, tensor<1x1x4x4xbf16> {posenc.shows = "score_map 1"})
func.func @map(%a: tensor<1x1x4x4xf32>, %b: tensor<1x1x4x4xbf16>) -> tensor<1x1x4x4xbf16> {
  %0 = posenc.score_map outs(%a : tensor<1x1x4x4xf32>) score(%s, %bb, %h, %m, %n) {
    posenc.yield %s : f32
  }
  %1 = posenc.score_map outs(%b : tensor<1x1x4x4xbf16>) score(%s, %bb, %h, %m, %n) {
    posenc.yield %s : f32
  }
  return %1 : tensor<1x1x4x4xbf16>
}

// Nothing to show: no encoding, attention without regions, a declaration, several blocks, ops in loops.
// CHECK-NOT: _encodings
func.func @negative_none(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
func.func @negative_plain(%q: tensor<1x2x?x8xf32>) -> tensor<1x2x?x8xf32> {
  %o = posenc.attention scale(1.0)
      ins(%q, %q, %q : tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>) outs(%q : tensor<1x2x?x8xf32>)
  return %o : tensor<1x2x?x8xf32>
}
func.func private @negative_declaration(tensor<4xf32>)
func.func @negative_blocks(%a: tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> {
  cf.br ^next
^next:
  %0 = posenc.score_map outs(%a : tensor<1x1x4x4xf32>) score(%s, %b, %h, %m, %n) {
    posenc.yield %s : f32
  }
  return %0 : tensor<1x1x4x4xf32>
}
func.func @negative_loop(%a: tensor<1x1x4x4xf32>, %n: index) -> tensor<1x1x4x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %t = %c0 to %n step %c1 iter_args(%x = %a) -> tensor<1x1x4x4xf32> {
    %0 = posenc.score_map outs(%x : tensor<1x1x4x4xf32>) score(%s, %b, %h, %m, %k) {
      posenc.yield %s : f32
    }
    scf.yield %0 : tensor<1x1x4x4xf32>
  }
  return %r : tensor<1x1x4x4xf32>
}
