// Symmetric ALiBi of x-transformers, for 2 heads of 3: queries at the end of the keys.
// FIXTURE: x_transformers_alibi
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x3x11x8xf32>
!k = tensor<1x3x17x8xf32>
func.func @main(%q: !q, %k: !k, %v: !k, %slopes: tensor<3xf32>) -> !q {
  %off = arith.constant 6 : index
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !k, !k) outs(%init : !q) offsets(q = %off)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear absolute : tensor<3xf32>, index
    posenc.yield %r : f32
  }
  return %out : !q
}
