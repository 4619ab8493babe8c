// Factors of a low rank as channels of q and k.
// RUN: posenc-opt %s --posenc-widen-lowrank | FileCheck %s
// RUN: posenc-opt %s --posenc-widen-lowrank --remarks-filter-missed=posenc-widen-lowrank 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// TUPE, in another storage order.
// CHECK-LABEL: func.func @tupe(
// CHECK:         %[[Q:.+]] = linalg.generic {{.*}} outs(%{{.+}} : tensor<2x?x4x24xbf16>)
// CHECK:         %[[K:.+]] = linalg.generic {{.*}} outs(%{{.+}} : tensor<2x4x?x24xbf16>)
// CHECK:         posenc.attention scale(2.500000e-01) ins(%[[Q]], %[[K]], %arg2 : tensor<2x?x4x24xbf16>, tensor<2x4x?x24xbf16>, tensor<2x4x?x16xbf16>)
// CHECK-NOT:       posenc.bias_lowrank
// CHECK:           posenc.bias_table %[[S:.+]],
func.func @tupe(%q: tensor<2x?x4x16xbf16>, %k: tensor<2x4x?x16xbf16>, %v: tensor<2x4x?x16xbf16>, %init: tensor<2x4x?x16xbf16>, %u: tensor<4x?x8xbf16>, %w: tensor<4x?x8xbf16>, %t: tensor<17x4xf32>) -> tensor<2x4x?x16xbf16> {
  %scale = arith.constant 0.25 : f32
  %o = posenc.attention scale(0.25) ins(%q, %k, %v : tensor<2x?x4x16xbf16>, tensor<2x4x?x16xbf16>, tensor<2x4x?x16xbf16>) outs(%init : tensor<2x4x?x16xbf16>) dims(q = bthd) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_lowrank %s, %u[%h, %i], %w[%h, %j] weight(%scale) : tensor<4x?x8xbf16>, tensor<4x?x8xbf16>
    %2 = posenc.bias_table %1, %t[%h] at(%i, %j) bucket <clip, q_minus_k, left = 8, right = 8> : tensor<17x4xf32>
    posenc.yield %2 : f32
  }
  return %o : tensor<2x4x?x16xbf16>
}

