// Swin (Liu et al. 2021): a table by the differences of rows and columns in a window of 3 x 3.
// FIXTURE: transformers_swin
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<2x2x9x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %table: tensor<25x2xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <grid2d, q_minus_k, height = 3, width = 3> : tensor<25x2xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
