// Attention with sinks: round trip, canonicalization, bufferization and both lowerings.
// RUN: posenc-opt %s | posenc-opt | FileCheck %s
// RUN: posenc-opt %s -canonicalize | FileCheck %s --check-prefix=CANON
// RUN: posenc-opt %s -posenc-fuse -canonicalize | FileCheck %s --check-prefix=FUSE
// RUN: posenc-opt %s -one-shot-bufferize=bufferize-function-boundaries | FileCheck %s --check-prefix=BUFFER
// RUN: posenc-opt %s -convert-posenc-to-linalg | FileCheck %s --check-prefix=LINALG

// CHECK-LABEL: func @sinks
// CHECK-SAME: %[[Z:[a-z0-9]+]]: tensor<4xf32>
// CHECK: posenc.attention scale(1.0
// CHECK-SAME: outs(%{{.+}} : tensor<2x4x8x16xbf16>) sinks(%[[Z]] : tensor<4xf32>)
// BUFFER-LABEL: func @sinks
// BUFFER: posenc.attention {{.*}} sinks(%{{.+}} : memref<4xf32{{.*}}>)
// The maximum starts with the sink, and the sum with its exponential.
// LINALG-LABEL: func @sinks
// LINALG-SAME: %[[Z:[a-z0-9]+]]: tensor<4xf32>
// LINALG: linalg.generic {{.*}} ins(%[[Z]] : tensor<4xf32>) outs(%{{.+}} : tensor<2x4x8xf32>)
// LINALG: linalg.generic {{.*}} ins(%[[Z]], %{{.+}} : tensor<4xf32>, tensor<2x4x8xf32>)
// LINALG: math.exp
func.func @sinks(%q: tensor<2x4x8x16xbf16>, %z: tensor<4xf32>) -> tensor<2x4x8x16xbf16> {
  %init = tensor.empty() : tensor<2x4x8x16xbf16>
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x8x16xbf16>, tensor<2x4x8x16xbf16>, tensor<2x4x8x16xbf16>)
      outs(%init : tensor<2x4x8x16xbf16>) sinks(%z : tensor<4xf32>)
  return %r : tensor<2x4x8x16xbf16>
}

// CHECK-LABEL: func @all_clauses
// CHECK: outs(%{{.+}}, %{{.+}} : tensor<2x4x8x16xf16>, tensor<2x4x8xf32>) dims(q = bthd) offsets(q = %{{.+}}) sinks(%{{.+}} : tensor<?xf16>) attributes {note = 1 : i64}
// CHECK: score(
func.func @all_clauses(%q: tensor<2x8x4x16xf16>, %k: tensor<2x4x8x16xf16>, %z: tensor<?xf16>, %o: index)
    -> (tensor<2x4x8x16xf16>, tensor<2x4x8xf32>) {
  %init = tensor.empty() : tensor<2x4x8x16xf16>
  %lse = tensor.empty() : tensor<2x4x8xf32>
  %r:2 = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<2x8x4x16xf16>, tensor<2x4x8x16xf16>, tensor<2x4x8x16xf16>)
      outs(%init, %lse : tensor<2x4x8x16xf16>, tensor<2x4x8xf32>) dims(q = bthd) offsets(q = %o) sinks(%z : tensor<?xf16>)
      attributes {note = 1 : i64}
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return %r#0, %r#1 : tensor<2x4x8x16xf16>, tensor<2x4x8xf32>
}

// A cast that forgets extents goes; a transpose moves into dims; sinks stay.
// CANON-LABEL: func @kept
// CANON-SAME: %[[Z:[a-z0-9]+]]: tensor<4xf32>
// CANON: sinks(%[[Z]] : tensor<4xf32>)
// FUSE-LABEL: func @kept
// FUSE-SAME: %[[Z:[a-z0-9]+]]: tensor<4xf32>
// FUSE-NOT: linalg.transpose
// FUSE: posenc.attention {{.*}} dims(q = bthd) sinks(%[[Z]] : tensor<4xf32>)
func.func @kept(%q: tensor<2x8x4x16xf32>, %k: tensor<2x4x8x16xf32>, %z: tensor<4xf32>) -> tensor<2x4x8x16xf32> {
  %init = tensor.empty() : tensor<2x4x8x16xf32>
  %t = linalg.transpose ins(%q : tensor<2x8x4x16xf32>) outs(%init : tensor<2x4x8x16xf32>) permutation = [0, 2, 1, 3]
  %y = tensor.cast %z : tensor<4xf32> to tensor<?xf32>
  %r = posenc.attention scale(1.0) ins(%t, %k, %k : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>)
      outs(%init : tensor<2x4x8x16xf32>) sinks(%y : tensor<?xf32>)
  return %r : tensor<2x4x8x16xf32>
}
