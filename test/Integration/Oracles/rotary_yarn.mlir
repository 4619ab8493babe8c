// YaRN (Peng et al. 2023): blended frequencies, and a magnitude on the rotated channels.
// FIXTURE: transformers_yarn
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x19x16xf32>, %positions: tensor<1x19xi64>) -> tensor<1x2x19x16xf32> {
  %w, %mu = posenc.inv_freq <yarn, dim = 16, factor = 4.0, original_length = 128> : tensor<8xf32>, f32
  %a = posenc.angles %positions by(%w) : tensor<1x19xi64>, tensor<8xf32> -> tensor<1x19x8xf32>
  %out = posenc.rotate %q by(%a) half magnitude(%mu : f32) : tensor<1x2x19x16xf32>, tensor<1x19x8xf32>
  return %out : tensor<1x2x19x16xf32>
}
