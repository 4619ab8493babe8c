// timm's sinusoids of 3 x 5 tokens, an axis after the other.
// FIXTURE: timm_sincos2d_interleaved
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main() -> tensor<15x16xf32> {
  %y = arith.constant 3 : index
  %x = arith.constant 5 : index
  %p = posenc.grid_positions sizes(%y, %x) : tensor<2x15xi64>
  %u = posenc.inv_freq <default, dim = 8> : tensor<4xf32>
  %w = tensor.concat dim(0) %u, %u : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  %a = posenc.angles %p by(%w) axes <sections, [4, 4]> : tensor<2x15xi64>, tensor<8xf32> -> tensor<15x8xf32>
  %out = posenc.sincos %a blocks = 2 : tensor<15x8xf32> -> tensor<15x16xf32>
  return %out : tensor<15x16xf32>
}
