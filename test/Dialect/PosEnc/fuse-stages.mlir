// Maps with stages that stay where they are: the reader's scores are not the map's.
// RUN: posenc-opt %s -posenc-fuse | FileCheck %s

!q = tensor<2x4x8x16xf32>

// CHECK-LABEL: func @negative_other_key
// CHECK: posenc.score_map
// CHECK: posenc.row_scan
// CHECK: posenc.attention
func.func @negative_other_key(%q: !q, %init: !q, %e: tensor<2x4x8x8xf32>) -> !q {
  %map = posenc.score_map outs(%e : tensor<2x4x8x8xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.row_scan sum %s : f32
    posenc.yield %1 : f32
  }
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %map[%b, %h, %n, %m] : tensor<2x4x8x8xf32>
    %1 = arith.addf %s, %x : f32
    posenc.yield %1 : f32
  }
  return %o : !q
}

// More keys in the map than in attention: other sums.
// CHECK-LABEL: func @negative_other_extent
// CHECK: posenc.score_map
// CHECK: posenc.row_scan
// CHECK: posenc.attention
func.func @negative_other_extent(%q: !q, %init: !q, %e: tensor<2x4x8x9xf32>) -> !q {
  %map = posenc.score_map outs(%e : tensor<2x4x8x9xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.row_scan sum reverse %s : f32
    posenc.yield %1 : f32
  }
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %map[%b, %h, %m, %n] : tensor<2x4x8x9xf32>
    %1 = arith.addf %s, %x : f32
    posenc.yield %1 : f32
  }
  return %o : !q
}

// Not at the top level, where a stage may not stand.
// CHECK-LABEL: func @negative_nested
// CHECK: posenc.score_map
// CHECK: posenc.row_scan
// CHECK: posenc.attention
func.func @negative_nested(%q: !q, %init: !q, %e: tensor<2x4x8x8xf32>, %on: i1) -> !q {
  %map = posenc.score_map outs(%e : tensor<2x4x8x8xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.row_scan sum %s : f32
    posenc.yield %1 : f32
  }
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %1 = scf.if %on -> f32 {
      %x = tensor.extract %map[%b, %h, %m, %n] : tensor<2x4x8x8xf32>
      scf.yield %x : f32
    } else {
      scf.yield %s : f32
    }
    posenc.yield %1 : f32
  }
  return %o : !q
}
