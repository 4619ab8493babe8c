// timm's interleaved M-RoPE for pictures: time stands still.
// FIXTURE: timm_mrope
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x15x16xf32>) -> tensor<1x2x15x16xf32> {
  %y = arith.constant 3 : index
  %x = arith.constant 5 : index
  %grid = posenc.grid_positions sizes(%y, %x) : tensor<2x15xi64>
  %time = arith.constant dense<0> : tensor<1x15xi64>
  %p = tensor.concat dim(0) %time, %grid : (tensor<1x15xi64>, tensor<2x15xi64>) -> tensor<3x15xi64>
  %w = posenc.inv_freq <default, dim = 16> : tensor<8xf32>
  %a = posenc.angles %p by(%w) axes <interleaved, [2, 3, 3]> : tensor<3x15xi64>, tensor<8xf32> -> tensor<15x8xf32>
  %out = posenc.rotate %q by(%a) half : tensor<1x2x15x16xf32>, tensor<15x8xf32>
  return %out : tensor<1x2x15x16xf32>
}
