// RUN: posenc-opt %s --convert-posenc-to-linalg -split-input-file -verify-diagnostics

func.func @negative_attention_memref(%q: memref<1x1x4x8xf32>, %o: memref<1x1x4x8xf32>) {
  // expected-error @below {{expected tensors but got memrefs; convert to linalg before bufferization}}
  posenc.attention scale(1.0) ins(%q, %q, %q : memref<1x1x4x8xf32>, memref<1x1x4x8xf32>, memref<1x1x4x8xf32>) outs(%o : memref<1x1x4x8xf32>)
  return
}

// -----

func.func @negative_score_map_memref(%o: memref<1x1x4x8xf32>) {
  // expected-error @below {{expected tensors but got memrefs; convert to linalg before bufferization}}
  posenc.score_map outs(%o : memref<1x1x4x8xf32>) score(%s, %b, %h, %m, %n) {
    posenc.yield %s : f32
  }
  return
}
