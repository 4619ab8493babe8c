// attn-gym's ALiBi: slopes 2^(-8 (h + 1) / H) for any number of heads, 3 of them here.
// FIXTURE: gym_alibi
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x3x16x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q) -> !q {
  %slopes = posenc.alibi_slopes geometric : tensor<3xf32>
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %x = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear k_minus_q : tensor<3xf32>, index
    %r = posenc.mask %x at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
