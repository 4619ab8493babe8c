// Inkling's sliding layers: rows of their own times a table by the distance, 0 beyond it; grouped heads, unscaled.
// FIXTURE: transformers_inkling_sliding
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x4x17x8xf32>
!k = tensor<1x2x17x8xf32>
func.func @main(%q: !q, %k: !k, %v: !k, %x: tensor<1x4x17x4xf32>, %table: tensor<6x4xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.125) ins(%q, %k, %v : !q, !k, !k) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %y = posenc.rel_dot %s, %x[%b, %h, %m], %table at(%i, %j)
        bucket <identity, q_minus_k, extent = 6> : tensor<1x4x17x4xf32>, tensor<6x4xf32>
    %r = posenc.mask %y at(%i, %j) <window, left = 5, right = 0>
    posenc.yield %r : f32
  }
  return %out : !q
}
