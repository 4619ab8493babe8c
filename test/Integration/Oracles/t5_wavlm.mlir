// WavLM (Chen et al. 2022): T5's table, times a gate that each query computes from its content.
// FIXTURE: transformers_wavlm
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x20x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %gate: tensor<1x2x20xf32>, %table: tensor<32x2xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %g = tensor.extract %gate[%b, %h, %m] : tensor<1x2x20xf32>
    %r = posenc.bias_table %s, %table[%h] at(%i, %j)
        bucket <t5, k_minus_q, num_buckets = 32, max_distance = 80, bidirectional = true> weight(%g) : tensor<32x2xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
