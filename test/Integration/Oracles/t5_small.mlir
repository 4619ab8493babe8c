// T5's buckets with other numbers: 16 up to distance 32.
// FIXTURE: transformers_t5_small
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x24x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %table: tensor<16x2xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(1.0) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %table[%h] at(%i, %j)
        bucket <t5, k_minus_q, num_buckets = 16, max_distance = 32, bidirectional = true> : tensor<16x2xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
