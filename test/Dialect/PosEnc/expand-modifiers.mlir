// RUN: posenc-opt %s --posenc-expand-modifiers | FileCheck %s
// A modifier of a dialect that has no model for bufferization: test/Tools/own-encoding.test.

// CHECK-LABEL: func.func @negative_can_stand_on_buffers
func.func @negative_can_stand_on_buffers(%q: tensor<1x2x8x4xf32>, %t: tensor<5x2xf32>) -> tensor<1x2x8x4xf32> {
  // CHECK: posenc.bias_table
  // CHECK: posenc.mask
  %o = posenc.attention scale(1.0)
      ins(%q, %q, %q : tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>)
      outs(%q : tensor<1x2x8x4xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t[%h] at(%i, %j) bucket <clip, q_minus_k, left = 2, right = 2> : tensor<5x2xf32>
    %2 = posenc.mask %1 at(%i, %j) <causal>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x2x8x4xf32>
}
