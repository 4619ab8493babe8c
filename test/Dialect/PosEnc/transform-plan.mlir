// A transform script pins parts of plans; the planner decides the rest.
// RUN: posenc-opt %s --transform-interpreter --posenc-plan="chip=x86-64-v4" | FileCheck %s

// CHECK-LABEL: @causal_table(
// CHECK:       posenc.plan = #posenc.plan<engine = "vector", block_m = 64, block_n = 256, stages = 1, key_splits = 1, zones = [skipped, 0, band, 8, constant]>
// CHECK:       posenc.bias_table {{.*}} {posenc.strategy = #posenc.strategy<per_score>}
// CHECK:       posenc.mask {{.*}} {posenc.strategy = #posenc.strategy<strip_init>}
func.func @causal_table(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>, %t: tensor<17xf32>) -> tensor<1x4x?x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t at(%i, %j) bucket <clip, q_minus_k, left = 8, right = 8> : tensor<17xf32>
    %2 = posenc.mask %1 at(%i, %j) <causal>
    posenc.yield %2 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %attention = transform.structured.match ops{["posenc.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.posenc.set_plan %attention, <block_m = 64, block_n = 256> : !transform.any_op
    transform.posenc.set_strategy %attention, 0, <per_score> : !transform.any_op
    transform.yield
  }
}
