// x-transformers with base_rescale_factor: NTK-aware scaling of the base.
// FIXTURE: x_transformers_rotary_ntk
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x19x16xf32>) -> tensor<1x2x19x16xf32> {
  %p = posenc.positions : tensor<19xi64>
  %w = posenc.inv_freq <ntk, dim = 16, alpha = 4.0> : tensor<8xf32>
  %a = posenc.angles %p by(%w) : tensor<19xi64>, tensor<8xf32> -> tensor<19x8xf32>
  %out = posenc.rotate %q by(%a) interleaved : tensor<1x2x19x16xf32>, tensor<19x8xf32>
  return %out : tensor<1x2x19x16xf32>
}
