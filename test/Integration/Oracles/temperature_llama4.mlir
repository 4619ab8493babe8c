// Llama-4's layers without rotation: queries grow with the logarithm of their position, counted from 1.
// FIXTURE: transformers_llama4_temperature
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x21x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q) -> !q {
  %p = posenc.positions : tensor<21xi64>
  %t = posenc.temperature %p llama4 alpha 0.5 length 4.0 : tensor<21xi64> -> tensor<21xf32>
  %qt = posenc.row_scale %q by(%t) : !q, tensor<21xf32>
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%qt, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
