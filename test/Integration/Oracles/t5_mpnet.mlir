// MPNet (Song et al. 2020): T5's buckets beside scaled scores.
// FIXTURE: transformers_mpnet
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x40x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %table: tensor<32x2xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %table[%h] at(%i, %j)
        bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32x2xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
