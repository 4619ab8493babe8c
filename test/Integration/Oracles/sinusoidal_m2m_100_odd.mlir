// fairseq's sinusoids of odd width: a column of zeros at the end.
// FIXTURE: transformers_m2m_100_odd
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main() -> tensor<20x17xf32> {
  %p = posenc.positions : tensor<20xi64>
  %w = posenc.inv_freq <endpoint, dim = 16> : tensor<8xf32>
  %a = posenc.angles %p by(%w) : tensor<20xi64>, tensor<8xf32> -> tensor<20x8xf32>
  %out = posenc.sincos %a concat : tensor<20x8xf32> -> tensor<20x17xf32>
  return %out : tensor<20x17xf32>
}
