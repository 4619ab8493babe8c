// RUN: posenc-opt %s -posenc-drop-row-terms -split-input-file | FileCheck %s

!q = tensor<2x4x?x16xf32>

/// Causal ALiBi: m · (j − i) becomes m · j.
// CHECK-LABEL: func.func @causal(
// CHECK-SAME:    %[[M:[a-z0-9]+]]: tensor<4xf32>
// CHECK:         score(%[[S:.+]], %{{.+}}, %[[H:.+]], %{{.+}}, %{{.+}}) {
// CHECK-DAG:       %[[A:.+]] = tensor.extract %[[M]][%[[H]]]
// CHECK-DAG:       %[[J:.+]] = arith.sitofp
// CHECK:           %[[P:.+]] = arith.mulf %[[A]], %[[J]]
// CHECK-NEXT:      %[[T:.+]] = arith.addf %[[S]], %[[P]]
// CHECK-NEXT:      posenc.mask %[[T]]
// CHECK-NOT:       posenc.bias_fn
func.func @causal(%x: !q, %m: tensor<4xf32>) -> !q {
  %r = posenc.attention scale(1.0) ins(%x, %x, %x : !q, !q, !q) outs(%x : !q) score(%s, %b, %h, %mm, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %0 = posenc.bias_fn %s, %m[%h] at(%i, %j) linear k_minus_q : tensor<4xf32>, index
    %1 = posenc.mask %0 at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return %r : !q
}

/// −m |i − j| under a causal mask is −m (i − j).
// CHECK-LABEL: func.func @causal_absolute(
// CHECK:           %[[P:.+]] = arith.mulf
// CHECK-NEXT:      arith.subf %{{.+}}, %[[P]]
// CHECK-NOT:       posenc.bias_fn
func.func @causal_absolute(%x: !q, %m: tensor<bf16>) -> !q {
  %r = posenc.attention scale(1.0) ins(%x, %x, %x : !q, !q, !q) outs(%x : !q) score(%s, %b, %h, %mm, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %0 = posenc.mask %s at(%i, %j) <causal>
    %1 = posenc.bias_fn %0, %m at(%i, %j) linear absolute : tensor<bf16>, index
    posenc.yield %1 : f32
  }
  return %r : !q
}

/// Behind the softcap the keys that the mask hid are there again, where |i − j| is not
/// i − j.
// CHECK-LABEL: func.func @no_drop_shown_again(
// CHECK:           posenc.bias_fn
func.func @no_drop_shown_again(%x: !q, %m: tensor<4xf32>) -> !q {
  %r = posenc.attention scale(1.0) ins(%x, %x, %x : !q, !q, !q) outs(%x : !q) score(%s, %b, %h, %mm, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %0 = posenc.mask %s at(%i, %j) <causal>
    %1 = posenc.softcap %0 cap(20.0)
    %2 = posenc.bias_fn %1, %m[%h] at(%i, %j) linear absolute : tensor<4xf32>, index
    posenc.yield %2 : f32
  }
  return %r : !q
}

/// D.8: bidirectional, with sinks, with the log-sum-exp, with a softcap behind it,
/// as a factor.
// CHECK-LABEL: func.func @no_drop_bidirectional(
// CHECK:           posenc.bias_fn
func.func @no_drop_bidirectional(%x: !q, %m: tensor<4xf32>) -> !q {
  %r = posenc.attention scale(1.0) ins(%x, %x, %x : !q, !q, !q) outs(%x : !q) score(%s, %b, %h, %mm, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %0 = posenc.bias_fn %s, %m[%h] at(%i, %j) linear absolute : tensor<4xf32>, index
    posenc.yield %0 : f32
  }
  return %r : !q
}

// CHECK-LABEL: func.func @no_drop_sinks(
// CHECK:           posenc.bias_fn
func.func @no_drop_sinks(%x: !q, %m: tensor<4xf32>, %z: tensor<4xf32>) -> !q {
  %r = posenc.attention scale(1.0) ins(%x, %x, %x : !q, !q, !q) outs(%x : !q) sinks(%z : tensor<4xf32>) score(%s, %b, %h, %mm, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %0 = posenc.bias_fn %s, %m[%h] at(%i, %j) linear k_minus_q : tensor<4xf32>, index
    %1 = posenc.mask %0 at(%i, %j) <causal>
    posenc.yield %1 : f32
  }
  return %r : !q
}

// CHECK-LABEL: func.func @no_drop_lse(
// CHECK:           posenc.bias_fn
func.func @no_drop_lse(%x: !q, %m: tensor<4xf32>, %l: tensor<2x4x?xf32>) -> !q {
  %r:2 = posenc.attention scale(1.0) ins(%x, %x, %x : !q, !q, !q) outs(%x, %l : !q, tensor<2x4x?xf32>) score(%s, %b, %h, %mm, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %0 = posenc.bias_fn %s, %m[%h] at(%i, %j) linear k_minus_q : tensor<4xf32>, index
    posenc.yield %0 : f32
  }
  return %r#0 : !q
}

// CHECK-LABEL: func.func @no_drop_softcap(
// CHECK:           posenc.bias_fn
func.func @no_drop_softcap(%x: !q, %m: tensor<4xf32>) -> !q {
  %r = posenc.attention scale(1.0) ins(%x, %x, %x : !q, !q, !q) outs(%x : !q) score(%s, %b, %h, %mm, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %0 = posenc.bias_fn %s, %m[%h] at(%i, %j) linear k_minus_q : tensor<4xf32>, index
    %1 = posenc.softcap %0 cap(20.0)
    posenc.yield %1 : f32
  }
  return %r : !q
}

// CHECK-LABEL: func.func @no_drop_factor(
// CHECK:           posenc.bias_fn
func.func @no_drop_factor(%x: !q, %m: tensor<4xf32>) -> !q {
  %r = posenc.attention scale(1.0) ins(%x, %x, %x : !q, !q, !q) outs(%x : !q) score(%s, %b, %h, %mm, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %0 = posenc.bias_fn %s, %m[%h] at(%i, %j) linear k_minus_q multiply : tensor<4xf32>, index
    posenc.yield %0 : f32
  }
  return %r : !q
}
