// x-transformers' T5: its bias is times sqrt(d), its queries stand at the end of the keys.
// FIXTURE: x_transformers_t5
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x7x8xf32>
!k = tensor<1x2x19x8xf32>
func.func @main(%q: !q, %k: !k, %v: !k, %table: tensor<32x2xf32>) -> !q {
  %off = arith.constant 12 : index
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !k, !k) outs(%init : !q) offsets(q = %off)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %w = arith.constant 2.82842712 : f32
    %x = posenc.bias_table %s, %table[%h] at(%i, %j)
        bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = false> weight(%w) : tensor<32x2xf32>
    %r = posenc.mask %x at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
