// Llama 3.1's frequencies: long periods stretched 8 times, short ones kept, a blend between.
// FIXTURE: transformers_llama3
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x19x16xf32>, %positions: tensor<1x19xi64>) -> tensor<1x2x19x16xf32> {
  %w = posenc.inv_freq <llama3, dim = 16, factor = 8.0, low_freq_factor = 1.0, high_freq_factor = 4.0, original_length = 128> : tensor<8xf32>
  %a = posenc.angles %positions by(%w) : tensor<1x19xi64>, tensor<8xf32> -> tensor<1x19x8xf32>
  %out = posenc.rotate %q by(%a) half : tensor<1x2x19x16xf32>, tensor<1x19x8xf32>
  return %out : tensor<1x2x19x16xf32>
}
