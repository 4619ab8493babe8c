// Stages: round trip, fusion, and what the passes around attention make of them.
// RUN: posenc-opt %s | posenc-opt | FileCheck %s
// RUN: posenc-opt %s -canonicalize -cse | FileCheck %s
// RUN: posenc-opt %s -posenc-fuse -posenc-verify-fused | FileCheck %s --check-prefix=FUSE

!q = tensor<2x4x8x16xf32>

// CHECK-LABEL: func @row_scan
// CHECK: %[[A:.+]] = posenc.row_scan sum %[[S:.+]] : f32
// CHECK: %[[B:.+]] = posenc.row_scan sum reverse %[[A]] : f32
// CHECK: %[[C:.+]] = posenc.row_scan sum exclusive %[[B]] : f32
// CHECK: posenc.row_scan sum reverse exclusive %[[C]] {note = 1 : i64} : f32
func.func @row_scan(%q: !q, %init: !q) -> !q {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %1 = posenc.row_scan sum %s : f32
    %2 = posenc.row_scan sum reverse %1 : f32
    %3 = posenc.row_scan sum exclusive %2 : f32
    %4 = posenc.row_scan sum reverse exclusive %3 {note = 1 : i64} : f32
    posenc.yield %4 : f32
  }
  return %o : !q
}

// CHECK-LABEL: func @head_mix
// CHECK: posenc.head_mix(%{{.+}}) layers(%{{.+}}) : tensor<4x4xbf16>
// CHECK: posenc.head_mix(%{{.+}}, %{{.+}}) layers(%{{.+}}, %{{.+}}, %{{.+}}) activation leaky_relu : tensor<8x?x3xf32>, tensor<6xf32>, tensor<6x4xf32>
func.func @head_mix(%q: !q, %init: !q, %w: tensor<4x4xbf16>, %w1: tensor<8x?x3xf32>, %b1: tensor<6xf32>, %w2: tensor<6x4xf32>) -> !q {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %1 = posenc.head_mix(%s) layers(%w) : tensor<4x4xbf16>
    %2 = posenc.head_mix(%s, %1) layers(%w1, %b1, %w2) activation leaky_relu : tensor<8x?x3xf32>, tensor<6xf32>, tensor<6x4xf32>
    posenc.yield %2 : f32
  }
  return %o : !q
}

// A map with a stage goes where it is read score by score.
// FUSE-LABEL: func @fused_map
// FUSE-NOT: posenc.score_map
// FUSE: posenc.attention
// FUSE: posenc.row_scan sum
func.func @fused_map(%q: !q, %init: !q, %e: tensor<2x4x8x8xf32>) -> !q {
  %map = posenc.score_map outs(%e : tensor<2x4x8x8xf32>) score(%s, %b, %h, %m, %n) {
    %i = arith.index_cast %m : index to i64
    %f = arith.sitofp %i : i64 to f32
    %1 = posenc.row_scan sum %f : f32
    posenc.yield %1 : f32
  }
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %x = tensor.extract %map[%b, %h, %m, %n] : tensor<2x4x8x8xf32>
    %1 = arith.addf %s, %x : f32
    posenc.yield %1 : f32
  }
  return %o : !q
}