// Untied CLS: some scores keep what they were.
// CHECK-LABEL: func.func @negative_cls(
// CHECK:         posenc.bias_lowrank
// REMARK: Function=negative_cls {{.*}}q and k are not widened: it does not change the raw score, or something else reads that
func.func @negative_cls(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %u: tensor<4x?x8xf32>, %w: tensor<4x?x8xf32>, %theta: tensor<4xf32>) -> tensor<2x4x?x16xf32> {
  %zero = arith.constant 0 : index
  %scale = arith.constant 0.25 : f32
  %o = posenc.attention scale(0.25) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.bias_lowrank %s, %u[%h, %m], %w[%h, %n] weight(%scale) : tensor<4x?x8xf32>, tensor<4x?x8xf32>
    %2 = posenc.bias_dense %s, %theta[%h] : tensor<4xf32>
    %cls = arith.cmpi eq, %n, %zero : index
    %3 = arith.select %cls, %2, %1 : f32
    posenc.yield %3 : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// A factor that is rounded is not what was asked for.
// CHECK-LABEL: func.func @negative_inexact(
// CHECK:         posenc.bias_lowrank
// REMARK: Function=negative_inexact {{.*}}q and k are not widened: its weight over the scale is no known power of two
func.func @negative_inexact(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %u: tensor<4x?x8xf32>, %w: tensor<4x?x8xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(0.3) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.bias_lowrank %s, %u[%h, %m], %w[%h, %n] : tensor<4x?x8xf32>, tensor<4x?x8xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK-LABEL: func.func @negative_types(
// CHECK:         posenc.bias_lowrank
// REMARK: Function=negative_types {{.*}}q and k are not widened: its factors have another element type than q
func.func @negative_types(%q: tensor<2x4x?x16xf16>, %k: tensor<2x4x?x16xf16>, %v: tensor<2x4x?x16xf16>, %init: tensor<2x4x?x16xf16>, %u: tensor<4x?x8xf32>, %w: tensor<4x?x8xf32>) -> tensor<2x4x?x16xf16> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf16>, tensor<2x4x?x16xf16>, tensor<2x4x?x16xf16>) outs(%init : tensor<2x4x?x16xf16>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.bias_lowrank %s, %u[%h, %m], %w[%h, %n] : tensor<4x?x8xf32>, tensor<4x?x8xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<2x4x?x16xf16>
}

// 10000 is finite in f16, 4 times it is not.
// CHECK-LABEL: func.func @negative_f16_range(
// CHECK:         posenc.bias_lowrank
// REMARK: Function=negative_f16_range {{.*}}q and k are not widened: f16 may not hold its factor times the weight over the scale
func.func @negative_f16_range(%q: tensor<2x4x?x16xf16>, %k: tensor<2x4x?x16xf16>, %v: tensor<2x4x?x16xf16>, %init: tensor<2x4x?x16xf16>, %u: tensor<4x?x8xf16>, %w: tensor<4x?x8xf16>) -> tensor<2x4x?x16xf16> {
  %o = posenc.attention scale(0.25) ins(%q, %k, %v : tensor<2x4x?x16xf16>, tensor<2x4x?x16xf16>, tensor<2x4x?x16xf16>) outs(%init : tensor<2x4x?x16xf16>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.bias_lowrank %s, %u[%h, %m], %w[%h, %n] : tensor<4x?x8xf16>, tensor<4x?x8xf16>
    posenc.yield %1 : f32
  }
  return %o : tensor<2x4x?x16xf16>
}

// Keys that heads share have one row for all of them.
// CHECK-LABEL: func.func @negative_grouped(
// CHECK:         posenc.bias_lowrank
// REMARK: Function=negative_grouped {{.*}}q and k are not widened: its factors are not one of the query and one of the key and key head
func.func @negative_grouped(%q: tensor<2x4x?x16xf32>, %k: tensor<2x2x?x16xf32>, %v: tensor<2x2x?x16xf32>, %init: tensor<2x4x?x16xf32>, %u: tensor<4x?x8xf32>, %w: tensor<4x?x8xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.bias_lowrank %s, %u[%h, %m], %w[%h, %n] : tensor<4x?x8xf32>, tensor<4x?x8xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK-LABEL: func.func @negative_rank(
// CHECK:         posenc.bias_lowrank
// REMARK: Function=negative_rank {{.*}}q and k are not widened: its rank is not known
func.func @negative_rank(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %u: tensor<?x?xf32>, %w: tensor<?x?xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.bias_lowrank %s, %u[%m], %w[%n] : tensor<?x?xf32>, tensor<?x?xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK-LABEL: func.func @negative_head_size(
// CHECK:         posenc.bias_lowrank
// REMARK: Function=negative_head_size {{.*}}q and k are not widened: the head size is not known
func.func @negative_head_size(%q: tensor<2x4x?x?xf32>, %k: tensor<2x4x?x?xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %u: tensor<?x8xf32>, %w: tensor<?x8xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x?xf32>, tensor<2x4x?x?xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.bias_lowrank %s, %u[%m], %w[%n] : tensor<?x8xf32>, tensor<?x8xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// Rotations leave more channels alone; a factor does not.
// CHECK-LABEL: func.func @rows(
// CHECK:         posenc.attention
// CHECK-NOT:       posenc.bias_lowrank
// CHECK:         return
func.func @rows(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %u: tensor<?x8xf32>, %a: tensor<?x8xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) q_rows(%row, %b, %h, %t) {
    %y = posenc.rotate %row at(%b, %t) by(%a) half : !posenc.row, tensor<?x8xf32>
    posenc.yield %y : !posenc.row
  } score(%s, %b, %h, %m, %n) {
    %1 = posenc.bias_lowrank %s, %u[%m], %u[%n] : tensor<?x8xf32>, tensor<?x8xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<2x4x?x16xf32>
}

// CHECK-LABEL: func.func @negative_rows(
// CHECK:         posenc.bias_lowrank
// REMARK: Function=negative_rows {{.*}}q and k are not widened: q or k pass through rows that are no rotations
func.func @negative_rows(%q: tensor<2x4x?x16xf32>, %k: tensor<2x4x?x16xf32>, %v: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %u: tensor<?x8xf32>, %f: tensor<?xf32>) -> tensor<2x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) q_rows(%row, %b, %h, %t) {
    %y = posenc.row_scale %row at(%b, %t) by(%f) : !posenc.row, tensor<?xf32>
    posenc.yield %y : !posenc.row
  } score(%s, %b, %h, %m, %n) {
    %1 = posenc.bias_lowrank %s, %u[%m], %u[%n] : tensor<?x8xf32>, tensor<?x8xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<2x4x?x16xf32>
}
