// Gemma-2: the cap, then a window of 6 keys, 8 keys in the cache, grouped heads.
// FIXTURE: transformers_gemma2_softcap
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x4x9x8xf32>
!k = tensor<1x2x17x8xf32>
func.func @main(%q: !q, %k: !k, %v: !k) -> !q {
  %off = arith.constant 8 : index
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !k, !k) outs(%init : !q) offsets(q = %off)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %x = posenc.softcap %s cap(1.5)
    %r = posenc.mask %x at(%i, %j) <window, left = 5, right = 0>
    posenc.yield %r : f32
  }
  return %out : !q
}
