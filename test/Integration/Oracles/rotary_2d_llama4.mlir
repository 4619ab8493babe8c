// Llama-4's picture tower: columns before rows, both counted from 1; the class token at the end stays.
// FIXTURE: transformers_llama4_vision
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x10x16xf32>) -> tensor<1x2x10x16xf32> {
  %three = arith.constant 3 : index
  %one = arith.constant 1 : index
  %grid = posenc.grid_positions sizes(%three, %three) offset(%one) : tensor<2x9xi64>
  %class = arith.constant dense<0> : tensor<2x1xi64>
  %p = tensor.concat dim(1) %grid, %class : (tensor<2x9xi64>, tensor<2x1xi64>) -> tensor<2x10xi64>
  %u = posenc.inv_freq <default, dim = 8> : tensor<4xf32>
  %w = tensor.concat dim(0) %u, %u : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  %a = posenc.angles %p by(%w) axes <list, [1, 1, 1, 1, 0, 0, 0, 0]> : tensor<2x10xi64>, tensor<8xf32> -> tensor<10x8xf32>
  %out = posenc.rotate %q by(%a) interleaved : tensor<1x2x10x16xf32>, tensor<10x8xf32>
  return %out : tensor<1x2x10x16xf32>
}
