// Pixtral: of the head's frequencies rows take the even ones and columns the odd ones.
// FIXTURE: transformers_pixtral
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x15x16xf32>) -> tensor<1x2x15x16xf32> {
  %y = arith.constant 3 : index
  %x = arith.constant 5 : index
  %p = posenc.grid_positions sizes(%y, %x) : tensor<2x15xi64>
  %u = posenc.inv_freq <default, dim = 16> : tensor<8xf32>
  %even = tensor.extract_slice %u[0] [4] [2] : tensor<8xf32> to tensor<4xf32>
  %odd = tensor.extract_slice %u[1] [4] [2] : tensor<8xf32> to tensor<4xf32>
  %w = tensor.concat dim(0) %even, %odd : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  %a = posenc.angles %p by(%w) axes <sections, [4, 4]> : tensor<2x15xi64>, tensor<8xf32> -> tensor<15x8xf32>
  %out = posenc.rotate %q by(%a) half : tensor<1x2x15x16xf32>, tensor<15x8xf32>
  return %out : tensor<1x2x15x16xf32>
}
