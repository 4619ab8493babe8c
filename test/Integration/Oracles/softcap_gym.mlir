// A soft cap of attn-gym, then its causal mask.
// FIXTURE: gym_softcap
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x16x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %x = posenc.softcap %s cap(2.0)
    %r = posenc.mask %x at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
