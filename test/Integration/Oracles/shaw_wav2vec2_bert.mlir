// Shaw's relative keys (Shaw et al. 2018) in Wav2Vec2-BERT: the query times a row by the distance, from 9 back to 4 ahead.
// FIXTURE: transformers_wav2vec2_bert_relative_key
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x19x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %table: tensor<14x8xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %sigma = arith.constant 0.353553385 : f32
    %r = posenc.rel_dot %s, %q[%b, %h, %m], %table at(%i, %j)
        bucket <clip, k_minus_q, left = 9, right = 4> weight(%sigma) : !q, tensor<14x8xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
