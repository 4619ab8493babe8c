// DeBERTa-v2 (He et al. 2021): queries times rows of keys and keys times rows of queries, by logarithmic buckets; all three
// products over sqrt(3 d).
// FIXTURE: transformers_deberta_v2
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x24x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %keys: tensor<16x2x8xf32>, %queries: tensor<16x2x8xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.204124144) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %sigma = arith.constant 0.204124144 : f32
    %1 = posenc.rel_dot %s, %q[%b, %h, %m], %keys[%h] at(%i, %j)
        bucket <deberta, q_minus_k, size = 8, max = 16, rule = huggingface> weight(%sigma) : !q, tensor<16x2x8xf32>
    %r = posenc.rel_dot %1, %k[%b, %h, %n], %queries[%h] at(%i, %j)
        bucket <deberta, q_minus_k, size = 8, max = 16, rule = huggingface> weight(%sigma) : !q, tensor<16x2x8xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
