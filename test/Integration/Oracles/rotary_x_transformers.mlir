// x-transformers: neighbouring channels turn, half of them.
// FIXTURE: x_transformers_rotary
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x19x16xf32>) -> tensor<1x2x19x16xf32> {
  %p = posenc.positions : tensor<19xi64>
  %w = posenc.inv_freq <default, dim = 8> : tensor<4xf32>
  %a = posenc.angles %p by(%w) : tensor<19xi64>, tensor<4xf32> -> tensor<19x4xf32>
  %out = posenc.rotate %q by(%a) interleaved : tensor<1x2x19x16xf32>, tensor<19x4xf32>
  return %out : tensor<1x2x19x16xf32>
}
