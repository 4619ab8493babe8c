// Inkling's global layers: the temperature scales queries and bias.
// FIXTURE: transformers_inkling_global
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x4x17x8xf32>
!k = tensor<1x2x17x8xf32>
func.func @main(%q: !q, %k: !k, %v: !k, %x: tensor<1x4x17x4xf32>, %table: tensor<6x4xf32>) -> !q {
  %p = posenc.positions : tensor<17xi64>
  %tau = posenc.temperature %p inkling alpha 0.1 length 4.0 : tensor<17xi64> -> tensor<17xf32>
  %qt = posenc.row_scale %q by(%tau) : !q, tensor<17xf32>
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.125) ins(%qt, %k, %v : !q, !k, !k) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %sigma = tensor.extract %tau[%m] : tensor<17xf32>
    %y = posenc.rel_dot %s, %x[%b, %h, %m], %table at(%i, %j)
        bucket <identity, q_minus_k, extent = 6> weight(%sigma) : tensor<1x4x17x4xf32>, tensor<6x4xf32>
    %r = posenc.mask %y at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
