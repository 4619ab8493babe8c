// rotary-embedding-torch: 4 queries at the end of 19 keys.
// FIXTURE: rotary_cached_keys
// RESULTS: out keys
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x4x16xf32>, %k: tensor<1x2x19x16xf32>) -> (tensor<1x2x4x16xf32>, tensor<1x2x19x16xf32>) {
  %w = posenc.inv_freq <default, dim = 16> : tensor<8xf32>
  %pk = posenc.positions : tensor<19xi64>
  %first = arith.constant 15 : index
  %pq = posenc.positions offset(%first) : tensor<4xi64>
  %aq = posenc.angles %pq by(%w) : tensor<4xi64>, tensor<8xf32> -> tensor<4x8xf32>
  %ak = posenc.angles %pk by(%w) : tensor<19xi64>, tensor<8xf32> -> tensor<19x8xf32>
  %out = posenc.rotate %q by(%aq) interleaved : tensor<1x2x4x16xf32>, tensor<4x8xf32>
  %keys = posenc.rotate %k by(%ak) interleaved : tensor<1x2x19x16xf32>, tensor<19x8xf32>
  return %out, %keys : tensor<1x2x4x16xf32>, tensor<1x2x19x16xf32>
}
