// timm's axial rotation (base 100): rows in the first half of the pairs, columns in the other.
// FIXTURE: timm_rotary_axial
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x15x16xf32>) -> tensor<1x2x15x16xf32> {
  %y = arith.constant 3 : index
  %x = arith.constant 5 : index
  %p = posenc.grid_positions sizes(%y, %x) : tensor<2x15xi64>
  %u = posenc.inv_freq <default, dim = 8, base = 100.0> : tensor<4xf32>
  %w = tensor.concat dim(0) %u, %u : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  %a = posenc.angles %p by(%w) axes <sections, [4, 4]> : tensor<2x15xi64>, tensor<8xf32> -> tensor<15x8xf32>
  %out = posenc.rotate %q by(%a) interleaved : tensor<1x2x15x16xf32>, tensor<15x8xf32>
  return %out : tensor<1x2x15x16xf32>
}
