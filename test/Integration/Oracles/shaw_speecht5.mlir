// Shaw's relative keys in SpeechT5: query minus key, one row fewer on the right.
// FIXTURE: transformers_speecht5
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x15x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %table: tensor<12x8xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %sigma = arith.constant 0.353553385 : f32
    %r = posenc.rel_dot %s, %q[%b, %h, %m], %table at(%i, %j)
        bucket <clip, q_minus_k, left = 6, right = 5> weight(%sigma) : !q, tensor<12x8xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
