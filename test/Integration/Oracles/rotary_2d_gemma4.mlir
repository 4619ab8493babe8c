// Gemma-4's picture tower: a block of channels per axis, x before y, halves of each block turn.
// FIXTURE: transformers_gemma4_vision
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x15x16xf32>) -> tensor<1x2x15x16xf32> {
  %y = arith.constant 3 : index
  %x = arith.constant 5 : index
  %p = posenc.grid_positions sizes(%y, %x) : tensor<2x15xi64>
  %u = posenc.inv_freq <default, dim = 8> : tensor<4xf32>
  %w = tensor.concat dim(0) %u, %u : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  %a = posenc.angles %p by(%w) axes <list, [1, 1, 1, 1, 0, 0, 0, 0]> : tensor<2x15xi64>, tensor<8xf32> -> tensor<15x8xf32>
  %out = posenc.rotate %q by(%a) block_half = 2 : tensor<1x2x15x16xf32>, tensor<15x8xf32>
  return %out : tensor<1x2x15x16xf32>
}
