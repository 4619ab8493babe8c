// timm's RelPosBiasTf (MaxViT): key minus query, a table of heads, rows and columns.
// FIXTURE: timm_rel_pos_bias_tf
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%scores: tensor<1x2x12x12xf32>, %table: tensor<2x5x7xf32>) -> tensor<1x2x12x12xf32> {
  %flat = tensor.collapse_shape %table [[0], [1, 2]] : tensor<2x5x7xf32> into tensor<2x35xf32>
  %made = tensor.empty() : tensor<35x2xf32>
  %rows = linalg.transpose ins(%flat : tensor<2x35xf32>) outs(%made : tensor<35x2xf32>) permutation = [1, 0]
  %init = tensor.empty() : tensor<1x2x12x12xf32>
  %out = posenc.score_map outs(%init : tensor<1x2x12x12xf32>) score(%z, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %s = tensor.extract %scores[%b, %h, %m, %n] : tensor<1x2x12x12xf32>
    %r = posenc.bias_table %s, %rows[%h] at(%i, %j) bucket <grid2d, k_minus_q, height = 3, width = 4> : tensor<35x2xf32>
    posenc.yield %r : f32
  }
  return %out : tensor<1x2x12x12xf32>
}
