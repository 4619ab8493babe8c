// XLNet's relative positions, from the last key's distance down.
// FIXTURE: transformers_xlnet_sinusoids
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%positions: tensor<24xi64>) -> tensor<24x16xf32> {
  %w = posenc.inv_freq <default, dim = 16> : tensor<8xf32>
  %a = posenc.angles %positions by(%w) : tensor<24xi64>, tensor<8xf32> -> tensor<24x8xf32>
  %out = posenc.sincos %a concat : tensor<24x8xf32> -> tensor<24x16xf32>
  return %out : tensor<24x16xf32>
}
