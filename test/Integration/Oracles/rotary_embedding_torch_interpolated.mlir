// rotary-embedding-torch with interpolate_factor: position interpolation (Chen et al. 2023).
// FIXTURE: rotary_interpolated
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x19x16xf32>) -> tensor<1x2x19x16xf32> {
  %p = posenc.positions : tensor<19xi64>
  %w = posenc.inv_freq <linear, dim = 16, factor = 4.0> : tensor<8xf32>
  %a = posenc.angles %p by(%w) : tensor<19xi64>, tensor<8xf32> -> tensor<19x8xf32>
  %out = posenc.rotate %q by(%a) interleaved : tensor<1x2x19x16xf32>, tensor<19x8xf32>
  return %out : tensor<1x2x19x16xf32>
}
