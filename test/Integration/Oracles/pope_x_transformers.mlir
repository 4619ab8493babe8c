// PoPE (Gopalakrishnan et al. 2025), cosines before sines: channels become magnitudes of angles. The scale is that of the
// original channels.
// FIXTURE: x_transformers_pope
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main(%q: tensor<1x2x15x8xf32>, %k: tensor<1x2x15x8xf32>, %v: tensor<1x2x15x8xf32>, %phase: tensor<2x8xf32>) -> tensor<1x2x15x8xf32> {
  %w = posenc.inv_freq <default, dim = 16> : tensor<8xf32>
  %pk = posenc.positions : tensor<15xi64>
  %pq = posenc.positions : tensor<15xi64>
  %aq = posenc.angles %pq by(%w) : tensor<15xi64>, tensor<8xf32> -> tensor<15x8xf32>
  %ak = posenc.angles %pk by(%w) : tensor<15xi64>, tensor<8xf32> -> tensor<15x8xf32>
  %polar_q = posenc.polar %q by(%aq) concat : tensor<1x2x15x8xf32>, tensor<15x8xf32> -> tensor<1x2x15x16xf32>
  %polar_k = posenc.polar %k by(%ak) phase(%phase : tensor<2x8xf32>) concat
      : tensor<1x2x15x8xf32>, tensor<15x8xf32> -> tensor<1x2x15x16xf32>
  %init = tensor.empty() : tensor<1x2x15x8xf32>
  %out = posenc.attention scale(0.353553385) ins(%polar_q, %polar_k, %v : tensor<1x2x15x16xf32>, tensor<1x2x15x16xf32>, tensor<1x2x15x8xf32>) outs(%init : tensor<1x2x15x8xf32>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : tensor<1x2x15x8xf32>
}
