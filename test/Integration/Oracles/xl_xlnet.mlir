// XLNet (Yang et al. 2019), Transformer-XL's attention in both directions: (q + u) k + (q + w) r, all scaled.
// FIXTURE: transformers_xlnet
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x13x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q,
                %table: tensor<26x2x8xf32>, %u: tensor<2x8xf32>, %w: tensor<2x8xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %sigma = arith.constant 0.353553385 : f32
    %1 = posenc.bias_lowrank %s, %u[%h], %k[%b, %h, %n] weight(%sigma) : tensor<2x8xf32>, !q
    %r = posenc.rel_dot %1, %q[%b, %h, %m], %table[%h] at(%i, %j)
        bucket <clip, q_minus_k, left = 12, right = 13> bias(%w[%h]) weight(%sigma) : !q, tensor<26x2x8xf32>, tensor<2x8xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
