// LeViT (Graham et al. 2021): a table by the absolute differences of rows and columns.
// FIXTURE: transformers_levit
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x16x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %table: tensor<16x2xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <abs_grid, height = 4, width = 4> : tensor<16x2xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
