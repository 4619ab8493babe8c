// ALiBi over positions that are data: gaps, packed sequences.
// FIXTURE: x_transformers_alibi_positions
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x13x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %slopes: tensor<2xf32>, %positions: tensor<1x13xi64>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) positions(q = %positions, k = %positions : tensor<1x13xi64>, tensor<1x13xi64>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear absolute : tensor<2xf32>, index
    posenc.yield %r : f32
  }
  return %out : !q
}
