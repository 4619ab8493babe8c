// x-transformers' RelativeProjPositionalBias: Inkling's bias, 9 queries at the end of 14 keys.
// FIXTURE: x_transformers_relative_projection
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x9x8xf32>
!k = tensor<1x2x14x8xf32>
func.func @main(%q: !q, %k: !k, %v: !k, %x: tensor<1x2x9x4xf32>, %table: tensor<6x4xf32>) -> !q {
  %off = arith.constant 5 : index
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !k, !k) outs(%init : !q) offsets(q = %off)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %y = posenc.rel_dot %s, %x[%b, %h, %m], %table at(%i, %j)
        bucket <identity, q_minus_k, extent = 6> : tensor<1x2x9x4xf32>, tensor<6x4xf32>
    %r = posenc.mask %y at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
