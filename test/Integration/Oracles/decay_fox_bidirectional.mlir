// Forgetting attention in both directions: one gate for the past, another for the future.
// FIXTURE: x_transformers_forgetting_bidirectional
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x13x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %forward: tensor<1x2x13xf32>, %backward: tensor<1x2x13xf32>) -> !q {
  %cf = posenc.decay_gate %forward : tensor<1x2x13xf32> -> tensor<1x2x13xf32>
  %cb = posenc.decay_gate %backward : tensor<1x2x13xf32> -> tensor<1x2x13xf32>
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %fm = tensor.extract %cf[%b, %h, %m] : tensor<1x2x13xf32>
    %fn = tensor.extract %cf[%b, %h, %n] : tensor<1x2x13xf32>
    %bm = tensor.extract %cb[%b, %h, %m] : tensor<1x2x13xf32>
    %bn = tensor.extract %cb[%b, %h, %n] : tensor<1x2x13xf32>
    %past = arith.subf %fm, %fn : f32
    %future = arith.subf %bn, %bm : f32
    %is_past = arith.cmpi sge, %m, %n : index
    %bias = arith.select %is_past, %past, %future : f32
    %r = arith.addf %s, %bias : f32
    posenc.yield %r : f32
  }
  return %out : !q
}
