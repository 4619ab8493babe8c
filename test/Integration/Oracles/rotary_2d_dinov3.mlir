// DINOv3 in transformers: 3 x 5 patches after two tokens that do not turn.
// FIXTURE: transformers_dinov3
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x17x16xf32>) -> tensor<1x2x17x16xf32> {
  %y = arith.constant 3 : index
  %x = arith.constant 5 : index
  %centers = posenc.grid_positions sizes(%y, %x) centered : tensor<2x15xf32>
  %turn = arith.constant dense<6.28318548> : tensor<2x15xf32>
  %p = arith.mulf %centers, %turn : tensor<2x15xf32>
  %u = posenc.inv_freq <default, dim = 8, base = 100.0> : tensor<4xf32>
  %w = tensor.concat dim(0) %u, %u : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  %patches = posenc.angles %p by(%w) axes <sections, [4, 4]> : tensor<2x15xf32>, tensor<8xf32> -> tensor<15x8xf32>
  %still = arith.constant dense<0.0> : tensor<2x8xf32>
  %a = tensor.concat dim(0) %still, %patches : (tensor<2x8xf32>, tensor<15x8xf32>) -> tensor<17x8xf32>
  %out = posenc.rotate %q by(%a) half : tensor<1x2x17x16xf32>, tensor<17x8xf32>
  return %out : tensor<1x2x17x16xf32>
}
