// M-RoPE of Qwen2-VL: pairs read time, rows and columns in sections of 2, 3 and 3.
// FIXTURE: transformers_qwen2_vl
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x19x16xf32>, %positions: tensor<3x1x19xi64>) -> tensor<1x2x19x16xf32> {
  %w = posenc.inv_freq <default, dim = 16> : tensor<8xf32>
  %a = posenc.angles %positions by(%w) axes <sections, [2, 3, 3]> : tensor<3x1x19xi64>, tensor<8xf32> -> tensor<1x19x8xf32>
  %out = posenc.rotate %q by(%a) half : tensor<1x2x19x16xf32>, tensor<1x19x8xf32>
  return %out : tensor<1x2x19x16xf32>
}
