// attn-gym's sliding window: 5 keys back.
// FIXTURE: gym_sliding_window
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x16x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.mask %s at(%i, %j) <window, left = 5, right = 0>
    posenc.yield %r : f32
  }
  return %out : !q
}
