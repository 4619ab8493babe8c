// Swin's shifted windows: its mask of -100 between tokens that were no neighbours, per window.
// FIXTURE: transformers_swin_shifted
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<4x2x9x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %table: tensor<25x2xf32>, %mask: tensor<4x9x9xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %x = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <grid2d, q_minus_k, height = 3, width = 3> : tensor<25x2xf32>
    %r = posenc.bias_dense %x, %mask[%b, %m, %n] : tensor<4x9x9xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
