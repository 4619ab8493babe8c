// Sandwich (Chi et al. 2023), 16 channels: attn-gym counts its cosines from 0.
// FIXTURE: gym_sandwich
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x16x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q) -> !q {
  // H / (8 (h + 1))
  %ratio = arith.constant dense<[0.25, 0.125]> : tensor<2xf32>
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %x = posenc.bias_fn %s, %ratio[%h] at(%i, %j) cosine_sum absolute terms 8 : tensor<2xf32>, index
    %r = posenc.mask %x at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
