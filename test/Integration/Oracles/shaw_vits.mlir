// VITS (Kim et al. 2021): Shaw's relative keys and values, with no row beyond 4 tokens.
// FIXTURE: transformers_vits
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x15x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %table: tensor<9x8xf32>, %values: tensor<9x8xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q)
      value_rel(%values : tensor<9x8xf32>) bucket <lut, k_minus_q, origin = -4, outside = zero, rows = [0, 1, 2, 3, 4, 5, 6, 7, 8]>
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %sigma = arith.constant 0.353553385 : f32
    %r = posenc.rel_dot %s, %q[%b, %h, %m], %table at(%i, %j)
        bucket <lut, k_minus_q, origin = -4, outside = zero, rows = [0, 1, 2, 3, 4, 5, 6, 7, 8]> weight(%sigma) : !q, tensor<9x8xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
