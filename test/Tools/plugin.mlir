// A stock mlir-opt with the plugin has the dialect and its passes.
// RUN: mlir-opt --load-dialect-plugin=%plugin --load-pass-plugin=%plugin %s \
// RUN:   --pass-pipeline='builtin.module(posenc-expand-buckets)' | FileCheck %s

// CHECK-LABEL: func.func @attention
// CHECK:         posenc.attention
// CHECK:           bucket <clip
func.func @attention(%q: tensor<2x4x40x16xf32>, %table: tensor<32x4xf32>, %init: tensor<2x4x40x16xf32>) -> tensor<2x4x40x16xf32> {
  %o = posenc.attention scale(1.0)
      ins(%q, %q, %q : tensor<2x4x40x16xf32>, tensor<2x4x40x16xf32>, tensor<2x4x40x16xf32>)
      outs(%init : tensor<2x4x40x16xf32>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32x4xf32>
    posenc.yield %t : f32
  }
  return %o : tensor<2x4x40x16xf32>
}
