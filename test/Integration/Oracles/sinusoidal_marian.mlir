// Marian: all sines, then all cosines; base^(-2k/d), in float64.
// FIXTURE: transformers_marian
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main() -> tensor<40x16xf32> {
  %p = posenc.positions : tensor<40xi64>
  %w = posenc.inv_freq <default, dim = 16> : tensor<8xf32>
  %a = posenc.angles %p by(%w) : tensor<40xi64>, tensor<8xf32> -> tensor<40x8xf32>
  %out = posenc.sincos %a concat : tensor<40x8xf32> -> tensor<40x16xf32>
  return %out : tensor<40x16xf32>
}
