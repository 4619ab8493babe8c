// PoPE on half of the channels, 5 queries at the end of 13 keys.
// FIXTURE: pope_partial
// RESULTS: out polar_q polar_k
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x5x8xf32>, %k: tensor<1x2x13x8xf32>, %v: tensor<1x2x13x8xf32>, %phase: tensor<2x4xf32>) -> (tensor<1x2x5x8xf32>, tensor<1x2x5x12xf32>, tensor<1x2x13x12xf32>) {
  %w = posenc.inv_freq <default, dim = 8> : tensor<4xf32>
  %pk = posenc.positions : tensor<13xi64>
  %off = arith.constant 8 : index
  %pq = posenc.positions offset(%off) : tensor<5xi64>
  %aq = posenc.angles %pq by(%w) : tensor<5xi64>, tensor<4xf32> -> tensor<5x4xf32>
  %ak = posenc.angles %pk by(%w) : tensor<13xi64>, tensor<4xf32> -> tensor<13x4xf32>
  %polar_q = posenc.polar %q by(%aq) interleaved : tensor<1x2x5x8xf32>, tensor<5x4xf32> -> tensor<1x2x5x12xf32>
  %polar_k = posenc.polar %k by(%ak) phase(%phase : tensor<2x4xf32>) interleaved
      : tensor<1x2x13x8xf32>, tensor<13x4xf32> -> tensor<1x2x13x12xf32>
  %init = tensor.empty() : tensor<1x2x5x8xf32>
  %out = posenc.attention scale(0.353553385) ins(%polar_q, %polar_k, %v : tensor<1x2x5x12xf32>, tensor<1x2x13x12xf32>, tensor<1x2x13x8xf32>) outs(%init : tensor<1x2x5x8xf32>) offsets(q = %off)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out, %polar_q, %polar_k : tensor<1x2x5x8xf32>, tensor<1x2x5x12xf32>, tensor<1x2x13x12xf32>
}
