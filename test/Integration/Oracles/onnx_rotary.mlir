// ONNX RotaryEmbedding: halves of the leading 8 channels, tables read at position ids.
// FIXTURE: onnx_rotary
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x19x16xf32>, %positions: tensor<1x19xi64>, %cos: tensor<40x4xf32>, %sin: tensor<40x4xf32>) -> tensor<1x2x19x16xf32> {
  %c = posenc.lookup %cos[%positions] assert : tensor<40x4xf32>, tensor<1x19xi64> -> tensor<1x19x4xf32>
  %s = posenc.lookup %sin[%positions] assert : tensor<40x4xf32>, tensor<1x19xi64> -> tensor<1x19x4xf32>
  %out = posenc.rotate %q by(%c, %s) half : tensor<1x2x19x16xf32>, tensor<1x19x4xf32>, tensor<1x19x4xf32>
  return %out : tensor<1x2x19x16xf32>
}
