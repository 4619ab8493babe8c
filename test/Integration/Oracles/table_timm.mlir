// timm's RelPosBias on given scores, 3 x 4 tokens.
// FIXTURE: timm_rel_pos_bias
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%scores: tensor<1x2x12x12xf32>, %table: tensor<35x2xf32>) -> tensor<1x2x12x12xf32> {
  %init = tensor.empty() : tensor<1x2x12x12xf32>
  %out = posenc.score_map outs(%init : tensor<1x2x12x12xf32>) score(%z, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %s = tensor.extract %scores[%b, %h, %m, %n] : tensor<1x2x12x12xf32>
    %r = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <grid2d, q_minus_k, height = 3, width = 4> : tensor<35x2xf32>
    posenc.yield %r : f32
  }
  return %out : tensor<1x2x12x12xf32>
}
