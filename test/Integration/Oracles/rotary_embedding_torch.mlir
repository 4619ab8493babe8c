// rotary-embedding-torch, half of the channels.
// FIXTURE: rotary_rotate
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x19x16xf32>) -> tensor<1x2x19x16xf32> {
  %first = arith.constant 7 : index
  %p = posenc.positions offset(%first) : tensor<19xi64>
  %w = posenc.inv_freq <default, dim = 8> : tensor<4xf32>
  %a = posenc.angles %p by(%w) : tensor<19xi64>, tensor<4xf32> -> tensor<19x4xf32>
  %out = posenc.rotate %q by(%a) interleaved : tensor<1x2x19x16xf32>, tensor<19x4xf32>
  return %out : tensor<1x2x19x16xf32>
}
