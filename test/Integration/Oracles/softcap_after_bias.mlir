// x-transformers caps content and bias together, then hides: another order than Gemma-2's and ONNX's.
// FIXTURE: x_transformers_softclamp
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x11x8xf32>
!k = tensor<1x2x17x8xf32>
func.func @main(%q: !q, %k: !k, %v: !k, %slopes: tensor<2xf32>) -> !q {
  %off = arith.constant 6 : index
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !k, !k) outs(%init : !q) offsets(q = %off)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %x = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear k_minus_q : tensor<2xf32>, index
    %y = posenc.softcap %x cap(1.5)
    %r = posenc.mask %y at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
