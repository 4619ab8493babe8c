// ONNX RotaryEmbedding: neighbouring channels, tables in the order of tokens.
// FIXTURE: onnx_rotary_interleaved
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x19x8xf32>, %cos: tensor<19x4xf32>, %sin: tensor<19x4xf32>) -> tensor<1x2x19x8xf32> {
  %out = posenc.rotate %q by(%cos, %sin) interleaved : tensor<1x2x19x8xf32>, tensor<19x4xf32>, tensor<19x4xf32>
  return %out : tensor<1x2x19x8xf32>
}
