// Forgetting Transformer (Lin et al. 2025), x-transformers: the sum of the logarithms of gates between key and query.
// FIXTURE: x_transformers_forgetting
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x13x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %gates: tensor<1x2x13xf32>) -> !q {
  %c = posenc.decay_gate %gates : tensor<1x2x13xf32> -> tensor<1x2x13xf32>
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %less = arith.constant -1.0 : f32
    %x = posenc.bias_dense %s, %c[%b, %h, %m] : tensor<1x2x13xf32>
    %y = posenc.bias_dense %x, %c[%b, %h, %n] weight(%less) : tensor<1x2x13xf32>
    %r = posenc.mask %y at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
