// x-transformers' sinusoids, times a learned number.
// FIXTURE: x_transformers_sinusoidal
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%scale: tensor<1xf32>) -> tensor<21x16xf32> {
  %zero = arith.constant 0 : index
  %g = tensor.extract %scale[%zero] : tensor<1xf32>
  %p = posenc.positions : tensor<21xi64>
  %w = posenc.inv_freq <default, dim = 16> : tensor<8xf32>
  %a = posenc.angles %p by(%w) : tensor<21xi64>, tensor<8xf32> -> tensor<21x8xf32>
  %out = posenc.sincos %a concat scale(%g) : tensor<21x8xf32> -> tensor<21x16xf32>
  return %out : tensor<21x16xf32>
}
