// Talking heads (Shazeer et al. 2020) of x-transformers: mixed scores of all heads are added to each.
// FIXTURE: x_transformers_talking_heads
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x3x13x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %mix: tensor<3x3xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.head_mix(%s) layers(%mix) : tensor<3x3xf32>
    %x = arith.addf %s, %t : f32
    %r = posenc.mask %x at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
