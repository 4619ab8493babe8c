// MPT's ALiBi, decoding 4 tokens with 11 in the cache: its bias by key differs from slope (j - i) by a constant per row.
// FIXTURE: transformers_mpt
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x3x4x8xf32>
!k = tensor<1x3x15x8xf32>
func.func @main(%q: !q, %k: !k, %v: !k, %slopes: tensor<3xf32>) -> !q {
  %off = arith.constant 11 : index
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !k, !k) outs(%init : !q) offsets(q = %off)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %x = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear k_minus_q : tensor<3xf32>, index
    %r = posenc.mask %x at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
