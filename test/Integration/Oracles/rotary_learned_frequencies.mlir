// Learned frequencies: they are a tensor like any other.
// FIXTURE: rotary_learned
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x19x16xf32>, %frequencies: tensor<8xf32>) -> tensor<1x2x19x16xf32> {
  %p = posenc.positions : tensor<19xi64>
  %a = posenc.angles %p by(%frequencies) : tensor<19xi64>, tensor<8xf32> -> tensor<19x8xf32>
  %out = posenc.rotate %q by(%a) interleaved : tensor<1x2x19x16xf32>, tensor<19x8xf32>
  return %out : tensor<1x2x19x16xf32>
}
