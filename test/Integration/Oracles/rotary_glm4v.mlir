// GLM-4V: sections of 1, 2 and 1 pairs, half of the channels.
// FIXTURE: transformers_glm4v
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x19x16xf32>, %positions: tensor<3x1x19xi64>) -> tensor<1x2x19x16xf32> {
  %w = posenc.inv_freq <default, dim = 8> : tensor<4xf32>
  %a = posenc.angles %positions by(%w) axes <sections, [1, 2, 1]> : tensor<3x1x19xi64>, tensor<4xf32> -> tensor<1x19x4xf32>
  %out = posenc.rotate %q by(%a) interleaved : tensor<1x2x19x16xf32>, tensor<1x19x4xf32>
  return %out : tensor<1x2x19x16xf32>
}
