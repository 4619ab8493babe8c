// DeBERTa (He et al. 2020): plain distances, clamped.
// FIXTURE: transformers_deberta
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x14x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %keys: tensor<20x2x8xf32>, %queries: tensor<20x2x8xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.204124144) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %sigma = arith.constant 0.204124144 : f32
    %1 = posenc.rel_dot %s, %q[%b, %h, %m], %keys[%h] at(%i, %j)
        bucket <clip, q_minus_k, left = 10, right = 9> weight(%sigma) : !q, tensor<20x2x8xf32>
    %r = posenc.rel_dot %1, %k[%b, %h, %n], %queries[%h] at(%i, %j)
        bucket <clip, q_minus_k, left = 10, right = 9> weight(%sigma) : !q, tensor<20x2x8xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
