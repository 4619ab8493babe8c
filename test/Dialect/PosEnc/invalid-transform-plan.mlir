// What transform scripts are told that pin what cannot be.
// RUN: posenc-opt %s --transform-interpreter -split-input-file -verify-diagnostics

func.func @causal(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["posenc.mask"]} in %root : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{expected posenc.attention but got posenc.mask}}
    transform.posenc.set_plan %op, <block_m = 64> : !transform.any_op
    transform.yield
  }
}

// -----

func.func @causal(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["posenc.mask"]} in %root : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{expected posenc.attention but got posenc.mask}}
    transform.posenc.set_strategy %op, 0, <strip> : !transform.any_op
    transform.yield
  }
}

// -----

func.func @causal(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["posenc.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{expected a term from 0 to 0 but got 1}}
    transform.posenc.set_strategy %op, 1, <strip> : !transform.any_op
    transform.yield
  }
}

// -----

func.func @causal(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    // expected-note @below {{expected a strategy that its term allows (bounds, strip_init, strip, per_score) but got 'dense'}}
    %1 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["posenc.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{expected what fits the attention}}
    transform.posenc.set_strategy %op, 0, <dense> : !transform.any_op
    transform.yield
  }
}

// -----

func.func @causal(%q: tensor<1x4x?x64xf32>, %init: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xf32> {
  // expected-note @below {{expected a plan that fits the score region but its distances up to 4 are not 'skipped'}}
  %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>, tensor<1x4x?x64xf32>) outs(%init : tensor<1x4x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x64xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["posenc.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{expected what fits the attention}}
    transform.posenc.set_plan %op, <zones = [skipped, 5, full]> : !transform.any_op
    transform.yield
  }
}
