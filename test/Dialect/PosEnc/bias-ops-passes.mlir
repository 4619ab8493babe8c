// What other passes make of bias_lowrank, bias_dense and bias_mlp.
// RUN: posenc-opt %s --canonicalize -split-input-file | FileCheck %s --check-prefix=FOLD
// RUN: posenc-opt %s --one-shot-bufferize="bufferize-function-boundaries" -split-input-file | FileCheck %s --check-prefix=BUFFER
// RUN: posenc-opt %s --posenc-verify-fused -split-input-file -verify-diagnostics

/// Zeros add nothing; a weight might be infinite, and a factor of zeros is one.
// FOLD-LABEL: func.func @zeros(
// FOLD-SAME:    %[[S:[a-z0-9]+]]: f32
// FOLD:         %[[A:.+]] = posenc.bias_lowrank %[[S]]
// FOLD-SAME:      weight
// FOLD-NEXT:    %[[B:.+]] = posenc.bias_dense %[[A]], {{.*}} multiply
// FOLD-NEXT:    %[[C:.+]] = posenc.bias_dense %[[B]], {{.*}} weight
// FOLD-NEXT:    return %[[C]]
func.func @zeros(%s: f32, %h: index, %w: f32) -> f32 {
  %z = arith.constant dense<0.0> : tensor<4x2xf32>
  %v = arith.constant dense<0.0> : tensor<4xf32>
  %0 = posenc.bias_lowrank %s, %z[%h], %z[%h] : tensor<4x2xf32>, tensor<4x2xf32>
  %1 = posenc.bias_dense %0, %v[%h] : tensor<4xf32>
  %2 = posenc.bias_lowrank %1, %z[%h], %z[%h] weight(%w) : tensor<4x2xf32>, tensor<4x2xf32>
  %3 = posenc.bias_dense %2, %v[%h] multiply : tensor<4xf32>
  %4 = posenc.bias_dense %3, %v[%h] weight(%w) : tensor<4xf32>
  return %4 : f32
}

// -----

// BUFFER-LABEL: func.func @regions(
// BUFFER-NOT:     memref.copy
// BUFFER:         posenc.bias_lowrank {{.*}} : memref<4x?x2xf32, strided{{.*}}>, memref<4x?x2xf32, strided{{.*}}>
// BUFFER:         posenc.bias_dense {{.*}} : memref<4x?x?xf16, strided{{.*}}>
// BUFFER:         posenc.bias_mlp {{.*}} : memref<1x8xf32, strided{{.*}}>, memref<8x4xf32, strided{{.*}}>
// BUFFER-NOT:     memref.copy
// BUFFER:         return
func.func @regions(%q: tensor<1x4x?x16xf32>, %u: tensor<4x?x2xf32>, %d: tensor<4x?x?xf16>, %w1: tensor<1x8xf32>, %w2: tensor<8x4xf32>, %init: tensor<1x4x?x16xf32> {bufferization.writable = true}) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %1 = posenc.bias_lowrank %s, %u[%h, %m], %u[%h, %n] : tensor<4x?x2xf32>, tensor<4x?x2xf32>
    %2 = posenc.bias_dense %1, %d[%h, %m, %n] : tensor<4x?x?xf16>
    %3 = posenc.bias_mlp %2, (%s)[%h] layers(%w1, %w2) relu : tensor<1x8xf32>, tensor<8x4xf32>
    posenc.yield %3 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// -----

!t = tensor<2x4x16x16xf32>

/// A dense bias may come in, but not be computed here.
func.func @computed(%q: !t, %b0: tensor<4x16x16xf32>, %init: !t) -> !t {
  // expected-note @below {{computed by this op}}
  %bias = linalg.exp ins(%b0 : tensor<4x16x16xf32>) outs(%b0 : tensor<4x16x16xf32>) -> tensor<4x16x16xf32>
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : !t, !t, !t) outs(%init : !t) score(%s, %b, %h, %m, %n) {
    %1 = posenc.bias_dense %s, %b0[%h, %m, %n] : tensor<4x16x16xf32>
    %2 = posenc.bias_dense %1, %bias[%h, %m, %m] : tensor<4x16x16xf32>
    // expected-error @below {{expected a score region to read by query and key only what comes from outside but got a tensor of type 'tensor<4x16x16xf32>' that is computed here}}
    %3 = posenc.bias_dense %2, %bias[%h, %m, %n] : tensor<4x16x16xf32>
    posenc.yield %3 : f32
  }
  return %o : !t
}
