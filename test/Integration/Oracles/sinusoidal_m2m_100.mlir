// M2M-100: real tokens count from 2; padding has a row of zeros.
// FIXTURE: transformers_m2m_100
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%present: tensor<2x9xi64>) -> tensor<2x9x16xf32> {
  %p = posenc.mask_positions %present offset 2 padding 1 : tensor<2x9xi64> -> tensor<2x9xi64>
  %w = posenc.inv_freq <endpoint, dim = 16> : tensor<8xf32>
  %a = posenc.angles %p by(%w) : tensor<2x9xi64>, tensor<8xf32> -> tensor<2x9x8xf32>
  %e = posenc.sincos %a concat : tensor<2x9x8xf32> -> tensor<2x9x16xf32>
  %real = arith.sitofp %present : tensor<2x9xi64> to tensor<2x9xf32>
  %out = posenc.row_scale %e by(%real) : tensor<2x9x16xf32>, tensor<2x9xf32>
  return %out : tensor<2x9x16xf32>
}
