// BEiT (Bao et al. 2021): Swin's table, and three more rows for the class token.
// FIXTURE: transformers_beit
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x10x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %table: tensor<28x2xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <grid2d, q_minus_k, height = 3, width = 3, cls = beit> : tensor<28x2xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
