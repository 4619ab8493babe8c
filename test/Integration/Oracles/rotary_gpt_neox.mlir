// GPT-NeoX: a quarter of the channels turns; the exponent's denominator is their number.
// FIXTURE: transformers_gpt_neox
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x19x16xf32>, %positions: tensor<1x19xi64>) -> tensor<1x2x19x16xf32> {
  %w = posenc.inv_freq <default, dim = 4> : tensor<2xf32>
  %a = posenc.angles %positions by(%w) : tensor<1x19xi64>, tensor<2xf32> -> tensor<1x19x2xf32>
  %out = posenc.rotate %q by(%a) half : tensor<1x2x19x16xf32>, tensor<1x19x2xf32>
  return %out : tensor<1x2x19x16xf32>
}
