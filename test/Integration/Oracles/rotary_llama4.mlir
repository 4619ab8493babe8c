// Llama-4: a product of complex numbers.
// FIXTURE: transformers_llama4
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x19x16xf32>, %positions: tensor<1x19xi64>) -> tensor<1x2x19x16xf32> {
  %w = posenc.inv_freq <default, dim = 16> : tensor<8xf32>
  %a = posenc.angles %positions by(%w) : tensor<1x19xi64>, tensor<8xf32> -> tensor<1x19x8xf32>
  %out = posenc.rotate %q by(%a) interleaved : tensor<1x2x19x16xf32>, tensor<1x19x8xf32>
  return %out : tensor<1x2x19x16xf32>
}
