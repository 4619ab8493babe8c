// timm's RelPosBias with a class token: BEiT's order of its three rows.
// FIXTURE: timm_rel_pos_bias_class
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%scores: tensor<1x2x13x13xf32>, %table: tensor<38x2xf32>) -> tensor<1x2x13x13xf32> {
  %init = tensor.empty() : tensor<1x2x13x13xf32>
  %out = posenc.score_map outs(%init : tensor<1x2x13x13xf32>) score(%z, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %s = tensor.extract %scores[%b, %h, %m, %n] : tensor<1x2x13x13xf32>
    %r = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <grid2d, q_minus_k, height = 3, width = 4, cls = beit> : tensor<38x2xf32>
    posenc.yield %r : f32
  }
  return %out : tensor<1x2x13x13xf32>
}
