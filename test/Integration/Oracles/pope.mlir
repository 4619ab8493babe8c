// PoPE (Gopalakrishnan et al. 2025), cosines and sines in turns.
// FIXTURE: pope_whole
// RESULTS: out polar_q polar_k
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x11x8xf32>, %k: tensor<1x2x11x8xf32>, %v: tensor<1x2x11x8xf32>, %phase: tensor<2x8xf32>) -> (tensor<1x2x11x8xf32>, tensor<1x2x11x16xf32>, tensor<1x2x11x16xf32>) {
  %w = posenc.inv_freq <default, dim = 16> : tensor<8xf32>
  %pk = posenc.positions : tensor<11xi64>
  %pq = posenc.positions : tensor<11xi64>
  %aq = posenc.angles %pq by(%w) : tensor<11xi64>, tensor<8xf32> -> tensor<11x8xf32>
  %ak = posenc.angles %pk by(%w) : tensor<11xi64>, tensor<8xf32> -> tensor<11x8xf32>
  %polar_q = posenc.polar %q by(%aq) interleaved : tensor<1x2x11x8xf32>, tensor<11x8xf32> -> tensor<1x2x11x16xf32>
  %polar_k = posenc.polar %k by(%ak) phase(%phase : tensor<2x8xf32>) interleaved
      : tensor<1x2x11x8xf32>, tensor<11x8xf32> -> tensor<1x2x11x16xf32>
  %init = tensor.empty() : tensor<1x2x11x8xf32>
  %out = posenc.attention scale(0.353553385) ins(%polar_q, %polar_k, %v : tensor<1x2x11x16xf32>, tensor<1x2x11x16xf32>, tensor<1x2x11x8xf32>) outs(%init : tensor<1x2x11x8xf32>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out, %polar_q, %polar_k : tensor<1x2x11x8xf32>, tensor<1x2x11x16xf32>, tensor<1x2x11x16xf32>
}
