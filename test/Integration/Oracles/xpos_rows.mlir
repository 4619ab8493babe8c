// xPos (Sun et al. 2022): magnitudes of queries and keys about the middle of the sequence.
// FIXTURE: rotary_xpos
// RESULTS: out keys
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x15x8xf32>, %k: tensor<1x2x15x8xf32>) -> (tensor<1x2x15x8xf32>, tensor<1x2x15x8xf32>) {
  %p = posenc.positions : tensor<15xi64>
  %w = posenc.inv_freq <default, dim = 8> : tensor<4xf32>
  %a = posenc.angles %p by(%w) : tensor<15xi64>, tensor<4xf32> -> tensor<15x4xf32>
  %middle = arith.constant 7 : index
  %mq = posenc.xpos_magnitude %p center(%middle) scale_base 16.0 : tensor<15xi64> -> tensor<15x4xf32>
  %mk = posenc.xpos_magnitude %p center(%middle) inverse scale_base 16.0 : tensor<15xi64> -> tensor<15x4xf32>
  %out = posenc.rotate %q by(%a) interleaved magnitude(%mq : tensor<15x4xf32>) : tensor<1x2x15x8xf32>, tensor<15x4xf32>
  %keys = posenc.rotate %k by(%a) interleaved magnitude(%mk : tensor<15x4xf32>) : tensor<1x2x15x8xf32>, tensor<15x4xf32>
  return %out, %keys : tensor<1x2x15x8xf32>, tensor<1x2x15x8xf32>
}
