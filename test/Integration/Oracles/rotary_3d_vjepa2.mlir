// V-JEPA2: a third of the channels per axis, the last two rest. Its cosines and sines repeat as halves do, while
// neighbours turn: no rotation, so tables per channel.
// FIXTURE: transformers_vjepa2
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x18x20xf32>) -> tensor<1x2x18x20xf32> {
  %two = arith.constant 2 : index
  %three = arith.constant 3 : index
  %p = posenc.grid_positions sizes(%two, %three, %three) : tensor<3x18xi64>
  %u = posenc.inv_freq <default, dim = 6> : tensor<3xf32>
  %w = tensor.concat dim(0) %u, %u, %u, %u, %u, %u
      : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<18xf32>
  %a = posenc.angles %p by(%w) axes <sections, [6, 6, 6]> : tensor<3x18xi64>, tensor<18xf32> -> tensor<18x18xf32>
  %e = posenc.sincos %a concat : tensor<18x18xf32> -> tensor<18x36xf32>
  %sin = tensor.extract_slice %e[0, 0] [18, 18] [1, 1] : tensor<18x36xf32> to tensor<18x18xf32>
  %cos = tensor.extract_slice %e[0, 18] [18, 18] [1, 1] : tensor<18x36xf32> to tensor<18x18xf32>
  %out = posenc.rotate %q by(%cos, %sin) interleaved per_channel : tensor<1x2x18x20xf32>, tensor<18x18xf32>, tensor<18x18xf32>
  return %out : tensor<1x2x18x20xf32>
}
