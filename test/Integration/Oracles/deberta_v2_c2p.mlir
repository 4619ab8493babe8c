// DeBERTa-v2, content to position alone, without buckets.
// FIXTURE: transformers_deberta_v2_c2p
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x14x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %keys: tensor<28x2x8xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.25) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %sigma = arith.constant 0.25 : f32
    %r = posenc.rel_dot %s, %q[%b, %h, %m], %keys[%h] at(%i, %j)
        bucket <clip, q_minus_k, left = 14, right = 13> weight(%sigma) : !q, tensor<28x2x8xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
