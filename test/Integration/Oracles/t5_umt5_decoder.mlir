// UMT5 (Chung et al. 2023): T5's buckets, a table per layer.
// FIXTURE: transformers_umt5_decoder
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x14x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %table: tensor<32x2xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(1.0) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %x = posenc.bias_table %s, %table[%h] at(%i, %j)
        bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = false> : tensor<32x2xf32>
    %r = posenc.mask %x at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
