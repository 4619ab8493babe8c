// gpt-oss: a learned logit per head beside the keys of a window of 6.
// FIXTURE: transformers_gpt_oss_sinks
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x4x9x8xf32>
!k = tensor<1x2x17x8xf32>
func.func @main(%q: !q, %k: !k, %v: !k, %sinks: tensor<4xf32>) -> !q {
  %off = arith.constant 8 : index
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !k, !k) outs(%init : !q) offsets(q = %off) sinks(%sinks : tensor<4xf32>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.mask %s at(%i, %j) <window, left = 5, right = 0>
    posenc.yield %r : f32
  }
  return %out : !q
}
