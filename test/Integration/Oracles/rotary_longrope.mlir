// LongRoPE (Ding et al. 2024) beyond the original length: every pair has its own divisor, for all positions.
// FIXTURE: transformers_longrope
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x19x16xf32>, %positions: tensor<1x19xi64>) -> tensor<1x2x19x16xf32> {
  %n = arith.constant 119 : index
  %w, %mu = posenc.inv_freq <longrope, dim = 16, factor = 4.0, original_length = 64,
      short = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], long = [1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5]> length(%n) : tensor<8xf32>, f32
  %a = posenc.angles %positions by(%w) : tensor<1x19xi64>, tensor<8xf32> -> tensor<1x19x8xf32>
  %out = posenc.rotate %q by(%a) half magnitude(%mu : f32) : tensor<1x2x19x16xf32>, tensor<1x19x8xf32>
  return %out : tensor<1x2x19x16xf32>
}
